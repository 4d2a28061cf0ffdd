#include <fmt/core.h>

#include <algorithm>

#include "namesrv/handlers/answers.h"
#include "namesrv/handlers/handlers.h"
#include "namesrv/route_body.h"
#include "namesrv/zone_filter.h"

namespace ogive::namesrv {
namespace {

bool is_true(std::string_view text) {
  constexpr std::string_view kTrue = "true";
  return std::ranges::equal(text, kTrue, [](char a, char b) { return (a | 0x20) == b; });
}

JsonFlavour flavour_for(const protocol::Frame& frame) {
  if (frame.version >= protocol::version::kV4_9_4) return JsonFlavour::kStandard;
  return is_true(frame.find("acceptStandardJsonOnly").value_or("")) ? JsonFlavour::kStandard : JsonFlavour::kLegacy;
}

remoting::Message no_route(std::string_view topic) {
  return remoting::Message(protocol::response_code::kTopicNotExist,
                           fmt::format("No topic route info in name server for the topic: {}\nSee "
                                       "https://rocketmq.apache.org/docs/bestPractice/06FAQ for further details.",
                                       topic));
}

/// Only for clients that ask for the brokers of their own zone: built anew, since each zone sees another route.
remoting::Message route_within_zone(const RouteTable& routes, std::string_view topic, std::string_view zone,
                                    JsonFlavour flavour) {
  auto route = routes.route(std::string(topic));
  if (!route) return no_route(topic);
  keep_zone(*route, zone);
  return success(encode_route(*route, flavour));
}

}  // namespace

remoting::HandlerRow get_route_info_by_topic(Services& services) {
  const auto answer = [&services](const remoting::Request& request) {
    const protocol::Frame& frame = request.frame;
    if (!services.readiness.ready()) {
      return remoting::Message(protocol::response_code::kSystemError, "name server not ready");
    }
    // A missing topic is answered like an unknown one, as clients have always seen it.
    const std::string_view topic = frame.find("topic").value_or("null");
    const JsonFlavour flavour = flavour_for(frame);
    if (const auto mode = frame.find("__ZONE_MODE"); mode && is_true(*mode)) {
      const std::string_view zone = frame.find("__ZONE_NAME").value_or("");
      if (zone.find_first_not_of(' ') != std::string_view::npos) {
        return route_within_zone(services.routes, topic, zone, flavour);
      }
    }
    auto body = services.routes.route_body(topic, flavour);
    if (!body) return no_route(topic);
    remoting::Message message = success();
    message.shared_body = std::move(body);
    return message;
  };
  return {protocol::request_code::kGetRouteinfoByTopic,
          "GET_ROUTEINFO_BY_TOPIC",
          remoting::Lane::kReactor,
          remoting::Answer(answer),
          "clients",
          "the route, or 17"};
}

}  // namespace ogive::namesrv
