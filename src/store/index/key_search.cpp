#include "store/index/key_search.h"

#include <algorithm>

#include "message/record.h"

namespace ogive::store {

Result<KeyMatches> KeySearch::find(const KeyQuery& query) const {
  const std::int64_t end = visible_.value().value();
  if (Status status = builder_.catch_up(end, kCatchUpBytes); !status && status.error().code() != Errc::kClosed) {
    return fail(std::move(status).error());
  }
  KeyMatches matches;
  matches.covered_from = PhysicalOffset(segments_.begin());
  if (end > segments_.begin()) matches.covered_from_ms = log_.store_time(segments_.begin()).value_or(-1);
  matches.covered_to = PhysicalOffset(std::clamp<std::int64_t>(builder_.position(), 0, end));
  matches.complete = builder_.position() >= end;
  const MessageIndex::Newest newest = index_.newest();
  matches.newest_store_time_ms = newest.store_time_ms;
  matches.newest_offset = PhysicalOffset(newest.offset);

  std::int64_t before = INT64_MAX;
  std::size_t bytes = 0;
  std::size_t looked_at = 0;
  const std::size_t batch = std::max<std::size_t>(query.max_messages, 64);
  while (matches.records.size() < query.max_messages && looked_at < kMaxCandidates) {
    auto offsets = index_.find(query.topic, query.key, query.kind, query.begin_ms, query.end_ms, before, batch);
    if (!offsets) return fail(std::move(offsets).error());
    for (const std::int64_t offset : *offsets) {
      if (matches.records.size() >= query.max_messages || bytes >= kMaxReplyBytes) break;
      if (offset < segments_.begin()) return matches;  // Older ones are gone too.
      if (offset >= end) continue;
      auto record = log_.record(offset, end);
      if (!record) {
        if (record.error().code() == Errc::kNotFound || record.error().code() == Errc::kCorrupt) continue;
        return fail(std::move(record).error());
      }
      auto view = message::decode_record(*record);
      if (!view || view->topic != query.topic || !message::body_crc_matches(*view)) continue;
      if (view->store_timestamp_ms < query.begin_ms || view->store_timestamp_ms > query.end_ms) continue;
      bool has_key = false;
      for_each_index_key(*view, [&](std::string_view key, KeyKind kind) {
        has_key = has_key || (kind == query.kind && key == query.key);
      });
      if (!has_key) continue;
      bytes += record->size();
      matches.records.push_back(std::move(*record));
    }
    looked_at += offsets->size();
    if (offsets->size() < batch || bytes >= kMaxReplyBytes) break;
    before = offsets->back();
  }
  return matches;
}

}  // namespace ogive::store
