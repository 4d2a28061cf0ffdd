#include "namesrv/kv_file.h"

#include <optional>

#include "protocol/json.h"

namespace ogive::namesrv {
namespace {

struct FileBody {
  std::optional<KvTables> config_table;
};
BOOST_DESCRIBE_STRUCT(FileBody, (), (config_table))

struct TableBody {
  std::map<std::string, std::string> table;
};
BOOST_DESCRIBE_STRUCT(TableBody, (), (table))

}  // namespace

std::string encode_kv_file(const KvTables& tables) {
  return protocol::to_json(FileBody{.config_table = tables});
}

Result<KvTables> decode_kv_file(std::string_view text) {
  if (text.empty()) return fail(Errc::kCorrupt, "the file is empty");
  auto body = protocol::from_json<FileBody>(text);
  if (!body) return fail(body.error());
  if (!body->config_table) return fail(Errc::kCorrupt, "configTable is missing");
  return std::move(*body->config_table);
}

std::string encode_kv_table(const std::map<std::string, std::string>& table) {
  return protocol::to_json(TableBody{.table = table});
}

}  // namespace ogive::namesrv
