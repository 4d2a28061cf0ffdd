// Offsets of groups and bounds of queues: 14, 15, 29, 30, 31, 32, and a message by its place: 33.

#include <fmt/core.h>

#include "broker/handlers/metadata_handlers.h"
#include "protocol/codes.h"
#include "protocol/headers/offset.h"
#include "protocol/headers/pull.h"
#include "store/queue/consume_queue.h"

namespace ogive::broker {
namespace {

namespace code = protocol::response_code;
using remoting::Lane;
using remoting::Message;
using remoting::Request;

Message with_offset(std::int64_t offset) {
  Message answer(code::kSuccess);
  answer.field("offset", offset);
  return answer;
}

Message query_consumer_offset(const OffsetPorts& ports, const Request& request) {
  auto header = protocol::decode_header<protocol::QueryConsumerOffsetRequestHeader>(request.frame);
  if (!header) return Message(code::kSystemError, header.error().message());
  const std::int64_t offset = ports.offsets.committed(header->consumer_group, header->topic, header->queue_id);
  if (offset >= 0) return with_offset(offset);
  const auto* queue = ports.store.find_queue(header->topic, QueueId(header->queue_id));
  const std::int64_t min = queue == nullptr ? 0 : queue->min_offset().value();
  if (!header->set_zero_if_not_found.value_or(true)) {
    return Message(code::kQueryNotFound, "Not found, do not set to zero, maybe this group boot first");
  }
  // A new group on a queue whose beginning is still there starts at the beginning.
  if (min <= 0) return with_offset(0);
  return Message(code::kQueryNotFound, "Not found, maybe this group consumer boot first");
}

Message update_consumer_offset(const OffsetPorts& ports, const Request& request) {
  auto header = protocol::decode_header<protocol::UpdateConsumerOffsetRequestHeader>(request.frame);
  if (!header) return Message(code::kSystemError, header.error().message());
  if (!ports.groups.find(header->consumer_group)) {
    return Message(code::kSubscriptionGroupNotExist, fmt::format("Group {} not exist!", header->consumer_group));
  }
  if (!ports.topics.find(header->topic)) {
    return Message(code::kTopicNotExist, fmt::format("Topic {} not exist!", header->topic));
  }
  ports.offsets.commit(header->consumer_group, header->topic, header->queue_id, header->commit_offset);
  return Message(code::kSuccess);
}

Message max_offset(const OffsetPorts& ports, const Request& request) {
  auto header = protocol::decode_header<protocol::GetMaxOffsetRequestHeader>(request.frame);
  if (!header) return Message(code::kSystemError, header.error().message());
  const auto* queue = ports.store.find_queue(header->topic, QueueId(header->queue_id));
  return with_offset(queue == nullptr ? 0 : queue->max_offset().value());
}

Message min_offset(const OffsetPorts& ports, const Request& request) {
  auto header = protocol::decode_header<protocol::GetMinOffsetRequestHeader>(request.frame);
  if (!header) return Message(code::kSystemError, header.error().message());
  const auto* queue = ports.store.find_queue(header->topic, QueueId(header->queue_id));
  return with_offset(queue == nullptr ? 0 : queue->min_offset().value());
}

Message search_offset(const OffsetPorts& ports, const Request& request) {
  auto header = protocol::decode_header<protocol::SearchOffsetRequestHeader>(request.frame);
  if (!header) return Message(code::kSystemError, header.error().message());
  auto* queue = ports.store.find_queue(header->topic, QueueId(header->queue_id));
  if (queue == nullptr) return with_offset(0);
  const std::string_view boundary = header->boundary_type.value_or("LOWER");
  auto offset = ports.store.offset_by_time(*queue, header->timestamp, boundary == "UPPER" || boundary == "upper");
  return offset ? with_offset(offset->value()) : Message(code::kSystemError, offset.error().message());
}

Message earliest_store_time(const OffsetPorts& ports, const Request& request) {
  auto header = protocol::decode_header<protocol::GetEarliestMsgStoretimeRequestHeader>(request.frame);
  if (!header) return Message(code::kSystemError, header.error().message());
  std::int64_t timestamp = -1;
  if (auto* queue = ports.store.find_queue(header->topic, QueueId(header->queue_id))) {
    timestamp = ports.store.store_time(*queue, queue->min_offset()).value_or(-1);
  }
  Message answer(code::kSuccess);
  answer.field("timestamp", timestamp);
  return answer;
}

Message view_message(const OffsetPorts& ports, const Request& request) {
  auto header = protocol::decode_header<protocol::ViewMessageRequestHeader>(request.frame);
  if (!header) return Message(code::kSystemError, header.error().message());
  auto record = ports.store.read_record(PhysicalOffset(header->offset));
  if (!record) {
    return Message(code::kSystemError,
                   fmt::format("can not find message by the offset, {}: {}", header->offset, record.error().message()));
  }
  Message answer(code::kSuccess);
  answer.body = as_chars(*record);
  return answer;
}

}  // namespace

void add_offset_handlers(remoting::HandlerTable& table, const OffsetPorts& ports) {
  namespace request = protocol::request_code;
  const auto add = [&](std::int32_t number, std::string_view name, Lane lane,
                       Message (*handler)(const OffsetPorts&, const Request&)) {
    table.add({number, name, lane, remoting::Answer([ports, handler](const Request& r) { return handler(ports, r); })});
  };
  add(request::kQueryConsumerOffset, "QUERY_CONSUMER_OFFSET", Lane::kReactor, query_consumer_offset);
  add(request::kUpdateConsumerOffset, "UPDATE_CONSUMER_OFFSET", Lane::kReactor, update_consumer_offset);
  add(request::kGetMaxOffset, "GET_MAX_OFFSET", Lane::kReactor, max_offset);
  add(request::kGetMinOffset, "GET_MIN_OFFSET", Lane::kReactor, min_offset);
  add(request::kSearchOffsetByTimestamp, "SEARCH_OFFSET_BY_TIMESTAMP", Lane::kBlocking, search_offset);
  add(request::kGetEarliestMsgStoretime, "GET_EARLIEST_MSG_STORETIME", Lane::kBlocking, earliest_store_time);
  add(request::kViewMessageById, "VIEW_MESSAGE_BY_ID", Lane::kBlocking, view_message);
}

}  // namespace ogive::broker
