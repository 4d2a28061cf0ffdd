#pragma once
// Which records take a place in a consume queue, and with what tag code. One rule for appends by replication and for
// rebuilding queues from the log.

#include <cstdint>
#include <span>

#include "message/record.h"
#include "store/queue/consume_queue.h"

namespace ogive::store {

/// Whether `record` has an entry in a consume queue of its topic.
bool takes_queue_entry(const message::RecordView& record);

/// Queue offsets `record` takes: of an inner batch in a batch queue as many as it has messages, else one.
std::int32_t offsets_taken(const message::RecordView& record, const ConsumeQueue& queue);

/// Places without a record that are filled in a queue (docs/formats/consume-queue.md), so that what lies before them
/// stays where it was: 20 bytes each. A queue that lacks more begins anew behind them.
inline constexpr std::int64_t kMaxGapEntries = 1 << 24;
/// As many at a time, which are in memory until they are written.
inline constexpr std::int64_t kGapPiece = 1 << 20;
/// Fills `queue`'s places from its end to before `offset`, at most kGapPiece of them; true when the persister must be
/// told (ConsumeQueue::note_dirty). `visible`: publishes them.
bool fill_gap_piece(ConsumeQueue& queue, std::int64_t offset, bool visible);

/// The entry's tag code: of a delayed message when it is due, of any other its tag's hash. `delay_level_ms` is level 1
/// first.
std::int64_t entry_tags_code(const message::RecordView& record, std::span<const std::int64_t> delay_level_ms);

}  // namespace ogive::store
