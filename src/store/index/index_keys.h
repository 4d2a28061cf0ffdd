#pragma once
// The keys under which a record is found.

#include <functional>
#include <string>
#include <string_view>

#include "message/record.h"

namespace ogive::store {

enum class KeyKind : std::uint8_t {
  kKey,  ///< One of KEYS, or UNIQ_KEY.
  kTag,  ///< TAGS (since 5.x).
};

/// The text that is hashed: "topic#key", of a tag "topic#T#tag".
void index_key(std::string& out, std::string_view topic, std::string_view key, KeyKind kind);

/// Visits the record's keys in the order they are indexed: UNIQ_KEY, each of KEYS, TAGS. None of a rollback record.
void for_each_index_key(const message::RecordView& record,
                        const std::function<void(std::string_view key, KeyKind kind)>& visit);

}  // namespace ogive::store
