#pragma once
// JSON of the KV tables: the file, and one namespace as it travels.

#include <map>
#include <string>
#include <string_view>

#include "base/error.h"

namespace ogive::namesrv {

using KvTables = std::map<std::string, std::map<std::string, std::string>>;

/// {"configTable":{namespace:{key:value}}}
std::string encode_kv_file(const KvTables& tables);
/// kCorrupt for anything else, an empty text included.
Result<KvTables> decode_kv_file(std::string_view text);
/// {"table":{key:value}}
std::string encode_kv_table(const std::map<std::string, std::string>& table);

}  // namespace ogive::namesrv
