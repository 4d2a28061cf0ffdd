#pragma once
// JSON bodies. Topics whose queues are spread over brokers by a mapping: 513, 351, registration.
// How structs become JSON: protocol/json.h and docs/protocol/json.md.

#include "protocol/json.h"

namespace ogive::protocol {

/// A piece of a logical queue that lives in one physical queue.
struct LogicQueueMappingItem {
  std::int32_t gen = 0;
  std::int32_t queue_id = 0;
  std::string bname;
  std::int64_t logic_offset = 0;
  std::int64_t start_offset = 0;
  std::int64_t end_offset = -1;  ///<  Exclusive; -1 while open.
  std::int64_t time_of_start = -1;
  std::int64_t time_of_end = -1;

  bool operator==(const LogicQueueMappingItem&) const = default;
};
BOOST_DESCRIBE_STRUCT(LogicQueueMappingItem, (),
                      (gen, queue_id, bname, logic_offset, start_offset, end_offset, time_of_start, time_of_end))

/// What routes carry of a mapping.
struct TopicQueueMappingInfo {
  std::string topic;
  std::string scope = "__global__";
  std::int32_t total_queues = 0;
  std::string bname;
  std::int64_t epoch = 0;
  bool dirty = false;
  std::map<std::int32_t, std::int32_t> curr_id_map;  ///<  Logical to physical queue id.

  bool operator==(const TopicQueueMappingInfo&) const = default;
};
BOOST_DESCRIBE_STRUCT(TopicQueueMappingInfo, (), (topic, scope, total_queues, bname, epoch, dirty, curr_id_map))

/// The whole mapping of a topic on a broker.
struct TopicQueueMappingDetail : TopicQueueMappingInfo {
  std::map<std::int32_t, std::vector<LogicQueueMappingItem>> hosted_queues;

  bool operator==(const TopicQueueMappingDetail&) const = default;
};
BOOST_DESCRIBE_STRUCT(TopicQueueMappingDetail, (TopicQueueMappingInfo), (hosted_queues))

}  // namespace ogive::protocol
