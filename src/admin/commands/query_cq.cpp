// queryCq: entries of a consume queue (321).
#include "admin/commands/commands.h"
#include "admin/print.h"
#include "client/route.h"
#include "protocol/bodies/consume_queue.h"
#include "protocol/codes.h"
#include "protocol/headers/admin.h"

namespace ogive::admin {
namespace {

constexpr std::string_view kRule = "======================================\n";

Result<std::string> broker_to_ask(Context& context, const std::string& topic) {
  if (const auto given = context.given("b")) return *given;
  const auto route = context.cluster.route(topic);
  if (!route) return fail(route.error());
  for (const auto& broker : route->broker_datas) {
    if (const auto master = client::master_of(broker)) return *master;
  }
  return fail(Errc::kNotFound, fmt::format("no master has topic '{}'; name one with -b", topic));
}

void print_entries(Context& context, const protocol::QueryConsumeQueueResponseBody& body, std::int64_t index) {
  if (body.subscription_data) {
    print(context.out, "Subscription data: \n{}\n{}", protocol::to_json(*body.subscription_data, {.pretty = true}),
          kRule);
  }
  if (body.filter_data) print(context.out, "Filter data: \n{}\n{}", *body.filter_data, kRule);
  print(context.out, "Queue data: \nmax: {}, min: {}\n{}", body.max_queue_index, body.min_queue_index, kRule);
  for (const protocol::ConsumeQueueData& entry : body.queue_data) {
    print(context.out,
          "idx: {}\nConsumeQueueData{{physicOffset={}, physicSize={}, tagsCode={}, extendDataJson='{}', "
          "bitMap='{}', eval={}, msg='{}'}}\n{}",
          index++, entry.physic_offset, entry.physic_size, entry.tags_code, entry.extend_data_json.value_or("null"),
          entry.bit_map.value_or("null"), entry.eval, entry.msg.value_or("null"), kRule);
  }
}

Status run(Context& context) {
  const std::string topic = context.text("t");
  const std::string group = context.text("g");
  const auto queue = context.small_number("q", 0);
  if (!queue) return fail(queue.error());
  const auto index = context.number("i", 0);
  if (!index) return fail(index.error());
  const auto count = context.small_number("c", 10);
  if (!count) return fail(count.error());
  const auto address = broker_to_ask(context, topic);
  if (!address) return fail(address.error());
  protocol::QueryConsumeQueueRequestHeader header;
  header.topic = topic;
  header.queue_id = *queue;
  header.index = *index;
  header.count = *count;
  if (!group.empty()) header.consumer_group = group;
  const auto body = context.cluster.ask_json<protocol::QueryConsumeQueueResponseBody>(
      *address, client::make_request(protocol::request_code::kQueryConsumeQueue, header));
  if (!body) return fail(body.error());
  print_entries(context, *body, *index);
  return {};
}

void options(settings::Options& options) {
  options.add(required("t", "topic", "topic name"))
      .add(required("q", "queue", "queue num, ie. 1"))
      .add(required("i", "index", "start queue index."))
      .add(optional("c", "count", "how many."))
      .add(optional("b", "broker", "broker addr."))
      .add(optional("g", "consumer", "consumer group."));
}

}  // namespace

Command query_cq() {
  return {"queryCq", "Query cq command.", options, run};
}

}  // namespace ogive::admin
