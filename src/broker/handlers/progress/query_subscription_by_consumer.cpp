#include "broker/handlers/answers.h"
#include "broker/handlers/progress/progress_handlers.h"
#include "protocol/bodies/subscription_group.h"
#include "protocol/headers/topic.h"

namespace ogive::broker::handlers {
namespace {

Message answer(const ProgressPorts& ports, const protocol::QuerySubscriptionByConsumerRequestHeader& header) {
  protocol::QuerySubscriptionResponseBody body;
  body.group = header.group;
  body.topic = header.topic.value_or("");
  if (const SubscriptionPtr subscription = ports.consumers.find_subscription(body.group, body.topic)) {
    body.subscription_data = subscription->data;
  }
  return success(protocol::to_json(body));
}

}  // namespace

HandlerRow query_subscription_by_consumer(const ProgressPorts& ports) {
  return {request_code::kQuerySubscriptionByConsumer,
          "QUERY_SUBSCRIPTION_BY_CONSUMER",
          Lane::kReactor,
          with_header(ports, answer),
          "operators",
          "what the online group subscribes to on `topic`"};
}

}  // namespace ogive::broker::handlers
