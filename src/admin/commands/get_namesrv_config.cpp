// getNamesrvConfig: the settings of every name server (319).
#include "admin/commands/commands.h"
#include "admin/config_text.h"
#include "admin/print.h"
#include "protocol/codes.h"

namespace ogive::admin {
namespace {

Status run(Context& context) {
  const remoting::Message request(protocol::request_code::kGetNamesrvConfig);
  if (context.cluster.name_servers().empty()) OGIVE_TRY(context.cluster.ask_name_server(request));
  for (const client::HostPort& server : context.cluster.name_servers()) {
    const auto reply = context.cluster.ask(server.text(), request);
    if (!reply) return fail(reply.error());
    print(context.out, "============{}============\n", server.text());
    print_properties(context.out, reply->body);
  }
  return {};
}

void options(settings::Options&) {}

}  // namespace

Command get_namesrv_config() {
  return {"getNamesrvConfig", "Get configs of name server.", options, run};
}

}  // namespace ogive::admin
