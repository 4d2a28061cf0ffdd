#pragma once
// Which topic and group names are allowed, which have a meaning of their own. The only gate between a peer's text and a
// path: what passes has no separator, no dot and a bounded length.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ogive::broker {

inline constexpr std::size_t kMaxTopicNameBytes = 127;
inline constexpr std::size_t kMaxGroupNameBytes = 120;
inline constexpr std::size_t kMaxRetryTopicNameBytes = 255;  ///< %RETRY%… and %DLQ%…

inline constexpr std::string_view kRetryPrefix = "%RETRY%";
inline constexpr std::string_view kDlqPrefix = "%DLQ%";
inline constexpr std::string_view kLmqPrefix = "%LMQ%";
inline constexpr std::string_view kSystemTopicPrefix = "rmq_sys_";
inline constexpr std::string_view kSystemGroupPrefix = "CID_RMQ_SYS_";

namespace system_topic {
inline constexpr std::string_view kAutoCreate = "TBW102";
inline constexpr std::string_view kSchedule = "SCHEDULE_TOPIC_XXXX";
inline constexpr std::string_view kBenchmark = "BenchmarkTest";
inline constexpr std::string_view kTransactionHalf = "RMQ_SYS_TRANS_HALF_TOPIC";
inline constexpr std::string_view kTransactionOp = "RMQ_SYS_TRANS_OP_HALF_TOPIC";
inline constexpr std::string_view kTransactionCheckMaxTime = "TRANS_CHECK_MAX_TIME_TOPIC";
inline constexpr std::string_view kTrace = "RMQ_SYS_TRACE_TOPIC";
inline constexpr std::string_view kSelfTest = "SELF_TEST_TOPIC";
inline constexpr std::string_view kOffsetMoved = "OFFSET_MOVED_EVENT";
inline constexpr std::string_view kRocksdbCheckpoint = "CHECKPOINT_TOPIC";
inline constexpr std::string_view kTimerWheel = "rmq_sys_wheel_timer";
inline constexpr std::string_view kReplyPostfix = "REPLY_TOPIC";
inline constexpr std::string_view kRevivePrefix = "rmq_sys_REVIVE_LOG_";
inline constexpr std::string_view kSyncBrokerMemberPrefix = "rmq_sys_SYNC_BROKER_MEMBER_";
}  // namespace system_topic

/// Why the name is refused, as the original words it; nothing when it is good. Length is counted in bytes.
std::optional<std::string> topic_name_error(std::string_view name);
std::optional<std::string> group_name_error(std::string_view name);

/// Topics that clients must not write to (schedule, half, op, …).
bool sending_forbidden(std::string_view topic);
/// Topics that every broker has, without the ones named after cluster and broker (TopicTable::is_system_topic adds
/// them).
bool is_builtin_system_topic(std::string_view topic);
const std::vector<std::string_view>& builtin_system_topics();

/// Groups that the system itself uses; they are created whatever the auto-creation switch says.
bool is_system_group(std::string_view group);

std::string retry_topic(std::string_view group);
std::string dlq_topic(std::string_view group);
inline bool is_retry_topic(std::string_view topic) {
  return topic.starts_with(kRetryPrefix);
}
inline bool is_dlq_topic(std::string_view topic) {
  return topic.starts_with(kDlqPrefix);
}

/// Permission bits of topics and brokers.
namespace permission {
inline constexpr std::int32_t kInherit = 1;
inline constexpr std::int32_t kWrite = 2;
inline constexpr std::int32_t kRead = 4;
inline constexpr std::int32_t kPriority = 8;
inline constexpr std::int32_t kReadWrite = kRead | kWrite;
constexpr bool readable(std::int32_t perm) {
  return (perm & kRead) != 0;
}
constexpr bool writable(std::int32_t perm) {
  return (perm & kWrite) != 0;
}
constexpr bool inherited(std::int32_t perm) {
  return (perm & kInherit) != 0;
}
/// What a topic may be given: 0 to 7.
constexpr bool valid(std::int32_t perm) {
  return perm >= 0 && perm < kPriority;
}
}  // namespace permission

}  // namespace ogive::broker
