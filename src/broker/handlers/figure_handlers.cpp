// Figures for tools: 202, 203, 204, 208, 300, 28.

#include <fmt/core.h>

#include <set>

#include "broker/handlers/metadata_handlers.h"
#include "broker/topic/names.h"
#include "protocol/bodies/connections.h"
#include "protocol/bodies/lists.h"
#include "protocol/bodies/offsets.h"
#include "protocol/codes.h"
#include "protocol/headers/admin.h"
#include "protocol/headers/client.h"
#include "protocol/headers/topic.h"
#include "store/queue/consume_queue.h"

namespace ogive::broker {
namespace {

namespace code = protocol::response_code;
using remoting::Lane;
using remoting::Message;
using remoting::Request;

Message with_body(std::string body) {
  Message answer(code::kSuccess);
  answer.body = std::move(body);
  return answer;
}

std::int64_t last_store_time(store::MessageStore& store, store::ConsumeQueue& queue, std::int64_t offset) {
  return offset < 0 ? 0 : store.store_time(queue, QueueOffset(offset)).value_or(0);
}

Message topic_stats(const FigurePorts& ports, const Request& request) {
  auto header = protocol::decode_header<protocol::GetTopicStatsInfoRequestHeader>(request.frame);
  if (!header) return Message(code::kSystemError, header.error().message());
  const TopicPtr topic = ports.topics.find(header->topic);
  if (!topic) return Message(code::kTopicNotExist, fmt::format("topic[{}] not exist", header->topic));
  protocol::TopicStatsTable body;
  for (std::int32_t id = 0; id < std::max(topic->read_queue_nums, topic->write_queue_nums); ++id) {
    auto& figures = body.offset_table[{topic->topic_name, ports.identity.broker_name, id}];
    auto* queue = ports.store.find_queue(topic->topic_name, QueueId(id));
    if (queue == nullptr) continue;
    figures.min_offset = queue->min_offset().value();
    figures.max_offset = queue->max_offset().value();
    if (figures.max_offset > figures.min_offset) {
      figures.last_update_timestamp = last_store_time(ports.store, *queue, figures.max_offset - 1);
    }
  }
  return with_body(protocol::to_json(body));
}

Message consume_stats(const FigurePorts& ports, const Request& request) {
  auto header = protocol::decode_header<protocol::GetConsumeStatsRequestHeader>(request.frame);
  if (!header) return Message(code::kSystemError, header.error().message());
  std::vector<std::string> topics;
  if (header->topic && !header->topic->empty()) {
    topics.emplace_back(*header->topic);
  } else {
    topics = ports.offsets.topics_of_group(header->consumer_group);
  }
  protocol::ConsumeStats body;
  for (const std::string& name : topics) {
    const TopicPtr topic = ports.topics.find(name);
    if (!topic) continue;
    const auto offsets = ports.offsets.find(header->consumer_group, name);
    for (std::int32_t id = 0; id < topic->read_queue_nums; ++id) {
      auto& figures = body.offset_table[{name, ports.identity.broker_name, id}];
      figures.consumer_offset = offsets ? std::max<std::int64_t>(offsets->committed(id), 0) : 0;
      figures.pull_offset = offsets ? std::max<std::int64_t>(offsets->pulled(id), 0) : 0;
      auto* queue = ports.store.find_queue(name, QueueId(id));
      if (queue == nullptr) continue;
      figures.broker_offset = queue->max_offset().value();
      figures.last_timestamp = last_store_time(ports.store, *queue, figures.consumer_offset - 1);
    }
  }
  return with_body(protocol::to_json(body));
}

protocol::Connection connection_of(const ClientSession& session) {
  return {session.client_id, session.remote.to_string(), std::string(protocol::language_name(session.language)),
          session.version};
}

template <class Enum>
Enum named(std::string_view name) {
  Enum value{};
  for (std::size_t i = 0; i < protocol::kEnumNames<Enum>.size(); ++i) {
    if (protocol::kEnumNames<Enum>[i] == name) value = static_cast<Enum>(i);
  }
  return value;
}

Message consumer_connections(const FigurePorts& ports, const Request& request) {
  auto header = protocol::decode_header<protocol::GetConsumerConnectionListRequestHeader>(request.frame);
  if (!header) return Message(code::kSystemError, header.error().message());
  const ConsumerGroupPtr group = ports.consumers.find(header->consumer_group);
  if (!group) {
    return Message(code::kConsumerNotOnline, fmt::format("the consumer group[{}] not online", header->consumer_group));
  }
  protocol::ConsumerConnection body;
  for (const ClientSession& session : ports.consumers.members(header->consumer_group)) {
    body.connection_set.push_back(connection_of(session));
  }
  for (const auto& [topic, subscription] : group->subscriptions) body.subscription_table[topic] = subscription->data;
  body.consume_type = named<protocol::ConsumeType>(group->consume_type);
  body.message_model = named<protocol::MessageModel>(group->message_model);
  body.consume_from_where = named<protocol::ConsumeFromWhere>(group->consume_from_where);
  return with_body(protocol::to_json(body));
}

Message producer_connections(const FigurePorts& ports, const Request& request) {
  auto header = protocol::decode_header<protocol::GetProducerConnectionListRequestHeader>(request.frame);
  if (!header) return Message(code::kSystemError, header.error().message());
  protocol::ProducerConnection body;
  for (const ClientSession& session : ports.producers.members(header->producer_group)) {
    body.connection_set.push_back(connection_of(session));
  }
  if (body.connection_set.empty()) {
    return Message(code::kSystemError, fmt::format("the producer group[{}] not exist", header->producer_group));
  }
  return with_body(protocol::to_json(body));
}

Message groups_of_topic(const FigurePorts& ports, const Request& request) {
  auto header = protocol::decode_header<protocol::GetTopicConfigRequestHeader>(request.frame);
  if (!header) return Message(code::kSystemError, header.error().message());
  protocol::GroupList body;
  for (auto& group : ports.consumers.groups_of_topic(header->topic)) body.group_list.insert(std::move(group));
  for (auto& group : ports.offsets.groups_of_topic(header->topic)) body.group_list.insert(std::move(group));
  return with_body(protocol::to_json(body));
}

Message runtime_info(const FigurePorts& ports, const Request&) {
  protocol::KVTable body;
  auto& table = body.table;
  table["brokerActive"] = "true";
  table["bootTimestamp"] = std::to_string(ports.boot_timestamp_ms);
  table["brokerVersionDesc"] = "V5_5_0";
  table["brokerVersion"] = std::to_string(protocol::kOwnVersion);
  table["commitLogMinOffset"] = std::to_string(ports.store.min_physical_offset().value());
  table["commitLogMaxOffset"] = std::to_string(ports.store.max_physical_offset().value());
  table["remainHowManyDataToFlush"] =
      fmt::format("{} B", ports.store.appended().value() - ports.store.flushed().value());
  for (const auto* key : {"putTps", "getFoundTps", "getMissTps", "getTotalTps", "getTransferredTps"}) {
    table[key] = "0.0 0.0 0.0";
  }
  for (const auto* key :
       {"msgPutTotalYesterdayMorning", "msgPutTotalTodayMorning", "msgPutTotalTodayNow", "msgGetTotalYesterdayMorning",
        "msgGetTotalTodayMorning", "msgGetTotalTodayNow", "dispatchBehindBytes", "sendThreadPoolQueueSize",
        "pullThreadPoolQueueSize", "sendThreadPoolQueueHeadWaitTimeMills", "pullThreadPoolQueueHeadWaitTimeMills",
        "pageCacheLockTimeMills", "earliestMessageTimeStamp"}) {
    table.emplace(key, "0");
  }
  return with_body(protocol::to_json(body));
}

}  // namespace

void add_figure_handlers(remoting::HandlerTable& table, const FigurePorts& ports) {
  namespace request = protocol::request_code;
  const auto add = [&](std::int32_t number, std::string_view name,
                       Message (*handler)(const FigurePorts&, const Request&)) {
    table.add({number, name, Lane::kBlocking,
               remoting::Answer([ports, handler](const Request& r) { return handler(ports, r); })});
  };
  add(request::kGetTopicStatsInfo, "GET_TOPIC_STATS_INFO", topic_stats);
  add(request::kGetConsumeStats, "GET_CONSUME_STATS", consume_stats);
  add(request::kGetConsumerConnectionList, "GET_CONSUMER_CONNECTION_LIST", consumer_connections);
  add(request::kGetProducerConnectionList, "GET_PRODUCER_CONNECTION_LIST", producer_connections);
  add(request::kQueryTopicConsumeByWho, "QUERY_TOPIC_CONSUME_BY_WHO", groups_of_topic);
  add(request::kGetBrokerRuntimeInfo, "GET_BROKER_RUNTIME_INFO", runtime_info);
}

}  // namespace ogive::broker
