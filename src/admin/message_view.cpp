#include "admin/message_view.h"

#include <algorithm>
#include <sstream>

#include "admin/hash_order.h"
#include "admin/print.h"
#include "admin/text.h"
#include "message/properties.h"

namespace ogive::admin {
namespace {

constexpr std::size_t kPropertyBuckets = 128;  ///< Of the original's table of properties.

/// "[112, 111]": bytes as Java prints them, signed.
std::string bytes_text(std::string_view bytes) {
  std::string text = "[";
  for (const char byte : bytes) {
    if (text.size() > 1) text += ", ";
    text += std::to_string(static_cast<int>(static_cast<signed char>(byte)));
  }
  return text + "]";
}

bool has_tag(const MessageView& message, const std::vector<std::string>& tags) {
  return tags.empty() || std::ranges::find(tags, message.property(message::property::kTags)) != tags.end();
}

/// The tags of "a || b"; empty for all.
std::vector<std::string> tags_of(const std::string& expression) {
  std::vector<std::string> tags;
  std::string_view rest = expression;
  while (!rest.empty()) {
    const std::size_t end = rest.find("||");
    const std::string_view tag = trimmed(rest.substr(0, end));
    if (tag == "*") return {};
    if (!tag.empty()) tags.emplace_back(tag);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 2);
  }
  return tags;
}

}  // namespace

std::string MessageView::property(std::string_view name) const {
  const auto found = std::ranges::find_if(properties, [&](const auto& entry) { return entry.first == name; });
  return found == properties.end() ? std::string() : found->second;
}

std::string MessageView::offset_id() const {
  return std::string(message::OffsetMessageId(store_host, physical_offset).text());
}

std::string MessageView::id() const {
  const std::string unique = property(message::property::kUniqueKey);
  return unique.empty() ? offset_id() : unique;
}

std::string MessageView::properties_text() const {
  std::string text;
  for (const auto& [name, value] :
       in_java_order(properties, &std::pair<std::string, std::string>::first, kPropertyBuckets)) {
    text += fmt::format("{}{}={}", text.empty() ? "" : ", ", name, value);
  }
  return "{" + text + "}";
}

std::string MessageView::text() const {
  return fmt::format(
      "MessageExt [brokerName={}, queueId={}, storeSize={}, queueOffset={}, sysFlag={}, bornTimestamp={}, "
      "bornHost=/{}, storeTimestamp={}, storeHost=/{}, msgId={}, commitLogOffset={}, bodyCRC={}, reconsumeTimes={}, "
      "preparedTransactionOffset={}, toString()=Message{{topic='{}', flag={}, properties={}, body={}, "
      "transactionId='null'}}]",
      broker_name, queue_id, store_size, queue_offset, sys_flag, born_ms, born_host.to_string(), stored_ms,
      store_host.to_string(), offset_id(), physical_offset, body_crc, reconsume_times, prepared_transaction_offset,
      topic, flag, properties_text(), bytes_text(body));
}

Result<MessageView> view_of(const message::RecordView& record, std::string broker_name) {
  auto body = client::plain_body(record);
  if (!body) return fail(std::move(body).error());
  MessageView view;
  view.broker_name = std::move(broker_name);
  view.queue_id = record.queue_id;
  view.queue_offset = record.queue_offset;
  view.physical_offset = record.physical_offset;
  view.store_size = record.size;
  view.flag = record.flag;
  view.sys_flag = record.sys_flag;
  view.body_crc = record.body_crc;
  view.born_ms = record.born_timestamp_ms;
  view.stored_ms = record.store_timestamp_ms;
  view.born_host = record.born_host;
  view.store_host = record.store_host;
  view.reconsume_times = record.reconsume_times;
  view.prepared_transaction_offset = record.prepared_transaction_offset;
  view.topic = record.topic;
  view.body = std::move(*body);
  message::for_each_property(record.properties, [&](std::string_view name, std::string_view value) {
    view.properties.emplace_back(name, value);
    return true;
  });
  return view;
}

Result<PulledMessages> pull_messages(Cluster& cluster, const client::QueueAt& at, std::int64_t offset,
                                     std::int32_t count, const std::string& tags, const std::string& group) {
  client::PullRequest request;
  request.consumer_group = group;
  request.topic = at.queue.topic;
  request.queue_id = at.queue.queue_id;
  request.offset = offset;
  request.max_messages = count;
  request.expression = tags;
  const auto pulled = cluster.pull(at.address, request);
  if (!pulled) return fail(pulled.error());
  const auto records = pulled->records();
  if (!records) return fail(records.error());
  PulledMessages result{pulled->status, pulled->next_offset, {}};
  const auto wanted = tags_of(tags);
  for (const message::RecordView& record : *records) {
    auto view = view_of(record, at.queue.broker_name);
    if (!view) return fail(std::move(view).error());
    view->properties.emplace_back("MIN_OFFSET", std::to_string(pulled->min_offset));
    view->properties.emplace_back("MAX_OFFSET", std::to_string(pulled->max_offset));
    if (has_tag(*view, wanted)) result.messages.push_back(std::move(*view));
  }
  return result;
}

void print_message_line(std::ostream& out, const MessageView& message, bool with_body) {
  print(out, "MSGID: {} {} BODY: {}\n", message.id(), message.text(), with_body ? message.body : "NOT PRINT BODY");
}

std::string queue_text(const protocol::MessageQueue& queue) {
  return fmt::format("MessageQueue [topic={}, brokerName={}, queueId={}]", queue.topic, queue.broker_name,
                     queue.queue_id);
}

Result<std::vector<client::QueueAt>> readable_queues(Cluster& cluster, std::string_view topic) {
  const auto route = cluster.route(topic);
  if (!route) return fail(route.error());
  auto queues = client::queues_to_read(*route, topic);
  if (queues.empty()) return fail(Errc::kNotFound, fmt::format("topic '{}' has no readable queue", topic));
  sort_by_java_hash(queues, &client::QueueAt::queue);
  return queues;
}

Result<client::QueueAt> readable_queue(Cluster& cluster, std::string_view route_topic, std::string_view topic,
                                       std::string_view broker_name, std::int32_t queue_id) {
  const auto route = cluster.route(route_topic);
  if (!route) return fail(route.error());
  for (const auto& broker : route->broker_datas) {
    if (broker.broker_name != broker_name) continue;
    if (auto address = client::master_or_slave_of(broker)) {
      return client::QueueAt{{std::string(topic), broker.broker_name, queue_id}, std::move(*address)};
    }
  }
  return fail(Errc::kNotFound, fmt::format("broker '{}' does not have topic '{}'", broker_name, route_topic));
}

}  // namespace ogive::admin
