#pragma once
// JSON bodies. Offsets of queues and groups: 43, 45, 202, 208, 220 to 222, 303, 308, 317.
// How structs become JSON: protocol/json.h and docs/protocol/json.md.

#include "protocol/bodies/data_version.h"
#include "protocol/bodies/message_queue.h"

namespace ogive::protocol {

/// Bounds of a queue.
struct TopicOffset {
  std::int64_t min_offset = 0;
  std::int64_t max_offset = 0;
  std::int64_t last_update_timestamp = 0;

  bool operator==(const TopicOffset&) const = default;
};
BOOST_DESCRIBE_STRUCT(TopicOffset, (), (min_offset, max_offset, last_update_timestamp))

/// GET_TOPIC_STATS_INFO (202).
struct TopicStatsTable {
  std::map<MessageQueue, TopicOffset> offset_table;
  double topic_put_tps = 0;
};
BOOST_DESCRIBE_STRUCT(TopicStatsTable, (), (offset_table, topic_put_tps))

/// A group's progress in a queue.
struct OffsetWrapper {
  std::int64_t broker_offset = 0;
  std::int64_t consumer_offset = 0;
  std::int64_t pull_offset = 0;
  std::int64_t last_timestamp = 0;

  bool operator==(const OffsetWrapper&) const = default;
};
BOOST_DESCRIBE_STRUCT(OffsetWrapper, (), (broker_offset, consumer_offset, pull_offset, last_timestamp))

/// GET_CONSUME_STATS (208).
struct ConsumeStats {
  std::map<MessageQueue, OffsetWrapper> offset_table;
  double consume_tps = 0;
};
BOOST_DESCRIBE_STRUCT(ConsumeStats, (), (offset_table, consume_tps))

/// GET_BROKER_CONSUME_STATS (317).
struct ConsumeStatsList {
  std::vector<std::map<std::string, std::vector<ConsumeStats>>> consume_stats_list;
  std::optional<std::string> broker_addr;
  std::int64_t total_diff = 0;
  std::int64_t total_inflight_diff = 0;
};
BOOST_DESCRIBE_STRUCT(ConsumeStatsList, (), (consume_stats_list, broker_addr, total_diff, total_inflight_diff))

/// GET_ALL_CONSUMER_OFFSET (43). Keys are topic@group, then queue ids. 5.5.0 also sends which topics a group has and
/// how far it pulled.
struct ConsumerOffsetSerializeWrapper {
  std::optional<DataVersion> data_version;
  std::map<std::string, std::map<std::int32_t, std::int64_t>> offset_table;
  std::optional<std::map<std::string, std::map<std::int32_t, std::int64_t>>> pull_offset_table;
  std::optional<std::map<std::string, std::set<std::string>>> group_topic_map;
};
BOOST_DESCRIBE_STRUCT(ConsumerOffsetSerializeWrapper, (),
                      (data_version, offset_table, pull_offset_table, group_topic_map))

/// GET_ALL_DELAY_OFFSET (45) and delayOffset.json, by delay level.
struct DelayOffsetSerializeWrapper {
  DataVersion data_version;
  std::map<std::int32_t, std::int64_t> offset_table;
};
BOOST_DESCRIBE_STRUCT(DelayOffsetSerializeWrapper, (), (data_version, offset_table))

/// Answer to 222 and body of 220.
struct ResetOffsetBody {
  std::map<MessageQueue, std::int64_t> offset_table;
};
BOOST_DESCRIBE_STRUCT(ResetOffsetBody, (), (offset_table))

/// A queue and its offset in the list form for C++ clients.
struct MessageQueueForC {
  std::string topic;
  std::string broker_name;
  std::int32_t queue_id = 0;
  std::int64_t offset = 0;
};
BOOST_DESCRIBE_STRUCT(MessageQueueForC, (), (topic, broker_name, queue_id, offset))

/// The same as ResetOffsetBody for clients that cannot read objects as keys.
struct ResetOffsetBodyForC {
  std::vector<MessageQueueForC> offset_table;
};
BOOST_DESCRIBE_STRUCT(ResetOffsetBodyForC, (), (offset_table))

/// Answer to 221 and, by client id, to 223.
struct GetConsumerStatusBody {
  std::map<MessageQueue, std::int64_t> message_queue_table;
  std::map<std::string, std::map<MessageQueue, std::int64_t>> consumer_table;
};
BOOST_DESCRIBE_STRUCT(GetConsumerStatusBody, (), (message_queue_table, consumer_table))

/// Times around a group's position in a queue.
struct QueueTimeSpan {
  MessageQueue message_queue;
  std::int64_t min_time_stamp = 0;
  std::int64_t max_time_stamp = 0;
  std::int64_t consume_time_stamp = 0;
  std::int64_t delay_time = 0;
};
BOOST_DESCRIBE_STRUCT(QueueTimeSpan, (),
                      (message_queue, min_time_stamp, max_time_stamp, consume_time_stamp, delay_time))

/// QUERY_CONSUME_TIME_SPAN (303).
struct QueryConsumeTimeSpanBody {
  std::vector<QueueTimeSpan> consume_time_span_set;
};
BOOST_DESCRIBE_STRUCT(QueryConsumeTimeSpanBody, (), (consume_time_span_set))

/// QUERY_CORRECTION_OFFSET (308).
struct QueryCorrectionOffsetBody {
  std::map<std::int32_t, std::int64_t> correction_offsets;
};
BOOST_DESCRIBE_STRUCT(QueryCorrectionOffsetBody, (), (correction_offsets))

}  // namespace ogive::protocol
