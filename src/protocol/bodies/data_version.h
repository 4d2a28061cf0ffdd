#pragma once
// JSON bodies. Which version of its metadata a broker holds.
// How structs become JSON: protocol/json.h and docs/protocol/json.md.

#include "protocol/json.h"

namespace ogive::protocol {

/// Two are the same metadata when all members are equal. Times are Unix milliseconds.
struct DataVersion {
  std::int64_t state_version = 0;
  std::int64_t timestamp = 0;
  std::int64_t counter = 0;

  bool operator==(const DataVersion&) const = default;
};
BOOST_DESCRIBE_STRUCT(DataVersion, (), (state_version, timestamp, counter))

}  // namespace ogive::protocol
