#pragma once
// The message store on one machine's files: puts commit log, queues, flusher, pre-writer and recovery together.

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "store/checkpoint.h"
#include "store/index/index_builder.h"
#include "store/index/key_search.h"
#include "store/index/message_index.h"
#include "store/local_raw_log.h"
#include "store/log/commit_log.h"
#include "store/log/flusher.h"
#include "store/log/log_reader.h"
#include "store/log/prewriter.h"
#include "store/log/segment.h"
#include "store/log/tail_cache.h"
#include "store/message_store.h"
#include "store/queue/ends_keeper.h"
#include "store/queue/flushed_view.h"
#include "store/queue/queue_files.h"
#include "store/queue/queue_persister.h"
#include "store/queue/queue_reader.h"
#include "store/queue/queue_table.h"
#include "store/queue/queue_tails.h"
#include "store/retention/retention.h"

namespace ogive::store {

/// See MessageStore. Built by MessageStore::open.
class LocalMessageStore final : public MessageStore, private LogFollower {
 public:
  LocalMessageStore(const StoreEnvironment& environment, const StoreOptions& options);
  ~LocalMessageStore() override;

  /// Locks, recovers, starts. Once, before anything else.
  Status start();

  const RecoveryReport& recovery() const override { return report_; }
  bool appends_property_crc() const override { return options_.append_property_crc; }
  void submit(std::unique_ptr<AppendBatch> batch, io::Executor& executor, AppendListener& listener) override;
  Watermark& appended() override { return appended_; }
  Watermark& flushed() override { return flushed_; }
  void request_flush() override {
    prewriter_.expect_syncs();
    flusher_.request();
  }
  SyncFigures syncs() const override { return flusher_.figures(); }
  void note_parked(const ConsumeQueue& queue) override {
    if (options_.read_flushed_only && queue.has_hidden()) request_flush();
  }
  Watermark& replicated() override { return replicated_; }
  RawLog& raw_log() override { return raw_log_; }
  ConsumeQueue& queue(std::string_view topic, QueueId id) override { return queues_.get(topic, id); }
  ConsumeQueue* find_queue(std::string_view topic, QueueId id) override { return queues_.find(topic, id); }
  void set_arrival_listener(ArrivalListener listener) override { on_arrival_ = std::move(listener); }
  ReadResult read(ConsumeQueue& queue, const ReadRequest& request) override;
  Result<std::vector<std::byte>> read_record(PhysicalOffset offset) override;
  Result<QueueOffset> offset_by_time(ConsumeQueue& queue, std::int64_t timestamp_ms, bool upper) override;
  Result<std::int64_t> store_time(ConsumeQueue& queue, QueueOffset offset) override;
  Result<QueueEntry> queue_entry(ConsumeQueue& queue, QueueOffset offset) override;
  Result<KeyMatches> find_by_key(const KeyQuery& query) override;
  PhysicalOffset min_physical_offset() const override { return PhysicalOffset(segments_.begin()); }
  PhysicalOffset max_physical_offset() const override { return appended_.value(); }
  std::vector<std::pair<std::string, QueueId>> queues() const override;
  Status delete_topic(std::string_view topic) override;
  void set_retention(const RetentionSettings& settings) override { retention_.set(settings); }
  void remove_expired() override { retention_.ignore_hours(); }
  std::optional<Error> refusal() const override { return prewriter_.refusal(); }
  std::optional<Error> failure() const override { return log_.failure(); }
  Status close() override { return close_within(kStopPatience); }
  /// The same within `patience`, when there are more queues than a start looks through. Where that is too short for
  /// writing their files, what they lack is left in one file, and the abort file stays: another server makes the last
  /// entries from the log, which is flushed. It stays as well when the index cannot follow the log in time.
  Status close_within(Milliseconds patience);

 private:
  static constexpr Milliseconds kStopPatience{1'000};  ///< Also of deletions.

  void on_batch_written(const AppendBatch& batch) override;
  void on_round_written(PhysicalOffset end) override;
  void on_log_failed(const Error& error) override;

  /// How the last process ended, as the abort file tells.
  enum class LastStop : std::uint8_t { kOrderly, kCrash, kCrashAfterFailure };

  Status lock_directory();
  Result<LastStop> last_stop();
  Status mark_running();
  void mark_failed();
  Status recover(LastStop last_stop);
  void note_round() { round_position_ = log_.position(); }
  /// See QueuePersister::Hooks.
  Result<std::int64_t> flush_for_queues();
  /// What a stop left in memory; nothing when it is not to be relied on. `checkpoint`: with what the stop knew of the
  /// log.
  Result<std::optional<QueueTails>> load_tails(LastStop last_stop, bool ours, Checkpoint& checkpoint);
  /// For the next start, which then need not make entries anew. That it cannot be written is no failure.
  void save_tails();
  Status remove_tails();
  /// False when the index cannot follow the log in time.
  Result<bool> index_all(std::int64_t deadline_ms);
  Status write_checkpoint();
  /// Queues have begun anew or elsewhere. Within QueuePersister::exclusively().
  Status note_ends();
  Status save_ends(bool complete);
  Status sync_index();
  IndexTrust index_trust(LastStop last_stop) const;
  void note_damage(const Error& error);
  void tell_arrival(ConsumeQueue& queue) {
    if (on_arrival_) on_arrival_(queue);
  }
  /// What readers may know of ends here.
  const Watermark& visible() const { return options_.read_flushed_only ? flushed_ : appended_; }
  std::string path(std::string_view name) const { return options_.root + "/" + std::string(name); }

  const StoreEnvironment environment_;
  const StoreOptions options_;
  std::unique_ptr<io::FileLock> lock_;
  std::mutex abort_mutex_;
  std::unique_ptr<io::File> abort_file_;  ///< Open while the process runs: a failed disk may open nothing any more.
  RecoveryReport report_;
  Checkpoint checkpoint_;
  LogPosition round_position_;  ///< Persister's round: where the log was when it began.
  ArrivalListener on_arrival_;
  bool has_tails_ = false;  ///< There is a file of them that tells of the noted ends.
  bool recovering_ = true;  ///< The flusher does not know the log yet.

  Watermark appended_;
  Watermark flushed_;
  Watermark replicated_;
  SegmentList segments_;
  TailCache cache_;
  Prewriter prewriter_;
  CommitLog log_;
  FlushedView flushed_view_;  ///< Used with read_flushed_only.
  Flusher flusher_;
  QueueTable queues_;
  QueueFiles queue_files_;
  EndsKeeper ends_;
  QueuePersister persister_;
  LogReader log_reader_;
  QueueReader reader_;
  LocalRawLog raw_log_;
  MessageIndex index_;
  IndexBuilder index_builder_;
  KeySearch key_search_;
  Retention retention_;

  // The log writer's own.
  std::vector<ConsumeQueue*> touched_;
  std::size_t new_entries_ = 0;
  std::atomic<bool> damage_noted_{false};
  bool closed_ = false;
};

}  // namespace ogive::store
