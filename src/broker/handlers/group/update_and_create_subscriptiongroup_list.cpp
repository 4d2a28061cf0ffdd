#include "broker/handlers/answers.h"
#include "broker/handlers/group/group_handlers.h"
#include "protocol/bodies/subscription_group.h"

namespace ogive::broker::handlers {
namespace {

Message answer(const GroupPorts& ports, const Request& request) {
  auto body = protocol::from_json<protocol::SubscriptionGroupList>(request.frame.body);
  if (!body) return Message(code::kSystemError, "group list: " + body.error().message());
  return of_change(ports.groups.create_or_update_all(std::move(body->group_config_list)), ports.groups);
}

}  // namespace

HandlerRow update_and_create_subscriptiongroup_list(const GroupPorts& ports) {
  return {request_code::kUpdateAndCreateSubscriptiongroupList,
          "UPDATE_AND_CREATE_SUBSCRIPTIONGROUP_LIST",
          Lane::kBlocking,
          Answer([ports](const Request& request) { return answer(ports, request); }),
          "operators",
          "the same for several groups, all or none"};
}

}  // namespace ogive::broker::handlers
