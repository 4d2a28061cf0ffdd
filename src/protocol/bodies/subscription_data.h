#pragma once
// JSON bodies. What a consumer group wants of a topic.
// How structs become JSON: protocol/json.h and docs/protocol/json.md.

#include "protocol/json.h"

namespace ogive::protocol {

/// One subscription as clients send it.
struct SubscriptionData {
  bool class_filter_mode = false;
  std::string topic;
  std::string sub_string;
  std::vector<std::string> tags_set;
  std::vector<std::int32_t> code_set;   ///<  Java string hashes of the tags.
  std::int64_t sub_version = 0;         ///<  Unix milliseconds at the client.
  std::string expression_type = "TAG";  ///<  TAG or SQL92.

  bool operator==(const SubscriptionData&) const = default;
};
BOOST_DESCRIBE_STRUCT(SubscriptionData, (),
                      (class_filter_mode, topic, sub_string, tags_set, code_set, sub_version, expression_type))

}  // namespace ogive::protocol
