#pragma once
// Numbers that one thread counts up and any thread reads: no lock, no locked instruction.

#include <atomic>
#include <cstdint>

namespace ogive::broker {

/// add() and raise() on one thread only.
class Counter {
 public:
  void add(std::uint64_t amount) {
    value_.store(value_.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
  void raise(std::uint64_t at_least) {
    if (value_.load(std::memory_order_relaxed) < at_least) value_.store(at_least, std::memory_order_relaxed);
  }
  std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// What went one way for one topic or group.
struct TrafficCounters {
  Counter times;     ///< Requests.
  Counter messages;  ///< Of all of them.
  Counter bytes;     ///< Stored size of the messages.

  void add(std::uint64_t message_count, std::uint64_t byte_count) {
    times.add(1);
    messages.add(message_count);
    bytes.add(byte_count);
  }
};

}  // namespace ogive::broker
