#pragma once
// config/ogiveUntoldOffsets.json of a slave. How structs become JSON: protocol/json.h and docs/protocol/json.md.

#include "protocol/json.h"

namespace ogive::protocol {

/// An offset that consumers committed at a slave and that its master has not been told.
struct UntoldOffset {
  std::string topic;
  std::string group;
  std::int32_t queue_id = 0;
  std::int64_t offset = 0;
  std::int64_t masters = 0;  ///< What the master had when it was heard of last; -1: nothing.

  auto operator<=>(const UntoldOffset&) const = default;
};
BOOST_DESCRIBE_STRUCT(UntoldOffset, (), (topic, group, queue_id, offset, masters))

struct UntoldOffsetList {
  std::vector<UntoldOffset> offsets;
};
BOOST_DESCRIBE_STRUCT(UntoldOffsetList, (), (offsets))

}  // namespace ogive::protocol
