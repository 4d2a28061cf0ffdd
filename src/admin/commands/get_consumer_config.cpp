// getConsumerConfig: a group's settings on every broker (106, 352).
#include "admin/brokers.h"
#include "admin/commands/commands.h"
#include "admin/groups.h"
#include "admin/print.h"
#include "admin/text.h"
#include "client/route.h"
#include "protocol/codes.h"
#include "protocol/headers/client.h"

namespace ogive::admin {
namespace {

template <class Value>
void line(Context& context, std::string_view name, const Value& value) {
  print(context.out, "{:<40}=  {}\n", name, value);
}

void print_group(Context& context, const protocol::SubscriptionGroupConfig& group) {
  line(context, "groupName", group.group_name);
  line(context, "consumeEnable", group.consume_enable);
  line(context, "consumeFromMinEnable", group.consume_from_min_enable);
  line(context, "consumeBroadcastEnable", group.consume_broadcast_enable);
  line(context, "consumeMessageOrderly", group.consume_message_orderly);
  line(context, "retryQueueNums", group.retry_queue_nums);
  line(context, "retryMaxTimes", group.retry_max_times);
  line(context, "groupRetryPolicy", retry_policy_text(group.group_retry_policy));
  line(context, "brokerId", group.broker_id);
  line(context, "whichBrokerWhenConsumeSlowly", group.which_broker_when_consume_slowly);
  line(context, "notifyConsumerIdsChangedEnable", group.notify_consumer_ids_changed_enable);
  line(context, "groupSysFlag", group.group_sys_flag);
  line(context, "consumeTimeoutMinute", group.consume_timeout_minute);
  line(context, "subscriptionDataSet",
       group.subscription_data_set ? protocol::to_json(*group.subscription_data_set) : "");
  line(context, "attributes", map_text(group.attributes));
}

Status run(Context& context) {
  const std::string group = context.text("g");
  const auto info = context.cluster.info();
  if (!info) return fail(info.error());
  for (const auto& [name, broker] : info->broker_addr_table) {
    const auto address = client::master_or_slave_of(broker);
    if (!address) continue;
    const auto config = context.cluster.ask_json<protocol::SubscriptionGroupConfig>(
        *address, client::make_request(protocol::request_code::kGetSubscriptiongroupConfig,
                                       protocol::GetSubscriptionGroupConfigRequestHeader{group}));
    if (!config) return fail(config.error());
    print(context.out, "{0:=>29}{1}:{2}{0:=>29}\n", "", cluster_of(*info, name), name);
    print_group(context, *config);
  }
  return {};
}

void options(settings::Options& options) {
  options.add(required("g", "groupName", "subscription group name"));
}

}  // namespace

Command get_consumer_config() {
  return {"getConsumerConfig", "Get consumer config by subscription group name.", options, run};
}

}  // namespace ogive::admin
