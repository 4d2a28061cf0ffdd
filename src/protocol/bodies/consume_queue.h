#pragma once
// JSON bodies. QUERY_CONSUME_QUEUE (321).
// How structs become JSON: protocol/json.h and docs/protocol/json.md.

#include "protocol/bodies/subscription_data.h"

namespace ogive::protocol {

/// One entry.
struct ConsumeQueueData {
  std::int64_t physic_offset = 0;
  std::int32_t physic_size = 0;
  std::int64_t tags_code = 0;
  std::optional<std::string> extend_data_json;
  std::optional<std::string> bit_map;
  bool eval = false;
  std::optional<std::string> msg;
};
BOOST_DESCRIBE_STRUCT(ConsumeQueueData, (),
                      (physic_offset, physic_size, tags_code, extend_data_json, bit_map, eval, msg))

/// The answer.
struct QueryConsumeQueueResponseBody {
  std::optional<SubscriptionData> subscription_data;
  std::optional<std::string> filter_data;
  std::vector<ConsumeQueueData> queue_data;
  std::int64_t max_queue_index = 0;
  std::int64_t min_queue_index = 0;
};
BOOST_DESCRIBE_STRUCT(QueryConsumeQueueResponseBody, (),
                      (subscription_data, filter_data, queue_data, max_queue_index, min_queue_index))

}  // namespace ogive::protocol
