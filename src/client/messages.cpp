#include "client/messages.h"

#include <fmt/core.h>

#include "message/properties.h"
#include "protocol/codes.h"
#include "protocol/headers/pull.h"
#include "protocol/headers/send.h"

namespace ogive::client {
namespace {

namespace rc = protocol::response_code;

constexpr std::string_view kTemplateTopic = "TBW102";  ///< Settings of automatically created topics come from it.
constexpr std::int32_t kTemplateQueues = 4;

// Bits of a pull's sysFlag.
constexpr std::int32_t kCommitOffset = 1;
constexpr std::int32_t kSuspend = 2;
constexpr std::int32_t kSubscription = 4;

std::optional<SendStatus> send_status(std::int32_t code) {
  switch (code) {
    case rc::kSuccess:
      return SendStatus::kOk;
    case rc::kFlushDiskTimeout:
      return SendStatus::kFlushDiskTimeout;
    case rc::kFlushSlaveTimeout:
      return SendStatus::kFlushSlaveTimeout;
    case rc::kSlaveNotAvailable:
      return SendStatus::kSlaveNotAvailable;
    default:
      return std::nullopt;
  }
}

std::optional<PullStatus> pull_status(std::int32_t code) {
  switch (code) {
    case rc::kSuccess:
      return PullStatus::kFound;
    case rc::kPullNotFound:
      return PullStatus::kNoNewMessage;
    case rc::kPullRetryImmediately:
      return PullStatus::kNoMatchedMessage;
    case rc::kPullOffsetMoved:
      return PullStatus::kOffsetIllegal;
    default:
      return std::nullopt;
  }
}

}  // namespace

std::string_view to_string(SendStatus status) {
  switch (status) {
    case SendStatus::kOk:
      return "SEND_OK";
    case SendStatus::kFlushDiskTimeout:
      return "FLUSH_DISK_TIMEOUT";
    case SendStatus::kFlushSlaveTimeout:
      return "FLUSH_SLAVE_TIMEOUT";
    case SendStatus::kSlaveNotAvailable:
      return "SLAVE_NOT_AVAILABLE";
  }
  return "UNKNOWN";
}

std::string_view to_string(PullStatus status) {
  switch (status) {
    case PullStatus::kFound:
      return "FOUND";
    case PullStatus::kNoNewMessage:
      return "NO_NEW_MSG";
    case PullStatus::kNoMatchedMessage:
      return "NO_MATCHED_MSG";
    case PullStatus::kOffsetIllegal:
      return "OFFSET_ILLEGAL";
  }
  return "UNKNOWN";
}

remoting::Message encode_send(OutgoingMessage& message, UniqueIds& ids, std::int64_t now_ms) {
  if (const auto given = message::find_property(message.properties, message::property::kUniqueKey)) {
    message.unique_id = *given;
  } else {
    message.unique_id = ids.next();
    message::append_property(message.properties, message::property::kUniqueKey, message.unique_id);
  }
  if (!message::find_property(message.properties, message::property::kWait)) {
    message::append_property(message.properties, message::property::kWait, "true");
  }
  protocol::SendMessageRequestHeader header;
  header.producer_group = message.producer_group;
  header.topic = message.topic;
  header.default_topic = kTemplateTopic;
  header.default_topic_queue_nums = kTemplateQueues;
  header.queue_id = message.queue_id;
  header.born_timestamp = now_ms;
  header.flag = message.flag;
  header.properties = message.properties;
  header.reconsume_times = 0;
  header.unit_mode = false;
  header.batch = false;
  return make_request(protocol::request_code::kSendMessage, header, message.body);
}

Result<SendResult> decode_send_reply(const Reply& reply, std::string unique_id) {
  const auto status = send_status(reply.code);
  if (!status) return fail(reply.refusal());
  const auto header = reply.header<protocol::SendMessageResponseHeader>();
  if (!header) return fail(header.error());
  return SendResult{*status, std::move(unique_id), std::string(header->msg_id), header->queue_id, header->queue_offset};
}

remoting::Message encode_pull(const PullRequest& request) {
  protocol::PullMessageRequestHeader header;
  header.consumer_group = request.consumer_group;
  header.topic = request.topic;
  header.queue_id = request.queue_id;
  header.queue_offset = request.offset;
  header.max_msg_nums = request.max_messages;
  header.sys_flag =
      kSubscription | (request.wait.count() > 0 ? kSuspend : 0) | (request.commit_offset ? kCommitOffset : 0);
  header.commit_offset = request.commit_offset.value_or(0);
  header.suspend_timeout_millis = request.wait.count();
  header.subscription = request.expression;
  header.expression_type = "TAG";
  return make_request(protocol::request_code::kPullMessage, header);
}

Result<PullResult> decode_pull_reply(Reply reply) {
  const auto status = pull_status(reply.code);
  if (!status) return fail(reply.refusal());
  const auto header = reply.header<protocol::PullMessageResponseHeader>();
  if (!header) return fail(header.error());
  return PullResult{*status,
                    header->next_begin_offset,
                    header->min_offset,
                    header->max_offset,
                    header->suggest_which_broker_id,
                    std::move(reply.body)};
}

Result<std::vector<message::RecordView>> PullResult::records() const {
  std::vector<message::RecordView> found;
  ByteView rest = as_bytes(bytes);
  while (!rest.empty()) {
    auto record = message::decode_record(rest);
    if (!record) {
      return fail(record.error().code(),
                  fmt::format("record {} of the pulled ones: {}", found.size(), record.error().message()));
    }
    rest = rest.subspan(static_cast<std::size_t>(record->size));
    found.push_back(*record);
  }
  return found;
}

}  // namespace ogive::client
