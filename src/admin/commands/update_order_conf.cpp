// updateOrderConf: the order of a topic's queues in the name servers' KV table (100, 101, 102).
#include "admin/commands/commands.h"
#include "admin/print.h"
#include "admin/topics.h"
#include "protocol/codes.h"
#include "protocol/headers/namesrv.h"

namespace ogive::admin {
namespace {

Status run(Context& context) {
  const std::string topic = context.text("t");
  const std::string method = context.text("m");
  if (method == "get") {
    const auto order = get_order(context.cluster, topic);
    if (!order) return fail(order.error());
    print(context.out, "get orderConf success. topic=[{}], orderConf=[{}] ", topic, *order);
    return {};
  }
  if (method == "put") {
    const std::string order = context.text("v");
    if (order.empty()) return fail(Errc::kInvalidArgument, "please set orderConf with option -v.");
    OGIVE_TRY(put_order(context.cluster, topic, order));
    print(context.out, "update orderConf success. topic=[{}], orderConf=[{}]", topic, order);
    return {};
  }
  if (method == "delete") {
    OGIVE_TRY(context.cluster.ask_every_name_server(client::make_request(
        protocol::request_code::kDeleteKvConfig, protocol::DeleteKVConfigRequestHeader{kOrderNamespace, topic})));
    print(context.out, "delete orderConf success. topic=[{}]", topic);
    return {};
  }
  return fail(Errc::kInvalidArgument, fmt::format("option -m: '{}' is none of put, get and delete", method));
}

void options(settings::Options& options) {
  options.add(required("t", "topic", "topic name"))
      .add(optional("v", "orderConf", "set order conf [eg. brokerName1:num;brokerName2:num]"))
      .add(required("m", "method", "option type [eg. put|get|delete"));
}

}  // namespace

Command update_order_conf() {
  return {"updateOrderConf", "Create or update or delete order conf.", options, run};
}

}  // namespace ogive::admin
