#include "broker/handlers/answers.h"
#include "broker/handlers/group/group_handlers.h"

namespace ogive::broker::handlers {
namespace {

Message answer(const GroupPorts& ports, const Request&) {
  Message message(code::kSuccess);
  message.field("totalGroupNum", static_cast<std::int64_t>(ports.groups.size()));
  message.body = ports.groups.encode(/*pretty=*/false);
  return message;
}

}  // namespace

HandlerRow get_all_subscriptiongroup_config(const GroupPorts& ports) {
  return {request_code::kGetAllSubscriptiongroupConfig,
          "GET_ALL_SUBSCRIPTIONGROUP_CONFIG",
          Lane::kBlocking,
          Answer([ports](const Request& request) { return answer(ports, request); }),
          "operators, slaves",
          "all groups and bans; `totalGroupNum`"};
}

}  // namespace ogive::broker::handlers
