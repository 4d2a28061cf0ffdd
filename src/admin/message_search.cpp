// Finding messages by their ids (33, 12).
#include <fmt/core.h>

#include <algorithm>

#include "admin/brokers.h"
#include "admin/message_details.h"
#include "message/properties.h"
#include "protocol/codes.h"
#include "protocol/headers/pull.h"

namespace ogive::admin {

namespace code = protocol::request_code;
using client::make_request;

namespace {

constexpr std::int32_t kMostWithOneKey = 32;

}  // namespace

std::unexpected<Error> no_message_with_key() {
  return fail(Errc::kNotFound, "CODE: 208  DESC: query message by key finished, but no message.");
}

Result<std::vector<MessageView>> query_messages(Cluster& cluster, std::string_view route_topic,
                                                const remoting::Message& request,
                                                const std::function<bool(const message::RecordView&)>& is_meant) {
  const auto addresses = topic_addresses(cluster, route_topic);
  if (!addresses) return fail(addresses.error());
  std::vector<MessageView> found;
  for (const std::string& address : *addresses) {
    const auto reply = cluster.call(address, request);
    if (!reply) return fail(reply.error());
    if (reply->code == protocol::response_code::kQueryNotFound) continue;
    if (!reply->ok()) return fail(reply->refusal());
    client::PullResult records;
    records.bytes = reply->body;
    const auto read = records.records();
    if (!read) return fail(read.error());
    for (const message::RecordView& record : *read) {
      if (!is_meant(record)) continue;
      auto view = view_of(record, "");
      if (!view) return fail(std::move(view).error());
      found.push_back(std::move(*view));
    }
  }
  return found;
}

Result<MessageView> message_at(Cluster& cluster, std::string_view topic, const message::RecordPlace& place) {
  protocol::ViewMessageRequestHeader header;
  header.topic = topic;
  header.offset = place.physical_offset;
  const auto reply = cluster.ask(place.store_host.to_string(), make_request(code::kViewMessageById, header));
  if (!reply) return fail(reply.error());
  const auto record = message::decode_record(as_bytes(reply->body));
  if (!record) return fail(record.error());
  return view_of(*record, "");
}

Result<std::vector<MessageView>> messages_by_unique_key(Cluster& cluster, std::string_view route_topic,
                                                        std::string_view topic, std::string_view unique_key,
                                                        std::int64_t begin_ms, std::int64_t end_ms) {
  auto request = make_request(
      code::kQueryMessage, protocol::QueryMessageRequestHeader{topic, unique_key, kMostWithOneKey, begin_ms, end_ms});
  request.field("_UNIQUE_KEY_QUERY", true);
  request.field("indexType", "U");
  auto found = query_messages(cluster, route_topic, request, [unique_key](const message::RecordView& record) {
    return message::find_property(record.properties, message::property::kUniqueKey) == unique_key;
  });
  if (!found) return found;
  if (found->empty()) return no_message_with_key();
  std::ranges::stable_sort(*found, {}, &MessageView::stored_ms);
  return found;
}

Result<MessageView> message_by_id(Cluster& cluster, std::string_view route_topic, std::string_view topic,
                                  std::string_view id) {
  // Both kinds of id are hex of the same length; an address that was never a broker's tells them apart.
  if (const auto place = message::parse_offset_message_id(id)) {
    const auto info = cluster.info();
    if (!info) return fail(info.error());
    if (broker_name_at(*info, place->store_host.to_string())) {
      auto found = message_at(cluster, topic, *place);
      if (found) return found;
    }
  }
  constexpr std::int64_t kForever = INT64_MAX;
  auto found = messages_by_unique_key(cluster, route_topic, topic, id, 0, kForever);
  if (!found) return fail(std::move(found).error());
  return std::move(found->front());
}

}  // namespace ogive::admin
