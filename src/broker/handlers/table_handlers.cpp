// Topics and subscription groups: 17, 21, 215, 351, 200, 201, 207, 352.

#include <fmt/core.h>

#include "broker/handlers/metadata_handlers.h"
#include "broker/topic/attributes.h"
#include "broker/topic/names.h"
#include "protocol/bodies/subscription_group.h"
#include "protocol/codes.h"
#include "protocol/headers/client.h"
#include "protocol/headers/topic.h"

namespace ogive::broker {
namespace {

namespace code = protocol::response_code;
using remoting::Lane;
using remoting::Message;
using remoting::Request;

Message of_status(const Status& status) {
  if (status) return Message(code::kSuccess);
  return Message(status.error().code() == Errc::kInvalidArgument ? code::kInvalidParameter : code::kSystemError,
                 status.error().message());
}

Message update_topic(const TablePorts& ports, const Request& request) {
  auto header = protocol::decode_header<protocol::CreateTopicRequestHeader>(request.frame);
  if (!header) return Message(code::kSystemError, header.error().message());
  if (auto defect = topic_name_error(header->topic)) return Message(code::kInvalidParameter, *defect);
  if (ports.topics.is_system_topic(header->topic)) {
    return Message(code::kInvalidParameter, fmt::format("The topic[{}] is conflict with system topic.", header->topic));
  }
  protocol::TopicConfig config;
  config.topic_name = header->topic;
  config.read_queue_nums = header->read_queue_nums;
  config.write_queue_nums = header->write_queue_nums;
  config.perm = header->perm;
  config.topic_sys_flag = header->topic_sys_flag.value_or(0);
  config.order = header->order;
  if (header->topic_filter_type == "MULTI_TAG") config.topic_filter_type = protocol::TopicFilterType::kMultiTag;
  auto changes = parse_attribute_changes(header->attributes.value_or(""));
  if (!changes) return Message(code::kSystemError, changes.error().message());
  config.attributes = std::move(*changes);
  return of_status(ports.topics.create_or_update(std::move(config)));
}

Message delete_topic(const TablePorts& ports, const Request& request) {
  auto header = protocol::decode_header<protocol::DeleteTopicRequestHeader>(request.frame);
  if (!header) return Message(code::kSystemError, header.error().message());
  if (auto defect = topic_name_error(header->topic)) return Message(code::kInvalidParameter, *defect);
  if (ports.topics.is_system_topic(header->topic)) {
    return Message(code::kInvalidParameter, fmt::format("The topic[{}] is conflict with system topic.", header->topic));
  }
  ports.topics.remove(header->topic);
  ports.offsets.remove_topic(header->topic);
  return of_status(ports.store.delete_topic(header->topic));
}

Message all_topics(const TablePorts& ports, const Request&) {
  protocol::TopicConfigAndMappingSerializeWrapper body;
  for (const TopicPtr& topic : ports.topics.snapshot()) body.topic_config_table[topic->topic_name] = *topic;
  body.data_version = ports.topics.data_version();
  Message answer(code::kSuccess);
  answer.field("totalTopicNum", static_cast<std::int64_t>(body.topic_config_table.size()));
  answer.body = protocol::to_json(body);
  return answer;
}

Message topic_config(const TablePorts& ports, const Request& request) {
  auto header = protocol::decode_header<protocol::GetTopicConfigRequestHeader>(request.frame);
  if (!header) return Message(code::kSystemError, header.error().message());
  const TopicPtr topic = ports.topics.find(header->topic);
  if (!topic) return Message(code::kTopicNotExist, fmt::format("No topic in this broker. topic: {}", header->topic));
  protocol::TopicConfigAndQueueMapping body;
  static_cast<protocol::TopicConfig&>(body) = *topic;
  Message answer(code::kSuccess);
  answer.body = protocol::to_json(body);
  return answer;
}

Message update_group(const TablePorts& ports, const Request& request) {
  auto config = protocol::from_json<protocol::SubscriptionGroupConfig>(request.frame.body);
  if (!config) return Message(code::kSystemError, "subscription group: " + config.error().message());
  return of_status(ports.groups.create_or_update(std::move(*config)));
}

Message delete_group(const TablePorts& ports, const Request& request) {
  auto header = protocol::decode_header<protocol::DeleteSubscriptionGroupRequestHeader>(request.frame);
  if (!header) return Message(code::kSystemError, header.error().message());
  ports.groups.remove(header->group_name);
  if (header->clean_offset) ports.offsets.remove_group(header->group_name);
  return Message(code::kSuccess);
}

Message all_groups(const TablePorts& ports, const Request&) {
  Message answer(code::kSuccess);
  answer.field("totalGroupNum", static_cast<std::int64_t>(ports.groups.size()));
  answer.body = ports.groups.encode(/*pretty=*/false);
  return answer;
}

Message group_config(const TablePorts& ports, const Request& request) {
  auto header = protocol::decode_header<protocol::GetSubscriptionGroupConfigRequestHeader>(request.frame);
  if (!header) return Message(code::kSystemError, header.error().message());
  const GroupPtr group = ports.groups.find(header->group);
  if (!group) {
    return Message(code::kSubscriptionGroupNotExist, fmt::format("No group in this broker. group: {}", header->group));
  }
  Message answer(code::kSuccess);
  answer.body = protocol::to_json(*group);
  return answer;
}

}  // namespace

void add_table_handlers(remoting::HandlerTable& table, const TablePorts& ports) {
  namespace request = protocol::request_code;
  const auto add = [&](std::int32_t number, std::string_view name,
                       Message (*handler)(const TablePorts&, const Request&)) {
    table.add({number, name, Lane::kBlocking,
               remoting::Answer([ports, handler](const Request& r) { return handler(ports, r); })});
  };
  add(request::kUpdateAndCreateTopic, "UPDATE_AND_CREATE_TOPIC", update_topic);
  add(request::kDeleteTopicInBroker, "DELETE_TOPIC_IN_BROKER", delete_topic);
  add(request::kGetAllTopicConfig, "GET_ALL_TOPIC_CONFIG", all_topics);
  add(request::kGetTopicConfig, "GET_TOPIC_CONFIG", topic_config);
  add(request::kUpdateAndCreateSubscriptiongroup, "UPDATE_AND_CREATE_SUBSCRIPTIONGROUP", update_group);
  add(request::kDeleteSubscriptiongroup, "DELETE_SUBSCRIPTIONGROUP", delete_group);
  add(request::kGetAllSubscriptiongroupConfig, "GET_ALL_SUBSCRIPTIONGROUP_CONFIG", all_groups);
  add(request::kGetSubscriptiongroupConfig, "GET_SUBSCRIPTIONGROUP_CONFIG", group_config);
}

}  // namespace ogive::broker
