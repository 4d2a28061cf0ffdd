// deleteKvConfig: removes an entry of the name servers' KV table (102).
#include "admin/commands/commands.h"
#include "protocol/codes.h"
#include "protocol/headers/namesrv.h"

namespace ogive::admin {
namespace {

Status run(Context& context) {
  const std::string space = context.text("s");
  const std::string key = context.text("k");
  OGIVE_TRY(context.cluster.ask_every_name_server(client::make_request(
      protocol::request_code::kDeleteKvConfig, protocol::DeleteKVConfigRequestHeader{space, key})));
  context.out << "delete kv config from namespace success.\n";
  return {};
}

void options(settings::Options& options) {
  options.add(required("s", "namespace", "set the namespace")).add(required("k", "key", "set the key name"));
}

}  // namespace

Command delete_kv_config() {
  return {"deleteKvConfig", "Delete KV config.", options, run};
}

}  // namespace ogive::admin
