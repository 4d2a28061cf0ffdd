#include "store/index/index_keys.h"

#include <cstdlib>

namespace ogive::store {

std::int32_t index_hash(std::string_view topic, std::string_view key, KeyKind kind) {
  return index_hash(message::java_string_hash(topic), key, kind);
}

std::int32_t index_hash(std::int32_t topic_hash, std::string_view key, KeyKind kind) {
  std::int32_t hash = message::java_string_hash(kind == KeyKind::kTag ? "#T#" : "#", topic_hash);
  hash = message::java_string_hash(key, hash);
  return hash == INT32_MIN ? 0 : std::abs(hash);
}

}  // namespace ogive::store
