#include "broker/handlers/answers.h"
#include "broker/handlers/group/group_handlers.h"
#include "protocol/bodies/subscription_group.h"

namespace ogive::broker::handlers {
namespace {

Message answer(const GroupPorts& ports, const Request& request) {
  auto config = protocol::from_json<protocol::SubscriptionGroupConfig>(request.frame.body);
  if (!config) return Message(code::kSystemError, "subscription group: " + config.error().message());
  return of_change(ports.groups.create_or_update(std::move(*config)), ports.groups);
}

}  // namespace

HandlerRow update_and_create_subscriptiongroup(const GroupPorts& ports) {
  return {request_code::kUpdateAndCreateSubscriptiongroup,
          "UPDATE_AND_CREATE_SUBSCRIPTIONGROUP",
          Lane::kBlocking,
          Answer([ports](const Request& request) { return answer(ports, request); }),
          "operators",
          "creates or changes a group"};
}

}  // namespace ogive::broker::handlers
