#pragma once
// Release numbers of peers as people read them.

#include <cstdint>
#include <string>

namespace ogive::protocol {

/// "V5_5_0" for 513, "V5_5_1_SNAPSHOT" for 514 and so on: position in RocketMQ's list of releases, in which every
/// release is preceded by its snapshot. Numbers behind the list are "HIGHER_VERSION", negative ones "UNKNOWN".
std::string version_name(std::int32_t version);

}  // namespace ogive::protocol
