#pragma once
// Topics that are in the table and not yet in topics.json: a message of such a topic must not be acknowledged, because
// after a crash nobody could read it.

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/string_map.h"
#include "io/executor.h"

namespace ogive::broker {

/// Thread-safe. A change gets a number; a save settles every change up to the number it was begun with.
class UnsavedTopics {
 public:
  using Waiter = std::move_only_function<void(const Status&)>;

  /// One load: what every send asks.
  bool none() const { return count_.load(std::memory_order_acquire) == 0; }
  bool contains(std::string_view topic) const;
  /// Notes that `topic` changed.
  void add(std::string_view topic);
  /// The number of the newest change.
  std::uint64_t latest() const;
  /// A save of all changes up to `number` ended so: topics are saved, and waiters told; a failure is told to those who
  /// wait by now and leaves the topics unsaved.
  void settle(std::uint64_t number, const Status& status);
  /// `waiter` runs on `executor`: at once posted when the topic is saved, else when its next save ends. True when that
  /// save must be asked for, because the last one failed.
  bool wait(std::string_view topic, io::Executor& executor, Waiter waiter);

 private:
  struct Waiting {
    std::string topic;
    io::Executor* executor;
    Waiter waiter;
  };
  mutable std::mutex mutex_;
  std::atomic<std::size_t> count_{0};
  std::uint64_t latest_ = 0;
  bool failed_ = false;  ///< The last save failed.
  StringMap<std::uint64_t> changes_;
  std::vector<Waiting> waiting_;
};

}  // namespace ogive::broker
