#include <fmt/core.h>

#include <algorithm>

#include "broker/handlers/answers.h"
#include "broker/handlers/queue/queue_handlers.h"
#include "protocol/headers/pull.h"

namespace ogive::broker::handlers {
namespace {

// defaultQueryMaxNum and maxMsgsNumBatch of RocketMQ: what a reply holds at most.
constexpr std::int32_t kMaxOfUniqueKey = 32;
constexpr std::int32_t kMaxOfKey = 64;

std::string_view raw_field(const Request& request, std::string_view name) {
  for (const auto& field : request.frame.fields) {
    if (field.name == name) return field.value;
  }
  return {};
}

store::KeyQuery to_query(const protocol::QueryMessageRequestHeader& header, const Request& request) {
  const bool unique = raw_field(request, "_UNIQUE_KEY_QUERY") == "true";
  store::KeyQuery query;
  query.topic = header.topic;
  query.key = header.key;
  query.kind = raw_field(request, "indexType") == "T" ? store::KeyKind::kTag : store::KeyKind::kKey;
  query.begin_ms = header.begin_timestamp;
  query.end_ms = header.end_timestamp;
  query.max_messages =
      static_cast<std::size_t>(unique ? kMaxOfUniqueKey : std::clamp<std::int32_t>(header.max_num, 0, kMaxOfKey));
  return query;
}

Message answer(const QueuePorts& ports, const protocol::QueryMessageRequestHeader& header, const Request& request) {
  auto found = ports.store.find_by_key(to_query(header, request));
  if (!found) return Message(code::kSystemError, found.error().message());
  std::string coverage;
  if (!found->complete) {
    coverage = fmt::format("the index is being made anew and covers physical offsets {} to {} so far",
                           found->covered_from.value(), found->covered_to.value());
  } else if (found->covered_from.value() > 0 && header.begin_timestamp < found->covered_from_ms) {
    coverage = fmt::format("messages are kept, and indexed, from store time {} on", found->covered_from_ms);
  }
  Message message(code::kSuccess, coverage);
  if (found->records.empty()) {
    message = Message(code::kQueryNotFound, coverage.empty() ? "can not find message, maybe time range not correct"
                                                             : "can not find message: " + coverage);
  }
  message.field("indexLastUpdateTimestamp", found->newest_store_time_ms);
  message.field("indexLastUpdatePhyoffset", found->newest_offset.value());
  // Only when there was more than can be found.
  if (found->covered_from.value() > 0 || !found->complete) {
    message.field("indexCoversFromTimestamp", found->covered_from_ms);
  }
  for (const auto& record : found->records) message.body += as_chars(record);
  return message;
}

}  // namespace

HandlerRow query_message(const QueuePorts& ports) {
  return {request_code::kQueryMessage,
          "QUERY_MESSAGE",
          Lane::kBlocking,
          with_header<protocol::QueryMessageRequestHeader>(
              [ports](const protocol::QueryMessageRequestHeader& header, const Request& request) {
                return answer(ports, header, request);
              }),
          "clients",
          "the stored records of `topic` with `key`, newest first; `indexType` T asks for a tag; "
          "`indexCoversFromTimestamp` tells from which store time on messages are found, when some are not"};
}

}  // namespace ogive::broker::handlers
