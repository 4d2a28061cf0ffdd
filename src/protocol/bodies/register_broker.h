#pragma once
// JSON bodies. REGISTER_BROKER (103).
// How structs become JSON: protocol/json.h and docs/protocol/json.md.

#include "protocol/bodies/topic_config.h"

namespace ogive::protocol {

/// All that a broker tells the name server.
struct RegisterBrokerBody {
  TopicConfigAndMappingSerializeWrapper topic_config_serialize_wrapper;
  std::vector<std::string> filter_server_list;
};
BOOST_DESCRIBE_STRUCT(RegisterBrokerBody, (), (topic_config_serialize_wrapper, filter_server_list))

/// What a compressed registration may grow to.
inline constexpr std::size_t kMaxInflatedRegistrationBytes = 64u << 20;

/// Reads a registration in the form that the header's `compressed` and the frame's version announce: JSON of the whole
/// body; compressed; or, from brokers older than 3.0.11, JSON of the topics alone. An empty body is an empty
/// registration.
Result<RegisterBrokerBody> decode_registration(ByteView body, bool compressed, std::int32_t version);
/// Writes the compressed form (zlib over length-prefixed parts, with queue mappings as versions from 5.0.0 expect
/// them).
std::string encode_compressed_registration(const RegisterBrokerBody& body);
/// The parts before compression. kCorrupt names the part that exceeds the body.
Result<RegisterBrokerBody> decode_inflated_registration(ByteView parts, std::int32_t version);

}  // namespace ogive::protocol
