#pragma once
// One queue of one topic: where its messages are in the log. Format: docs/formats/consume-queue.md.

#include <atomic>
#include <cstdint>
#include <string>

#include "base/strong_int.h"

namespace ogive::store {

/// Part of this class is the broker's business, declared here; the rest belongs to the store.
class ConsumeQueue {
 public:
  const std::string& topic() const;
  QueueId id() const;
  /// First and one-past-last offset that can be read. Any thread.
  QueueOffset min_offset() const;
  QueueOffset max_offset() const;

  /// How many parked long polls wait for this queue: the append path notifies only when it is not zero. Owned by the
  /// broker, kept here so that the check costs nothing.
  std::atomic<std::uint32_t> parked_polls{0};
};

}  // namespace ogive::store
