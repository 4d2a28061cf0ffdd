// queryMsgByKey: messages with a key or tag (12).
#include <algorithm>

#include "admin/commands/commands.h"
#include "admin/message_details.h"
#include "admin/print.h"
#include "protocol/codes.h"
#include "protocol/headers/pull.h"

namespace ogive::admin {
namespace {

constexpr std::int64_t kHourMs = 3'600'000;

/// What the options say.
struct Wish {
  std::string topic;
  std::string key;
  std::string type;
  std::int64_t begin_ms = 0;
  std::int64_t end_ms = INT64_MAX;
  std::int32_t most = 64;
};

Result<Wish> wish_of(const Context& context) {
  Wish wish{context.text("t"), context.text("k"), context.given("p").value_or("K")};
  if (wish.type != "K" && wish.type != "T") {
    return fail(Errc::kInvalidArgument, "index type error, just support K for keys or T for tags");
  }
  const auto begin = context.number("b", wish.begin_ms);
  if (!begin) return fail(begin.error());
  const auto end = context.number("e", wish.end_ms);
  if (!end) return fail(end.error());
  const auto most = context.small_number("m", wish.most);
  if (!most) return fail(most.error());
  wish.begin_ms = *begin;
  wish.end_ms = *end;
  wish.most = *most;
  return wish;
}

/// The place of a message among those with this key; what -l of a next query takes.
std::string index_key(const Wish& wish, const MessageView& message) {
  return fmt::format("{}@{}@{}@{}@{}@{}", message.stored_ms / kHourMs * kHourMs, wish.topic, wish.type, wish.key,
                     message.id(), message.physical_offset);
}

Status run(Context& context) {
  const auto wish = wish_of(context);
  if (!wish) return fail(wish.error());
  auto request = client::make_request(
      protocol::request_code::kQueryMessage,
      protocol::QueryMessageRequestHeader{wish->topic, wish->key, wish->most, wish->begin_ms, wish->end_ms});
  request.field("_UNIQUE_KEY_QUERY", false);
  request.field("indexType", std::string_view(wish->type));
  if (const auto last = context.given("l")) request.field("lastKey", std::string_view(*last));
  const auto found = query_messages(context.cluster, context.given("c").value_or(wish->topic), request,
                                    [](const message::RecordView&) { return true; });
  if (!found) return fail(found.error());
  if (found->empty()) return no_message_with_key();
  print(context.out, "{:<50} {:>4} {:>40} {:<200}\n", "#Message ID", "#QID", "#Offset", "#IndexKey");
  for (const MessageView& message : *found) {
    print(context.out, "{:<50} {:>4} {:>40} {:<200}\n", message.id(), message.queue_id, message.queue_offset,
          index_key(*wish, message));
  }
  return {};
}

void options(settings::Options& options) {
  options.add(required("t", "topic", "Topic name"))
      .add(required("k", "msgKey", "Message Key"))
      .add(optional("b", "beginTimestamp", "Begin timestamp(ms). default:0, eg:1676730526212"))
      .add(optional("e", "endTimestamp", "End timestamp(ms). default:Long.MAX_VALUE, eg:1676730526212"))
      .add(optional("m", "maxNum", "The maximum number of messages returned by the query, default:64"))
      .add(optional("c", "cluster", "Cluster name or lmq parent topic, lmq is used to find the route."))
      .add(
          optional("p", "keyType", "Index key type, default index key type is K, you can use K for keys OR T for tags"))
      .add(optional("l", "lastKey", "Last Key"));
}

}  // namespace

Command query_msg_by_key() {
  return {"queryMsgByKey", "Query Message by Key.", options, run};
}

}  // namespace ogive::admin
