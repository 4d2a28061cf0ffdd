// wipeWritePerm and addWritePerm: takes and gives back a broker's write permission at every name server (205, 327).
#include "admin/commands/commands.h"
#include "admin/print.h"
#include "protocol/codes.h"
#include "protocol/headers/namesrv.h"

namespace ogive::admin {
namespace {

/// The two ways round.
struct Change {
  std::string_view verb;
  std::int32_t code;
  std::string_view count_field;
};

Status change(Context& context, const Change& change) {
  const std::string broker = context.text("b");
  const auto request = client::make_request(change.code, protocol::WipeWritePermOfBrokerRequestHeader{broker});
  if (context.cluster.name_servers().empty()) OGIVE_TRY(context.cluster.ask_name_server(request));
  for (const client::HostPort& server : context.cluster.name_servers()) {
    const auto reply = context.cluster.ask(server.text(), request);
    if (!reply) {
      print(context.out, "{} write perm of broker[{}] in name server[{}] Failed\n", change.verb, broker, server.text());
      context.report(reply.error());
      continue;
    }
    print(context.out, "{} write perm of broker[{}] in name server[{}] OK, {}\n", change.verb, broker, server.text(),
          reply->find(change.count_field).value_or("0"));
  }
  return {};
}

Status wipe(Context& context) {
  return change(context, {"wipe", protocol::request_code::kWipeWritePermOfBroker, "wipeTopicCount"});
}

Status add(Context& context) {
  return change(context, {"add", protocol::request_code::kAddWritePermOfBroker, "addTopicCount"});
}

void options(settings::Options& options) {
  options.add(required("b", "brokerName", "broker name"));
}

}  // namespace

Command wipe_write_perm() {
  return {"wipeWritePerm", "Wipe write perm of broker in all name server you defined in the -n param.", options, wipe};
}

Command add_write_perm() {
  return {"addWritePerm", "Add write perm of broker in all name server you defined in the -n param.", options, add};
}

}  // namespace ogive::admin
