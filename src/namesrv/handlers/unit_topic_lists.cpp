// GET_UNIT_TOPIC_LIST, GET_HAS_UNIT_SUB_TOPIC_LIST and GET_HAS_UNIT_SUB_UNUNIT_TOPIC_LIST: the same sweep over all
// topics with three conditions on their flags.

#include "namesrv/handlers/answers.h"
#include "namesrv/handlers/handlers.h"
#include "namesrv/route_body.h"

namespace ogive::namesrv {
namespace {

constexpr std::int32_t kUnit = 1;     ///< The topic lives in units.
constexpr std::int32_t kUnitSub = 2;  ///< Units subscribe to it.

using Condition = bool (*)(std::int32_t topic_sys_flag);

remoting::HandlerRow list_row(Services& services, std::int32_t code, std::string_view name, Condition wanted,
                              std::string_view summary) {
  const auto answer = [&services, wanted](const remoting::Request&) {
    if (!services.config.settings().get_bool("enableTopicList")) return disabled();
    return success(encode_topic_list(services.routes.topics_by_flag(wanted)));
  };
  return {code, name, remoting::Lane::kBlocking, remoting::Answer(answer), "operators", summary};
}

}  // namespace

remoting::HandlerRow get_unit_topic_list(Services& services) {
  return list_row(
      services, protocol::request_code::kGetUnitTopicList, "GET_UNIT_TOPIC_LIST",
      [](std::int32_t flag) { return (flag & kUnit) != 0; }, "topics with the unit bit");
}

remoting::HandlerRow get_has_unit_sub_topic_list(Services& services) {
  return list_row(
      services, protocol::request_code::kGetHasUnitSubTopicList, "GET_HAS_UNIT_SUB_TOPIC_LIST",
      [](std::int32_t flag) { return (flag & kUnitSub) != 0; }, "topics with the unit-subscription bit");
}

remoting::HandlerRow get_has_unit_sub_ununit_topic_list(Services& services) {
  return list_row(
      services, protocol::request_code::kGetHasUnitSubUnunitTopicList, "GET_HAS_UNIT_SUB_UNUNIT_TOPIC_LIST",
      [](std::int32_t flag) { return (flag & kUnit) == 0 && (flag & kUnitSub) != 0; },
      "topics with the unit-subscription bit and without the unit bit");
}

}  // namespace ogive::namesrv
