#pragma once
// JSON bodies. What consumers tell of themselves: 307, 309.
// How structs become JSON: protocol/json.h and docs/protocol/json.md.

#include "protocol/bodies/message_queue.h"
#include "protocol/bodies/subscription_data.h"

namespace ogive::protocol {

/// A queue at a push consumer. Times are Unix milliseconds.
struct ProcessQueueInfo {
  std::int64_t commit_offset = 0;
  std::int64_t cached_msg_min_offset = 0;
  std::int64_t cached_msg_max_offset = 0;
  std::int32_t cached_msg_count = 0;
  std::int32_t cached_msg_size_in_mib = 0;
  std::int64_t transaction_msg_min_offset = 0;
  std::int64_t transaction_msg_max_offset = 0;
  std::int32_t transaction_msg_count = 0;
  bool locked = false;
  std::int64_t try_unlock_times = 0;
  std::int64_t last_lock_timestamp = 0;
  bool dropped = false;
  std::int64_t last_pull_timestamp = 0;
  std::int64_t last_consume_timestamp = 0;

  static constexpr NameOverride kWireNames[] = {{"cached_msg_size_in_mib", "cachedMsgSizeInMiB"},
                                                {"dropped", "droped"}};
};
BOOST_DESCRIBE_STRUCT(ProcessQueueInfo, (),
                      (commit_offset, cached_msg_min_offset, cached_msg_max_offset, cached_msg_count,
                       cached_msg_size_in_mib, transaction_msg_min_offset, transaction_msg_max_offset,
                       transaction_msg_count, locked, try_unlock_times, last_lock_timestamp, dropped,
                       last_pull_timestamp, last_consume_timestamp))

/// A queue at a pop consumer.
struct PopProcessQueueInfo {
  std::int32_t wait_ack_count = 0;
  bool dropped = false;
  std::int64_t last_pop_timestamp = 0;

  static constexpr NameOverride kWireNames[] = {{"dropped", "droped"}};
};
BOOST_DESCRIBE_STRUCT(PopProcessQueueInfo, (), (wait_ack_count, dropped, last_pop_timestamp))

/// Rates of a topic.
struct ConsumeStatus {
  double pull_rt = 0;
  double pull_tps = 0;
  double consume_rt = 0;
  double consume_ok_tps = 0;
  double consume_failed_tps = 0;
  std::int64_t consume_failed_msgs = 0;

  static constexpr NameOverride kWireNames[] = {{"pull_rt", "pullRT"},
                                                {"pull_tps", "pullTPS"},
                                                {"consume_rt", "consumeRT"},
                                                {"consume_ok_tps", "consumeOKTPS"},
                                                {"consume_failed_tps", "consumeFailedTPS"}};
};
BOOST_DESCRIBE_STRUCT(ConsumeStatus, (),
                      (pull_rt, pull_tps, consume_rt, consume_ok_tps, consume_failed_tps, consume_failed_msgs))

/// GET_CONSUMER_RUNNING_INFO (307). Values of properties are texts whatever the client wrote.
struct ConsumerRunningInfo {
  std::map<std::string, std::string> properties;
  std::vector<SubscriptionData> subscription_set;
  std::map<MessageQueue, ProcessQueueInfo> mq_table;
  std::map<MessageQueue, PopProcessQueueInfo> mq_pop_table;
  std::map<std::string, ConsumeStatus> status_table;
  std::map<std::string, std::string> user_consumer_info;
  std::optional<std::string> jstack;
};
BOOST_DESCRIBE_STRUCT(ConsumerRunningInfo, (),
                      (properties, subscription_set, mq_table, mq_pop_table, status_table, user_consumer_info, jstack))

/// How a message handed over by hand went.
enum class ConsumeResult : std::uint8_t { kSuccess, kLater, kRollback, kCommit, kThrowException, kReturnNull };
template <>
inline constexpr std::array<std::string_view, 6> kEnumNames<ConsumeResult> = {
    "CR_SUCCESS", "CR_LATER", "CR_ROLLBACK", "CR_COMMIT", "CR_THROW_EXCEPTION", "CR_RETURN_NULL"};

/// CONSUME_MESSAGE_DIRECTLY (309).
struct ConsumeMessageDirectlyResult {
  bool order = false;
  bool auto_commit = true;
  std::optional<ConsumeResult> consume_result;
  std::optional<std::string> remark;
  std::int64_t spent_time_mills = 0;
};
BOOST_DESCRIBE_STRUCT(ConsumeMessageDirectlyResult, (), (order, auto_commit, consume_result, remark, spent_time_mills))

}  // namespace ogive::protocol
