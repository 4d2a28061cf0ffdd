#pragma once
// What was deleted on a master: config/ogiveDeletions.json, and the answer to slaves of Ogive (20295).
// How structs become JSON: protocol/json.h and docs/protocol/json.md.

#include "protocol/json.h"

namespace ogive::protocol {

/// One topic or group that somebody deleted.
struct Deletion {
  std::string kind;  ///< "topic" or "group".
  std::string name;
  bool clean_offset = false;  ///< Of a group: its offsets too.
  std::int64_t log_end = 0;   ///< Where the log ended then: what it has behind is of a new one of the same name.
  std::int64_t time_ms = 0;   ///< Wall clock.

  auto operator<=>(const Deletion&) const = default;
};
BOOST_DESCRIBE_STRUCT(Deletion, (), (kind, name, clean_offset, log_end, time_ms))

/// Oldest first.
struct DeletionList {
  std::vector<Deletion> deletions;
};
BOOST_DESCRIBE_STRUCT(DeletionList, (), (deletions))

/// What slaves get, each list oldest first.
struct DeletionAnswer {
  std::vector<Deletion> deletions;
  std::vector<Deletion> made_anew;  ///< There is another of that name now.
};
BOOST_DESCRIBE_STRUCT(DeletionAnswer, (), (deletions, made_anew))

/// Request code by which slaves of Ogive ask for them. RocketMQ has none.
inline constexpr std::int32_t kGetDeletions = 20'295;

}  // namespace ogive::protocol
