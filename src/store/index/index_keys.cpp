#include "store/index/index_keys.h"

#include <cstdlib>

namespace ogive::store {

std::int32_t index_hash(std::string_view topic, std::string_view key, KeyKind kind) {
  std::int32_t hash = message::java_string_hash(topic);
  hash = message::java_string_hash(kind == KeyKind::kTag ? "#T#" : "#", hash);
  hash = message::java_string_hash(key, hash);
  return hash == INT32_MIN ? 0 : std::abs(hash);
}

}  // namespace ogive::store
