#pragma once
// The keys under which a record is found.

#include <cstdint>
#include <string_view>

#include "message/properties.h"
#include "message/record.h"
#include "message/sys_flag.h"

namespace ogive::store {

enum class KeyKind : std::uint8_t {
  kKey,  ///< One of KEYS, or UNIQ_KEY.
  kTag,  ///< TAGS (since 5.x).
};

/// What the index files hold of a key: the Java hash of "topic#key", of a tag "topic#T#tag", without its sign.
std::int32_t index_hash(std::string_view topic, std::string_view key, KeyKind kind);

/// Calls visit(key, kind) for the record's keys in the order they are indexed: UNIQ_KEY, each of KEYS, TAGS. For none
/// of a rollback record.
template <class Visit>
void for_each_index_key(const message::RecordView& record, Visit&& visit) {
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
