#pragma once
// The keys under which a record is found.

#include <cstdint>
#include <string_view>
#include <utility>

#include "message/properties.h"
#include "message/record.h"
#include "message/sys_flag.h"

namespace ogive::store {

enum class KeyKind : std::uint8_t {
  kKey,  ///< One of KEYS, or UNIQ_KEY.
  kTag,  ///< TAGS (since 5.x).
};

/// One key of one record, as an index file takes it.
struct IndexKey {
  std::int64_t offset = 0;  ///< Physical offset of the record.
  std::int64_t store_time_ms = 0;
  std::int32_t hash = 0;
};

/// What the index files hold of a key: the Java hash of "topic#key", of a tag "topic#T#tag", without its sign.
std::int32_t index_hash(std::string_view topic, std::string_view key, KeyKind kind);
/// The same for who knows the topic's Java hash.
std::int32_t index_hash(std::int32_t topic_hash, std::string_view key, KeyKind kind);

/// Calls visit(key, kind) for a record's keys in the order they are indexed: UNIQ_KEY, each of KEYS, TAGS. For none
/// of a rollback record.
template <class Visit>
void for_each_index_key(std::int32_t sys_flag, std::string_view properties, Visit&& visit) {
  if ((sys_flag & message::kTransactionMask) == message::kTransactionRollback) return;
  std::string_view unique, keys, tags;
  message::for_each_property(properties, [&](std::string_view name, std::string_view value) {
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
template <class Visit>
void for_each_index_key(const message::RecordView& record, Visit&& visit) {
  for_each_index_key(record.sys_flag, record.properties, std::forward<Visit>(visit));
}

}  // namespace ogive::store
