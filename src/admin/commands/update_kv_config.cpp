// updateKvConfig: puts an entry into the name servers' KV table (100).
#include "admin/commands/commands.h"
#include "protocol/codes.h"
#include "protocol/headers/namesrv.h"

namespace ogive::admin {
namespace {

Status run(Context& context) {
  const std::string space = context.text("s");
  const std::string key = context.text("k");
  const std::string value = context.text("v");
  OGIVE_TRY(context.cluster.ask_every_name_server(client::make_request(
      protocol::request_code::kPutKvConfig, protocol::PutKVConfigRequestHeader{space, key, value})));
  context.out << "create or update kv config to namespace success.\n";
  return {};
}

void options(settings::Options& options) {
  options.add(required("s", "namespace", "set the namespace"))
      .add(required("k", "key", "set the key name"))
      .add(required("v", "value", "set the key value"));
}

}  // namespace

Command update_kv_config() {
  return {"updateKvConfig", "Create or update KV config.", options, run};
}

}  // namespace ogive::admin
