// queryMsgByUniqueKey: messages with a producer's id (12).
#include "admin/commands/commands.h"
#include "admin/message_details.h"

namespace ogive::admin {
namespace {

Status print(Context& context, const MessageView& message, std::size_t index) {
  DetailOptions details{.with_offset_id = false};
  if (index > 0) details.file_suffix = "_" + std::to_string(index);
  print_message_details(context, message, details);
  const auto tracks = message_tracks(context.cluster, message);
  if (!tracks) return fail(tracks.error());
  context.out << (tracks->empty() ? "\n\nWARN: No Consumer" : "\n\n");
  for (const std::string& track : *tracks) context.out << track;
  return {};
}

Status run(Context& context) {
  const std::string topic = context.text("t");
  const auto begin = context.number("s", 0);
  if (!begin) return fail(begin.error());
  const auto end = context.number("e", INT64_MAX);
  if (!end) return fail(end.error());
  const auto found = messages_by_unique_key(context.cluster, context.given("c").value_or(topic), topic,
                                            context.text("i"), *begin, *end);
  if (!found) return fail(found.error());
  for (std::size_t i = 0; i < (context.has("a") ? found->size() : 1); ++i) {
    OGIVE_TRY(print(context, (*found)[i], i));
  }
  return {};
}

void options(settings::Options& options) {
  options.add(required("i", "msgId", "Message Id"))
      .add(optional("g", "consumerGroup", "consumer group name"))
      .add(optional("d", "clientId", "The consumer's client id"))
      .add(required("t", "topic", "The topic of msg"))
      .add(flag("a", "showAll", "Print all message, the limit is 32"))
      .add(optional("c", "cluster", "Cluster name or lmq parent topic, lmq is used to find the route."))
      .add(optional("s", "startTime", "startTime"))
      .add(optional("e", "endTime", "endTime"));
}

}  // namespace

Command query_msg_by_unique_key() {
  return {"queryMsgByUniqueKey", "Query Message by Unique key.", options, run};
}

}  // namespace ogive::admin
