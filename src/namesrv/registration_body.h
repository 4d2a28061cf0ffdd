#pragma once
// What brokers send along with registrations, made safe to use: checked names, bounded sizes.

#include <map>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"
#include "namesrv/route_types.h"

namespace ogive::namesrv {

/// Largest registration after decompression.
inline constexpr std::size_t kMaxInflatedRegistration = 64u << 20;

/// Reads a REGISTER_BROKER body into version, topics, mappings and filter servers of `registration`. `peer_version` is
/// the frame's: brokers before 3.0.11 send the bare topic table. Topics with names that are not allowed are left out
/// and logged; kCorrupt names what cannot be read.
Status decode_registration(ByteView body, bool compressed, std::int32_t peer_version, Registration& registration);

/// Queue data by broker name from the TopicRouteData of REGISTER_TOPIC_IN_NAMESRV.
Result<std::map<std::string, QueueData>> decode_topic_queues(std::string_view body);

Result<DataVersion> decode_data_version(std::string_view body);
std::string encode_data_version(const DataVersion& version);

}  // namespace ogive::namesrv
