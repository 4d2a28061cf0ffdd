#include "store/index/index_keys.h"

#include "message/properties.h"
#include "message/sys_flag.h"

namespace ogive::store {

void index_key(std::string& out, std::string_view topic, std::string_view key, KeyKind kind) {
  out.assign(topic);
  out += kind == KeyKind::kTag ? "#T#" : "#";
  out += key;
}

void for_each_index_key(const message::RecordView& record,
                        const std::function<void(std::string_view key, KeyKind kind)>& visit) {
  if ((record.sys_flag & message::kTransactionMask) == message::kTransactionRollback) return;
  std::string_view unique, keys, tags;
  message::for_each_property(record.properties, [&](std::string_view name, std::string_view value) {
    if (name == message::property::kUniqueKey) unique = value;
    if (name == message::property::kKeys) keys = value;
    if (name == message::property::kTags) tags = value;
    return true;
  });
  if (!unique.empty()) visit(unique, KeyKind::kKey);
  while (!keys.empty()) {
    const std::size_t space = keys.find(' ');
    if (space != 0) visit(keys.substr(0, space), KeyKind::kKey);
    keys.remove_prefix(space == std::string_view::npos ? keys.size() : space + 1);
  }
  if (!tags.empty()) visit(tags, KeyKind::kTag);
}

}  // namespace ogive::store
