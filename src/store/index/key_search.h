#pragma once
// Answers "the messages with this key": asks the index, reads the records, keeps those that really have it.

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "store/index/index_builder.h"
#include "store/index/message_index.h"
#include "store/log/log_reader.h"
#include "store/message_store.h"

namespace ogive::store {

/// Thread-safe; blocking.
class KeySearch {
 public:
  KeySearch(IndexBuilder& builder, const MessageIndex& index, const LogReader& log, const SegmentList& segments,
            const Watermark& visible)
      : builder_(builder), index_(index), log_(log), segments_(segments), visible_(visible) {}

  /// See MessageStore::find_by_key.
  Result<KeyMatches> find(const KeyQuery& query) const;

 private:
  /// How much of the log a query may read to find what was sent a moment ago.
  static constexpr std::int64_t kCatchUpBytes = 32 << 20;
  static constexpr std::size_t kMaxCandidates = 100'000;
  static constexpr std::size_t kMaxReplyBytes = 8 << 20;

  IndexBuilder& builder_;
  const MessageIndex& index_;
  const LogReader& log_;
  const SegmentList& segments_;
  const Watermark& visible_;  ///< Records behind it are not found.
};

}  // namespace ogive::store
