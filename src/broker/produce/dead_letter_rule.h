#pragma once
// When a message sent to a retry topic goes to the dead-letter queue instead.

#include <cstdint>
#include <optional>
#include <string_view>

#include "broker/group/group_table.h"
#include "broker/session/queue_locks.h"
#include "remoting/channel.h"

namespace ogive::broker {

/// Thread-safe.
class DeadLetterRule {
 public:
  DeadLetterRule(GroupTable& groups, QueueLocks& locks) : groups_(groups), locks_(locks) {}

  struct Verdict {
    bool dead = false;
    std::string_view group;  ///< View into the topic name.
    std::optional<remoting::Message> refusal;
  };
  /// `topic` begins with %RETRY%. A group that holds queue locks consumes in order: its retries are dead letters at
  /// once.
  Verdict judge(std::string_view topic, std::int32_t reconsume_times, std::optional<std::int32_t> max_reconsume_times);

 private:
  GroupTable& groups_;
  QueueLocks& locks_;
};

}  // namespace ogive::broker
