#pragma once
// Brings log and queues into one state at start: finds the log's end, rebuilds what the queues lack, removes leftovers.

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "io/file.h"
#include "store/checkpoint.h"
#include "store/log/commit_log.h"
#include "store/log/segment.h"
#include "store/message_store.h"
#include "store/queue/queue_ends.h"
#include "store/queue/queue_files.h"
#include "store/queue/queue_table.h"
#include "store/queue/queue_tails.h"
#include "store/recovery/damaged_range.h"
#include "store/recovery/log_scanner.h"
#include "store/recovery/offset_jumps.h"
#include "store/recovery/queue_loader.h"

namespace ogive::store {

/// The parts recovery works on.
struct RecoverySubject {
  io::FileSystem& files;
  SegmentList& segments;
  QueueTable& queues;
  QueueFiles& queue_files;
};

/// Start-up only, one thread, blocking. Running it again over its own result, or over what a crash in its middle left,
/// comes to the same end.
///
/// 0. Where the ends of queues are noted and can be relied on, the log is read from the place they were noted at, and
/// no
///    queue file is looked at. What contradicts them there leads to the following instead.
/// 1. A *safe offset* is chosen before which log and queue entries are known to be on disk: from our checkpoint, after
/// an
///    orderly stop of another server from the queues' ends, after its crash from the checkpoint's timestamps.
/// 2. Queue entries from there on are forgotten, the log is read from there to its end, and they are made anew.
///    Where queues turn out to be damaged, this is done with the whole log.
/// 3. After a failed sync the log from there on is written again, so that a later sync means something.
/// 4. Damage in the middle of the log is kept aside and sealed (recovery/damaged_range.h).
/// 5. What lies behind the log's end and the queues' ends is zeroed, so that no later start takes it for data.
class Recovery {
 public:
  struct Settings {
    std::vector<std::int64_t> delay_level_ms;
    QueueEnds queue_ends;               ///< How far queues reach at least; empty when not known.
    bool trust_ends = false;            ///< They need not be looked at, unless the log contradicts them.
    const QueueTails* tails = nullptr;  ///< What the queues have beyond `queue_ends`, which are its ends.
    bool clean = true;
    bool rewrite = false;  ///< A sync had failed: what can be read behind the safe offset may not be on the device.
    bool distrust_queues = false;      ///< Damage was met while reading: they are made anew.
    std::int64_t queues_made_to = -1;  ///< They were made just now, for the log up to there; -1: they were not.
    bool verify_property_crc = false;
    std::size_t entries_in_memory = 1 << 20;  ///< Entries made anew before they are written to the queues' files; more
                                              ///< of them with very many queues.
    std::string damage_directory;             ///< Where the bytes of damage in the log are kept.
    /// Only we had the store: its queue files have entries of flushed records only, and what an orderly stop left was
    /// flushed. Other servers write queue files as it comes, and leave records behind the log's end.
    bool ours = false;
  };

  /// `dirty` is called for a queue that got entries its files lack; `spill` writes such entries out, all of them of
  /// records before the given offset, and is called whenever Settings::entries_in_memory have gathered.
  Recovery(const RecoverySubject& subject, Settings settings, std::function<void(ConsumeQueue&)> dirty,
           std::function<Status(std::int64_t record_end)> spill);

  Result<LogPosition> run(const Checkpoint& checkpoint, RecoveryReport& report);

 private:
  /// Step 0; nothing when the noted ends are not to be relied on.
  Result<std::optional<ScanEnd>> resume(RecoveryReport& report);
  Result<std::string> find_contradiction(const ScanEnd& end);
  Result<std::string> load_noted();
  Result<bool> goes_on_behind(const ScanEnd& end);
  void forget_queues();
  /// Steps 1 to 3.
  Result<ScanEnd> walk(const Checkpoint& checkpoint, RecoveryReport& report);
  Result<std::int64_t> choose_start(const Checkpoint& checkpoint, RecoveryReport& report);
  Result<std::int64_t> start_by_timestamps(const Checkpoint& checkpoint);
  Result<std::int64_t> start_by_queues(RecoveryReport& report);
  /// Whether the log has the record of that entry.
  Result<bool> has_record(const QueueEntry& entry);
  /// Behind the record of the furthest entry in queue files: the log was flushed up to there. 0: they do not tell.
  Result<std::int64_t> flushed_by_entries();
  /// From `start`, where queues end, over records that are to have no entries.
  Result<std::int64_t> pass_made(std::int64_t start);
  /// Reads the log from `start` on. Whatever is damaged before `sound_from` is passed over: the log goes on there.
  /// Behind it, damage is passed over where the log can be seen to go on.
  Result<ScanEnd> rebuild(std::int64_t start, std::int64_t sound_from, RecoveryReport& report);
  /// Where the log goes on behind the place a scan stopped at; nothing at its end.
  Result<std::optional<std::int64_t>> go_on_behind(const ScanEnd& stopped, std::int64_t sound_from);
  void seal_passed_over(RecoveryReport& report);
  const QueueEnd* short_queue() const;
  Status raise_short_queues(RecoveryReport& report);
  /// Says every now and then how far the log is read.
  void tell(std::int64_t offset);
  Status dispatch(const message::RecordView& record, bool last_resort, RecoveryReport& report);
  /// A record whose queue offset leaves its queue's sequence, until the queue's next one says whether that is so.
  struct Held {
    OffsetClaim claim;
    QueueEntry entry;
    std::int64_t store_timestamp_ms = 0;
  };
  std::size_t allowed_in_memory() const;
  Status add_entry(ConsumeQueue& queue, const Held& record);
  /// Decides on what is held of `queue` by the offset of the record behind it.
  Status settle(ConsumeQueue& queue, std::int64_t following, RecoveryReport& report);
  /// The log is read: what is held stays the last of its queue.
  Status settle_all(RecoveryReport& report);
  Status take_held(ConsumeQueue& queue, const Held& held, RecoveryReport& report);
  Status start_queue_at(ConsumeQueue& queue, std::int64_t offset);
  /// Records from `behind` on in the log come after the gap.
  Status fill_gap(ConsumeQueue& queue, std::int64_t offset, std::int64_t behind, RecoveryReport& report);
  Status rewrite_log(std::int64_t begin, std::int64_t end, RecoveryReport& report);
  /// Behind the last byte in `segment` that is not zero; `offset` when there is none from there on.
  Result<std::int64_t> data_end(const Segment& segment, std::int64_t offset);
  Status keep_cut_records(const ScanEnd& end, RecoveryReport& report);
  Status clear_log_tail(const ScanEnd& end, RecoveryReport& report);
  Status clear_queue_tails(RecoveryReport& report);

  RecoverySubject subject_;
  const Settings settings_;
  std::function<void(ConsumeQueue&)> dirty_;
  std::function<Status(std::int64_t)> spill_;
  std::size_t unspilled_ = 0;
  std::int64_t told_ = 0;  ///< How far the log was read when that was said last.
  absl::flat_hash_map<ConsumeQueue*, Held> held_;
  std::int64_t flushed_ms_ = 0;  ///< Records stored before are on the device, where no offset says so.
  std::vector<DamagedRange> passed_over_;
  bool gap_found_ = false;  ///< Queues lack entries from before the place they were read on from.
};

}  // namespace ogive::store
