// updateTopic: creates or changes a topic (17), and its order in the name servers (100).
#include <sstream>

#include "admin/brokers.h"
#include "admin/commands/commands.h"
#include "admin/print.h"
#include "admin/text.h"
#include "admin/topics.h"

namespace ogive::admin {
namespace {

constexpr std::int32_t kUnit = 1;
constexpr std::int32_t kUnitSub = 2;

/// "+a=b,-c" by name with its sign, as the broker wants it.
Result<std::map<std::string, std::string>> parse_attributes(const std::string& text) {
  std::map<std::string, std::string> attributes;
  std::istringstream words(text);
  for (std::string word; std::getline(words, word, ',');) {
    const std::size_t equals = word.find('=');
    const char wanted = equals == std::string::npos ? '-' : '+';
    const std::string name(trimmed(std::string_view(word).substr(0, equals)));
    if (name.size() < 2 || name.front() != wanted) {
      return fail(Errc::kInvalidArgument,
                  fmt::format("attribute '{}': write +name=value to set, -name to remove", word));
    }
    const std::string value = equals == std::string::npos ? "" : word.substr(equals + 1);
    if (!attributes.emplace(name, value).second) {
      return fail(Errc::kInvalidArgument, fmt::format("attribute '{}' is given twice", name));
    }
  }
  return attributes;
}

Result<protocol::TopicConfig> wanted_topic(const Context& context) {
  const auto read = context.small_number("r", 8);
  if (!read) return fail(read.error());
  const auto write = context.small_number("w", 8);
  if (!write) return fail(write.error());
  const auto permission = context.small_number("p", 6);
  if (!permission) return fail(permission.error());
  auto attributes = parse_attributes(context.text("a"));
  if (!attributes) return fail(attributes.error());
  protocol::TopicConfig topic;
  topic.topic_name = context.text("t");
  topic.read_queue_nums = *read;
  topic.write_queue_nums = *write;
  topic.perm = *permission;
  topic.topic_sys_flag = (context.is_true("u") ? kUnit : 0) | (context.is_true("s") ? kUnitSub : 0);
  topic.order = context.is_true("o");
  topic.attributes = std::move(*attributes);
  return topic;
}

/// The new order of one broker among the others.
Status order_on_broker(Context& context, const protocol::TopicConfig& topic, const std::string& address) {
  const auto info = context.cluster.info();
  if (!info) return fail(info.error());
  const auto name = broker_name_at(*info, address);
  if (!name) return fail(name.error());
  const std::string own = fmt::format("{}:{}", *name, topic.write_queue_nums);
  std::string order = own;
  if (const auto old = get_order(context.cluster, topic.topic_name)) {
    std::istringstream pieces(*old);
    for (std::string piece; std::getline(pieces, piece, ';');) {
      if (!piece.empty() && !piece.starts_with(*name + ":")) order += ";" + piece;
    }
  }
  OGIVE_TRY(put_order(context.cluster, topic.topic_name, order));
  print(context.out, "set broker orderConf. isOrder=true, orderConf=[{}]\n", own);
  return {};
}

Status order_on_cluster(Context& context, const protocol::TopicConfig& topic) {
  const auto info = context.cluster.info();
  if (!info) return fail(info.error());
  std::string order;
  for (const std::string& name : info->cluster_addr_table.at(context.text("c"))) {
    order += fmt::format("{}{}:{}", order.empty() ? "" : ";", name, topic.write_queue_nums);
  }
  OGIVE_TRY(put_order(context.cluster, topic.topic_name, order));
  print(context.out, "set cluster orderConf. isOrder=true, orderConf=[{}]\n", order);
  return {};
}

Status run(Context& context) {
  const auto topic = wanted_topic(context);
  if (!topic) return fail(topic.error());
  const auto addresses = brokers_by_options(context, Members::kMasters);
  if (!addresses) return fail(addresses.error());
  for (const std::string& address : *addresses) {
    OGIVE_TRY(create_topic(context.cluster, address, *topic));
    if (topic->order && context.has("b")) OGIVE_TRY(order_on_broker(context, *topic, address));
    print(context.out, "create topic to {} success.\n", address);
  }
  if (topic->order && !context.has("b")) OGIVE_TRY(order_on_cluster(context, *topic));
  context.out << topic_config_text(*topic) << '\n';
  return {};
}

void options(settings::Options& options) {
  options
      .add_group({optional("b", "brokerAddr", "create topic to which broker"),
                  optional("c", "clusterName", "create topic to which cluster")},
                 true)
      .add(optional("a", "attributes", "attribute(+a=b,+c=d,-e)"))
      .add(required("t", "topic", "topic name"))
      .add(optional("r", "readQueueNums", "set read queue nums"))
      .add(optional("w", "writeQueueNums", "set write queue nums"))
      .add(optional("p", "perm", "set topic's permission(2|4|6), intro[2:W 4:R; 6:RW]"))
      .add(optional("o", "order", "set topic's order(true|false)"))
      .add(optional("u", "unit", "is unit topic (true|false)"))
      .add(optional("s", "hasUnitSub", "has unit sub (true|false)"));
}

}  // namespace

Command update_topic() {
  return {"updateTopic", "Update or create topic.", options, run};
}

}  // namespace ogive::admin
