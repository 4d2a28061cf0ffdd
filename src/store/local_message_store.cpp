#include "store/local_message_store.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>

#include "base/log.h"
#include "store/durable_directory.h"
#include "store/owner_mark.h"
#include "store/queue/consume_queue.h"
#include "store/recovery/recovery.h"
#include "store/rocksdb_directories.h"

namespace ogive::store {
namespace {

constexpr std::string_view kDamagedFile = "damagedqueues";
constexpr std::string_view kTailsFile = "queuetails";
constexpr std::int64_t kIndexSliceBytes = 16 << 20;
constexpr std::uint64_t kMaxAbortBytes = 4096;
// Entries of a batch whose queues are on their way into the cache meanwhile.
constexpr std::size_t kEntriesAhead = 4;
constexpr std::string_view kFailedMark = " the commit log failed";

// What such a store has in RocksDB (queues, topics, offsets) would silently be missing.
Status refuse_rocksdb(io::FileSystem& files, const std::string& root) {
  for (const RocksdbDirectory& directory : kRocksdbDirectories) {
    const std::string path = fmt::format("{}/{}", root, directory.name);
    if (!is_rocksdb(files, path)) continue;
    return fail(Errc::kUnsupported,
                fmt::format("{} is a RocksDB database: the store was written with storeType=defaultRocksDB, and only a "
                            "broker opens those. Nothing was changed",
                            path));
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<MessageStore>> MessageStore::open(const StoreEnvironment& environment,
                                                         const StoreOptions& options) {
  StoreOptions complete = options;
  if (complete.commit_log_path.empty()) complete.commit_log_path = complete.root + "/commitlog";
  if (complete.consume_queue_file_bytes == 0 || complete.consume_queue_file_bytes % QueueEntry::kBytes != 0) {
    return fail(Errc::kInvalidArgument, fmt::format("mappedFileSizeConsumeQueue={} is not a multiple of {}",
                                                    complete.consume_queue_file_bytes, QueueEntry::kBytes));
  }
  if (complete.batch_queue_file_bytes == 0 || complete.batch_queue_file_bytes % BatchEntry::kBytes != 0) {
    return fail(Errc::kInvalidArgument, fmt::format("mapperFileSizeBatchConsumeQueue={} is not a multiple of {}",
                                                    complete.batch_queue_file_bytes, BatchEntry::kBytes));
  }
  if (complete.queue_directory.empty()) complete.queue_directory = complete.root + "/consumequeue";
  if (!complete.rocksdb_kept) OGIVE_TRY(refuse_rocksdb(environment.files, complete.root));
  auto store = std::make_unique<LocalMessageStore>(environment, complete);
  OGIVE_TRY(store->start());
  return store;
}

LocalMessageStore::LocalMessageStore(const StoreEnvironment& environment, const StoreOptions& options)
    : environment_(environment),
      options_(options),
      segments_(environment.files, {options.commit_log_path, options.read_only_commit_log_paths},
                options.segment_bytes),
      cache_(options.tail_cache_bytes),
      prewriter_(environment.background, segments_, options.prewrite_bytes,
                 {[this] { return retention_.may_grow(); }, [this] { return retention_.room(); }},
                 [this](const Error& error) { log_.fail_with(error); }),
      log_(environment.clock, segments_, cache_, prewriter_, *this),
      flushed_view_([this](ConsumeQueue& queue) { tell_arrival(queue); }),
      flusher_(environment.flusher, segments_, appended_, flushed_, options.flush_interval,
               {[this](PhysicalOffset end) { flushed_view_.show(end.value()); },
                [this](const Error& error) { log_.fail_with(error); }}),
      queues_(options.is_batch_topic),
      queue_files_(environment.files,
                   {options.queue_directory, static_cast<std::int64_t>(options.consume_queue_file_bytes)},
                   {options.root + "/batchconsumequeue", static_cast<std::int64_t>(options.batch_queue_file_bytes)}),
      ends_({environment.files, queues_, queue_files_}, options.root, options.queues_walked_at_start),
      persister_(
          environment.background, queue_files_, cache_, options.checkpoint_interval,
          {[this] { note_round(); }, [this] { return flush_for_queues(); }, [this] { return write_checkpoint(); }}),
      log_reader_(segments_, cache_, options.verify_property_crc),
      reader_(log_reader_, queue_files_, segments_),
      raw_log_({segments_, cache_, prewriter_, log_, queues_, queue_files_, persister_, options.read_flushed_only},
               appended_, flushed_, options.delay_level_ms),
      index_(environment.files, environment.clock, options.root + "/index", options.index_shape),
      index_builder_(environment.background, index_, segments_, cache_, appended_),
      key_search_(index_builder_, index_, log_reader_, segments_, visible()),
      retention_(
          environment.background,
          {environment_.files, environment_.clock, segments_, log_reader_, queues_, reader_, queue_files_, persister_,
           options.index_enabled ? &index_builder_ : nullptr, flushed_, [this] { return note_ends(); }},
          options.retention) {
  if (options.replica) log_.only_placed();
  queue_files_.on_damage([this](const Error& error) { note_damage(error); });
}

LocalMessageStore::~LocalMessageStore() {
  retention_.stop();
  index_builder_.stop();
  prewriter_.stop();
  flusher_.stop();
  persister_.stop();
}

Status LocalMessageStore::start() {
  OGIVE_TRY(create_durable_directories(environment_.files, options_.root));
  OGIVE_TRY(lock_directory());
  auto last = last_stop();
  if (!last) return fail(std::move(last).error());
  OGIVE_TRY(recover(*last));
  OGIVE_TRY(mark_running());
  persister_.start(appended_.value().value());
  if (options_.expect_syncs) prewriter_.expect_syncs();
  prewriter_.start(log_.position().end);
  if (options_.index_enabled) index_builder_.start(index_trust(*last));
  retention_.start();
  return {};
}

Status LocalMessageStore::lock_directory() {
  auto lock = environment_.files.lock(path("lock"));
  if (!lock) {
    return fail(lock.error().code(),
                fmt::format("the store directory {} is in use by another process ({}): stop that one "
                            "or set another storePathRootDir",
                            options_.root, lock.error().message()));
  }
  lock_ = std::move(*lock);
  return {};
}

Result<LocalMessageStore::LastStop> LocalMessageStore::last_stop() {
  auto abort = io::read_file(environment_.files, path("abort"), kMaxAbortBytes);
  if (abort) return abort->find(kFailedMark) == std::string::npos ? LastStop::kCrash : LastStop::kCrashAfterFailure;
  if (abort.error().code() == Errc::kNotFound) return LastStop::kOrderly;
  return fail(std::move(abort).error());
}

IndexTrust LocalMessageStore::index_trust(LastStop last_stop) const {
  if (last_stop == LastStop::kOrderly) return {.all = true};
  if (checkpoint_.writer == Checkpoint::Writer::kOther) return {.until_ms = checkpoint_.index_timestamp_ms};
  return {.before_offset = checkpoint_.index_safe_offset};
}

// From here until close() a missing end means a crash.
Status LocalMessageStore::mark_running() {
  OGIVE_TRY(mark(environment_.files, path("lock")));
  const std::lock_guard lock(abort_mutex_);
  auto abort = environment_.files.open(path("abort"), io::OpenMode::kCreate);
  if (!abort) return fail(std::move(abort).error());
  const std::string pid = std::to_string(::getpid());
  OGIVE_TRY((*abort)->truncate(0));
  OGIVE_TRY((*abort)->write_at(0, as_bytes(pid)));
  OGIVE_TRY((*abort)->sync_data());
  OGIVE_TRY(environment_.files.sync_directory(options_.root));
  abort_file_ = std::move(*abort);
  return {};
}

// The next process must know that pages it can read may never have reached the device. It need not survive power loss,
// because such pages do not either.
void LocalMessageStore::mark_failed() {
  const std::lock_guard lock(abort_mutex_);
  if (!abort_file_) {
    auto abort = environment_.files.open(path("abort"), io::OpenMode::kCreate);
    if (!abort) return;
    abort_file_ = std::move(*abort);
  }
  const std::string text = std::to_string(::getpid()) + std::string(kFailedMark);
  if (Status status = abort_file_->write_at(0, as_bytes(text)); !status) {
    OGIVE_LOG(error, "store", "the failure could not be noted in {}: {}", path("abort"), status.error().message());
  }
}

Status LocalMessageStore::recover(LastStop last_stop) {
  auto checkpoint = load_checkpoint(environment_.files, path("checkpoint"));
  if (!checkpoint) return fail(std::move(checkpoint).error());
  checkpoint_ = *checkpoint;
  OGIVE_TRY(segments_.load(report_.repairs));
  if (last_stop != LastStop::kOrderly) queue_files_.distrust_names();
  auto ours = is_marked(environment_.files, path("lock"));
  if (!ours) return fail(std::move(ours).error());
  auto ends = ends_.load(checkpoint_, *ours);
  if (!ends) return fail(std::move(ends).error());
  Checkpoint checkpoint_seen = checkpoint_;
  auto tails = load_tails(last_stop, *ours, checkpoint_seen);
  if (!tails) return fail(std::move(tails).error());
  if (*tails) *ends = (*tails)->ends;
  auto damaged = environment_.files.info(path(kDamagedFile));
  if (!damaged && damaged.error().code() != Errc::kNotFound) return fail(std::move(damaged).error());
  // Another server did not keep queues where only ours are.
  const bool stale =
      options_.queue_directory != path("consumequeue") && checkpoint_.writer == Checkpoint::Writer::kOther;
  Result<std::int64_t> made = -1;
  if (stale && !damaged && !segments_.empty() && options_.make_queues) made = options_.make_queues(segments_.begin());
  if (!made) return fail(std::move(made).error());
  const bool distrusted = damaged || (stale && *made < 0);
  const bool rewrite = last_stop == LastStop::kCrashAfterFailure;
  const bool trust = ends_.relies_on(*ends) && !distrusted && !rewrite;
  Recovery recovery(
      {environment_.files, segments_, queues_, queue_files_},
      {options_.delay_level_ms, std::move(*ends), trust, *tails ? &**tails : nullptr, last_stop == LastStop::kOrderly,
       rewrite, distrusted, *made, options_.verify_property_crc, options_.recovered_entries_in_memory,
       path("damagedlog"), *ours && !damaged && !stale},
      [this](ConsumeQueue& queue) { persister_.add(queue); },
      [this](std::int64_t record_end) {
        cache_.reset(record_end);  // Entries stay in memory while their records do: here, none of these.
        return persister_.write_now();
      });
  auto position = recovery.run(checkpoint_seen, report_);
  if (!position) return fail(std::move(position).error());
  if (segments_.empty() || position->end == segments_.end()) OGIVE_TRY(segments_.create_next());
  for (ConsumeQueue* queue : queues_.all()) queue->next_offset = queue->max_offset().value();
  cache_.reset(position->end);
  log_.start(*position);
  appended_.advance(PhysicalOffset(position->end));
  // What a crash left in the page cache is not durable yet; nobody may be told it is.
  OGIVE_TRY(flusher_.flush_now());
  recovering_ = false;
  if (!distrusted && !report_.queues_doubted && !ends_.wanted()) return {};
  // What is noted now is true: the next start may rely on it.
  ends_.want();
  OGIVE_TRY(persister_.persist_now());
  return damaged ? environment_.files.remove(path(kDamagedFile)) : Status();
}

Result<std::int64_t> LocalMessageStore::flush_for_queues() {
  if (recovering_) {
    for (const auto& segment : segments_.all()) OGIVE_TRY(segment->file->sync_data());
    return INT64_MAX;
  }
  // Its failure is the log's, which tells it. What was flushed before may still be written.
  static_cast<void>(flusher_.flush_now());
  return flushed_.value().value();
}

void LocalMessageStore::submit(std::unique_ptr<AppendBatch> batch, io::Executor& executor, AppendListener& listener) {
  if (options_.read_flushed_only) [[unlikely]] {
    if (Status status = flushed_view_.admit(); !status) {
      return CommitLog::refuse(std::move(batch), executor, listener, status);
    }
  }
  log_.submit(std::move(batch), executor, listener);
}

void LocalMessageStore::on_batch_written(const AppendBatch& batch) {
  const auto entries = batch.entries();
  for (std::size_t i = 0; i < entries.size();) {
    if (!entries[i].takes_queue_offset) {
      ++i;
      continue;
    }
    ConsumeQueue& queue = *entries[i].queue;
    const ConsumeQueue* const later = i + kEntriesAhead < entries.size() ? entries[i + kEntriesAhead].queue : nullptr;
    if (later != nullptr) later->prefetch_entry();  // A prepared message has none.
    const auto lock = queue.lock();
    for (; i < entries.size() && entries[i].queue == &queue && entries[i].takes_queue_offset; ++i) {
      const auto& entry = entries[i];
      queue.push(lock, entry.queue_offset.value(),
                 {entry.physical_offset.value(), static_cast<std::int32_t>(entry.size), entry.tags_code},
                 entry.queue_count, batch.store_timestamp_ms);
      ++new_entries_;
    }
    if (options_.read_flushed_only) {
      const auto& last = entries[i - 1];
      flushed_view_.note(queue, queue.pushed(lock), last.physical_offset.value() + last.size);
      if (queue.note_dirty(lock)) persister_.add(queue);
    } else if (queue.publish(lock)) {
      persister_.add(queue);
    }
    if (queue.parked_polls.load(std::memory_order_seq_cst) != 0) touched_.push_back(&queue);
  }
}

void LocalMessageStore::on_round_written(PhysicalOffset end) {
  if (options_.read_flushed_only) flushed_view_.seal();
  appended_.advance(end);
  flusher_.note_appended();
  persister_.note_written(new_entries_, end.value());
  if (options_.index_enabled) index_builder_.note_appended();
  new_entries_ = 0;
  if (options_.read_flushed_only) {
    if (!touched_.empty()) request_flush();
  } else {
    for (ConsumeQueue* queue : touched_) tell_arrival(*queue);
  }
  touched_.clear();
}

void LocalMessageStore::on_log_failed(const Error& error) {
  OGIVE_LOG(error, "store", "the commit log has failed and takes no more messages: {}", error.message());
  flusher_.fail_all();
  mark_failed();
  appended_.fail(error);
  flushed_.fail(error);
  replicated_.fail(error);
}

ReadResult LocalMessageStore::read(ConsumeQueue& queue, const ReadRequest& request) {
  ReadResult result = reader_.read(queue, request);
  if (result.status == ReadStatus::kFailed && result.error->code() == Errc::kCorrupt) note_damage(*result.error);
  return result;
}

// The next start makes the queues anew from the log.
void LocalMessageStore::note_damage(const Error& error) {
  if (damage_noted_.exchange(true)) return;
  OGIVE_LOG(error, "store", "{}; the next start makes the consume queues anew from the log", error.message());
  auto file = environment_.files.open(path(kDamagedFile), io::OpenMode::kCreate);
  if (file) static_cast<void>((*file)->write_at(0, as_bytes(error.message())));
}

Status LocalMessageStore::write_checkpoint() {
  // Behind the limit entries were left for the next round.
  if (!persister_.sound() || persister_.round_limit() < round_position_.end) return {};
  checkpoint_.physic_timestamp_ms = round_position_.store_timestamp_ms;
  checkpoint_.logics_timestamp_ms = round_position_.store_timestamp_ms;
  checkpoint_.logics_physical_offset = round_position_.last_record;
  checkpoint_.safe_offset = round_position_.end;
  if (options_.index_enabled) OGIVE_TRY(sync_index());
  const std::int64_t now_ms = environment_.clock.monotonic_ms();
  if (!ends_.due(checkpoint_.safe_offset, now_ms)) {
    return save_checkpoint(environment_.files, path("checkpoint"), checkpoint_);
  }
  return save_ends(true);
}

Status LocalMessageStore::save_ends(bool complete) {
  OGIVE_TRY(ends_.save(checkpoint_, flushed_.value().value(), complete, environment_.clock.monotonic_ms()));
  OGIVE_TRY(save_checkpoint(environment_.files, path("checkpoint"), checkpoint_));
  // They told of the ends before.
  if (has_tails_) static_cast<void>(remove_tails());
  return {};
}

// The index can be made anew: its failure does not keep log and queues from being checkpointed.
Status LocalMessageStore::sync_index() {
  auto safe = index_builder_.sync();
  if (!safe) {
    OGIVE_LOG(error, "store", "flushing the index failed: {}; after a crash more of it is made anew",
              safe.error().message());
    return {};
  }
  checkpoint_.index_safe_offset = safe->offset;
  if (safe->offset >= 0) checkpoint_.index_timestamp_ms = safe->store_time_ms;
  return {};
}

Status LocalMessageStore::note_ends() {
  return save_ends(persister_.sync_files());
}

Result<std::optional<QueueTails>> LocalMessageStore::load_tails(LastStop last_stop, bool ours, Checkpoint& checkpoint) {
  const bool known = last_stop == LastStop::kCrash && ours && checkpoint.writer == Checkpoint::Writer::kOgive;
  Result<std::optional<QueueTails>> tails = std::nullopt;
  if (known) {
    tails = load_queue_tails(environment_.files, path(kTailsFile), environment_.files.lifetime(options_.root),
                             checkpoint.ends_sequence);
  }
  std::vector<QueueKind> kinds;  // Of which the last process has written files.
  if (tails && *tails) {
    for (const QueueKind kind : {QueueKind::kSimple, QueueKind::kBatch}) {
      const auto has_files = [kind](const QueueEnd& end) {
        return end.kind == kind && end.files.begin != end.files.end;
      };
      if (std::ranges::any_of((*tails)->ends.queues, has_files)) kinds.push_back(kind);
    }
  }
  // An error means what a missing file does: the log is read.
  if (!tails || !*tails || !ends_.are_of_these_files((*tails)->ends) ||
      !queue_files_.distrust_contents(kinds, (*tails)->ends.queues.size())) {
    OGIVE_TRY(remove_tails());
    return std::nullopt;
  }
  has_tails_ = true;
  checkpoint.logics_physical_offset = (*tails)->last_record;
  checkpoint.physic_timestamp_ms = std::max(checkpoint.physic_timestamp_ms, (*tails)->store_timestamp_ms);
  return tails;
}

void LocalMessageStore::save_tails() {
  const LogPosition position = log_.position();
  QueueTails tails;
  tails.lifetime = environment_.files.lifetime(options_.root);
  tails.last_record = position.last_record;
  tails.store_timestamp_ms = position.store_timestamp_ms;
  tails.ends.complete = true;
  tails.ends.sequence = checkpoint_.ends_sequence;
  tails.ends.safe_offset = tails.ends.log_end = position.end;
  ends_.describe_files(tails.ends);
  if (tails.lifetime.empty() || !persister_.sound() || flushed_.value().value() < position.end) return;
  Status saved =
      persister_.exclusively([&] { return save_queue_tails(environment_.files, path(kTailsFile), tails, queues_); });
  if (saved) return;
  OGIVE_LOG(warn, "store", "noting the last entries of the queues failed: {}; the next start makes them from the log",
            saved.error().message());
  static_cast<void>(remove_tails());
}

Status LocalMessageStore::remove_tails() {
  has_tails_ = false;
  for (const std::string& name : {path(kTailsFile), path(kTailsFile) + ".tmp"}) {
    if (environment_.files.info(name)) OGIVE_TRY(environment_.files.remove(name));
  }
  return {};
}

Result<bool> LocalMessageStore::index_all(std::int64_t deadline_ms) {
  if (!options_.index_enabled) return true;
  const std::int64_t end = appended_.value().value();
  for (;;) {
    OGIVE_TRY(index_builder_.catch_up(end, kIndexSliceBytes));
    if (index_builder_.position() >= end) return true;
    if (environment_.clock.monotonic_ms() >= deadline_ms) return false;
  }
}

Result<std::vector<std::byte>> LocalMessageStore::read_record(PhysicalOffset offset) {
  return log_reader_.record(offset.value(), visible().value().value());
}

Result<KeyMatches> LocalMessageStore::find_by_key(const KeyQuery& query) {
  if (!options_.index_enabled) {
    return fail(Errc::kUnsupported, "messages are not indexed: set messageIndexEnable=true and restart the broker");
  }
  return key_search_.find(query);
}

Result<QueueOffset> LocalMessageStore::offset_by_time(ConsumeQueue& queue, std::int64_t timestamp_ms, bool upper) {
  return reader_.offset_by_time(queue, timestamp_ms, upper);
}

Result<std::int64_t> LocalMessageStore::store_time(ConsumeQueue& queue, QueueOffset offset) {
  auto entry = reader_.entry(queue, offset.value());
  if (!entry) return fail(std::move(entry).error());
  if (entry->is_filler()) return fail(Errc::kNotFound, "the message is no longer in the log");
  return log_reader_.store_time(entry->physical_offset);
}

Result<QueueEntry> LocalMessageStore::queue_entry(ConsumeQueue& queue, QueueOffset offset) {
  return reader_.entry(queue, offset.value());
}

std::vector<std::pair<std::string, QueueId>> LocalMessageStore::queues() const {
  std::vector<std::pair<std::string, QueueId>> names;
  for (const ConsumeQueue* queue : queues_.all()) names.emplace_back(queue->topic(), queue->id());
  return names;
}

Status LocalMessageStore::delete_topic(std::string_view topic) {
  // A start does not meet the topic's records behind the safe offset then. Without it they are read again.
  static_cast<void>(persister_.persist_until(environment_.clock.monotonic_ms() + kStopPatience.count()));
  return persister_.exclusively([&]() -> Status {
    const std::vector<ConsumeQueue*> queues = queues_.of_topic(topic);
    for (ConsumeQueue* queue : queues) queue->listed.store(false);
    OGIVE_TRY(note_ends());  // Or the next start would miss them.
    for (ConsumeQueue* queue : queues) {
      // Records that have their place but no entry yet must not enter the new life of the queue.
      log_.in_append_section([queue](std::int64_t assigned) {
        queue->next_offset = 0;
        queue->reset(0, assigned);
      });
      OGIVE_TRY(queue_files_.remove(*queue));
    }
    queue_files_.remove_topic_directory(std::string(topic));
    return {};
  });
}

Status LocalMessageStore::close_within(Milliseconds patience) {
  if (closed_) return {};
  closed_ = true;
  const std::int64_t deadline_ms = environment_.clock.monotonic_ms() + patience.count();
  retention_.stop();
  prewriter_.stop();
  if (auto error = log_.failure()) return fail(std::move(*error));
  OGIVE_TRY(flusher_.flush_now());
  OGIVE_LOG(info, "store", "the log in {} was synced {} times, the last time in {} us", segments_.directory(),
            flusher_.figures().count, flusher_.figures().last_ns / 1000);
  auto indexed = index_all(deadline_ms);
  if (!indexed) return fail(std::move(indexed).error());
  OGIVE_TRY(persister_.exclusively([this]() -> Status {
    ends_.want();
    return {};
  }));
  const bool many = queues_.created() > options_.queues_walked_at_start;
  Result<bool> written = false;
  if (!many || persister_.is_nearly_durable()) written = persister_.persist_until(many ? deadline_ms : INT64_MAX);
  if (!written) return fail(std::move(written).error());
  flusher_.stop();
  persister_.stop();
  if (!*written) {
    save_tails();
    OGIVE_LOG(info, "store",
              "the log is flushed, but writing the files of all queues takes too long: what they lack is left to the "
              "next start, which another server makes from the log");
  }
  if (!*indexed) {
    OGIVE_LOG(info, "store", "the index has not caught up with the log: the next start goes on with it");
  }
  if (!*written || !*indexed) {
    lock_.reset();
    return {};
  }
  if (!persister_.sound()) return fail(Errc::kIo, "a consume queue could not be synced: the next start rebuilds it");
  OGIVE_TRY(environment_.files.remove(path("abort")));
  OGIVE_TRY(environment_.files.sync_directory(options_.root));
  lock_.reset();
  return {};
}

}  // namespace ogive::store
