// updateSubGroup: creates or changes a consumer group (200).
#include <sstream>

#include "admin/brokers.h"
#include "admin/commands/commands.h"
#include "admin/groups.h"
#include "admin/print.h"
#include "protocol/codes.h"

namespace ogive::admin {
namespace {

Status set_numbers(const Context& context, protocol::SubscriptionGroupConfig& group) {
  const auto queues = context.small_number("q", group.retry_queue_nums);
  if (!queues) return fail(queues.error());
  const auto times = context.small_number("r", group.retry_max_times);
  if (!times) return fail(times.error());
  const auto broker = context.number("i", group.broker_id);
  if (!broker) return fail(broker.error());
  const auto slow = context.number("w", group.which_broker_when_consume_slowly);
  if (!slow) return fail(slow.error());
  group.retry_queue_nums = *queues;
  group.retry_max_times = *times;
  group.broker_id = *broker;
  group.which_broker_when_consume_slowly = *slow;
  return {};
}

Status set_attributes(const Context& context, protocol::SubscriptionGroupConfig& group) {
  std::istringstream words(context.text("attributes"));
  for (std::string word; std::getline(words, word, ',');) {
    const std::size_t equals = word.find('=');
    if (word.size() < 2 || (word[0] != '+' && word[0] != '-')) {
      return fail(Errc::kInvalidArgument,
                  fmt::format("attribute '{}': write +name=value to set, -name to remove", word));
    }
    group.attributes[word.substr(0, equals)] = equals == std::string::npos ? "" : word.substr(equals + 1);
  }
  return {};
}

Result<protocol::SubscriptionGroupConfig> wanted_group(const Context& context) {
  protocol::SubscriptionGroupConfig group;
  group.group_name = context.text("g");
  group.consume_from_min_enable = context.is_true("m");
  group.consume_broadcast_enable = context.is_true("d");
  group.consume_message_orderly = context.is_true("o");
  if (context.has("s")) group.consume_enable = context.is_true("s");
  if (context.has("a")) group.notify_consumer_ids_changed_enable = context.is_true("a");
  OGIVE_TRY(set_numbers(context, group));
  if (const auto policy = context.given("p")) {
    auto read = protocol::from_json<protocol::GroupRetryPolicy>(std::string_view(*policy));
    if (!read) return fail(Errc::kInvalidArgument, "option -p: " + read.error().message());
    group.group_retry_policy = std::move(*read);
  }
  OGIVE_TRY(set_attributes(context, group));
  return group;
}

Status run(Context& context) {
  const auto group = wanted_group(context);
  if (!group) return fail(group.error());
  const auto addresses = brokers_by_options(context, Members::kMasters);
  if (!addresses) return fail(addresses.error());
  for (const std::string& address : *addresses) {
    remoting::Message request(protocol::request_code::kUpdateAndCreateSubscriptiongroup);
    request.body = protocol::to_json(*group);
    OGIVE_TRY(context.cluster.ask(address, std::move(request)));
    print(context.out, "create subscription group to {} success.\n", address);
  }
  context.out << group_config_text(*group);
  return {};
}

void options(settings::Options& options) {
  options.add(optional("b", "brokerAddr", "create subscription group to which broker"))
      .add(optional("c", "clusterName", "create subscription group to which cluster"))
      .add(required("g", "groupName", "consumer group name"))
      .add(optional("s", "consumeEnable", "consume enable"))
      .add(optional("m", "consumeFromMinEnable", "from min offset"))
      .add(optional("d", "consumeBroadcastEnable", "broadcast"))
      .add(optional("o", "consumeMessageOrderly", "consume message orderly"))
      .add(optional("q", "retryQueueNums", "retry queue nums"))
      .add(optional("r", "retryMaxTimes", "retry max times"))
      .add(optional("p", "groupRetryPolicy",
                    R"(the json string of retry policy ( exp: {"type":"EXPONENTIAL","exponentialRetryPolicy":)"
                    R"({"initial":5000,"max":7200000,"multiplier":2}} {"type":"CUSTOMIZED","customizedRetryPolicy":)"
                    R"({"next":[1000,5000,10000]}} ))"))
      .add(optional("i", "brokerId", "consumer from which broker id"))
      .add(optional("w", "whichBrokerWhenConsumeSlowly", "which broker id when consume slowly"))
      .add(optional("a", "notifyConsumerIdsChanged", "notify consumerId changed"))
      .add(optional("", "attributes", "attribute(+a=b,+c=d,-e)"));
}

}  // namespace

Command update_sub_group() {
  return {"updateSubGroup", "Update or create subscription group.", options, run};
}

}  // namespace ogive::admin
