#pragma once
// The simulated world's pending events: a binary heap of small entries over a pool of task slots.

#include <cstdint>
#include <optional>
#include <vector>

#include "io/executor.h"

namespace ogive::sim {

class SimExecutor;

/// Tasks, each owned by an executor (or by the world: null), run at a virtual time or merely held until taken. Ordered
/// by (time, order of scheduling). A cancelled task is destroyed at once; its heap entry is skipped later.
class EventHeap {
 public:
  /// Names one task; never 0, never reused for another task (32 bits of generation per slot).
  using Id = std::uint64_t;

  /// Holds `task` until take() or drop().
  Id add(SimExecutor* owner, io::Task task);
  /// Lets pop() yield a held task once its time has come.
  void schedule(Id id, std::int64_t at_ns);
  bool live(Id id) const;
  /// Owner of a live task.
  SimExecutor* owner(Id id) const { return slots_[slot_of(id)].owner; }
  /// Hands a task out and forgets it; empty when it was dropped.
  io::Task take(Id id);
  /// Destroys a task; unknown ids are ignored.
  void drop(Id id) { io::Task dead = take(id); }
  void drop_all_of(const SimExecutor* owner);
  void clear();

  /// Time of the earliest scheduled live task.
  std::optional<std::int64_t> next_time();
  /// The earliest scheduled live task, which stays held. next_time() must have a value.
  Id pop();

 private:
  struct Slot {
    io::Task task;
    SimExecutor* owner = nullptr;
    std::uint32_t generation = 0;
    bool used = false;
    bool scheduled = false;
  };
  struct Entry {
    std::int64_t at_ns;
    std::uint64_t sequence;
    Id id;
    bool operator>(const Entry& other) const {
      return at_ns != other.at_ns ? at_ns > other.at_ns : sequence > other.sequence;
    }
  };
  static std::size_t slot_of(Id id) { return static_cast<std::size_t>(id & 0xffffffffU) - 1; }
  void skip_dropped();
  void compact();

  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
  std::vector<Entry> heap_;
  std::uint64_t sequence_ = 0;
  std::size_t dropped_ = 0;  ///< Heap entries whose task is gone.
};

}  // namespace ogive::sim
