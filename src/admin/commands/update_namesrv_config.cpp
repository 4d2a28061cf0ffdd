// updateNamesrvConfig: changes one setting of every name server (318).
#include "admin/commands/commands.h"
#include "admin/print.h"
#include "base/settings/properties.h"
#include "protocol/codes.h"

namespace ogive::admin {
namespace {

/// As the original shows the list given with -n; nothing without it.
std::string servers_text(const Context& context) {
  if (!context.has("n")) return {};
  std::string text;
  for (const client::HostPort& server : context.cluster.name_servers()) {
    text += (text.empty() ? "" : ", ") + server.text();
  }
  return "[" + text + "]";
}

Status run(Context& context) {
  remoting::Message request(protocol::request_code::kUpdateNamesrvConfig);
  request.body = settings::property_line(context.text("k"), context.text("v"));
  OGIVE_TRY(context.cluster.ask_every_name_server(request));
  print(context.out, "update name server config success!{}\n{} : {}\n", servers_text(context), context.text("k"),
        context.text("v"));
  return {};
}

void options(settings::Options& options) {
  options.add(required("k", "key", "config key")).add(required("v", "value", "config value"));
}

}  // namespace

Command update_namesrv_config() {
  return {"updateNamesrvConfig", "Update configs of name server.", options, run};
}

}  // namespace ogive::admin
