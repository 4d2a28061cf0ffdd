#include <fmt/core.h>

#include "broker/handlers/answers.h"
#include "broker/handlers/group/group_handlers.h"
#include "protocol/headers/client.h"

namespace ogive::broker::handlers {
namespace {

Message answer(const GroupPorts& ports, const protocol::GetSubscriptionGroupConfigRequestHeader& header) {
  const GroupPtr group = ports.groups.find(header.group);
  if (!group) {
    return Message(code::kSubscriptionGroupNotExist, fmt::format("No group in this broker. group: {}", header.group));
  }
  Message message(code::kSuccess);
  message.body = protocol::to_json(*group);
  return message;
}

}  // namespace

HandlerRow get_subscriptiongroup_config(const GroupPorts& ports) {
  return {request_code::kGetSubscriptiongroupConfig,
          "GET_SUBSCRIPTIONGROUP_CONFIG",
          Lane::kBlocking,
          with_header(ports, answer),
          "operators",
          "one group, or 26"};
}

}  // namespace ogive::broker::handlers
