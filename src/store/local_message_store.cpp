#include "store/local_message_store.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>

#include "base/log.h"
#include "store/queue/consume_queue.h"
#include "store/recovery/recovery.h"

namespace ogive::store {

Result<std::unique_ptr<MessageStore>> MessageStore::open(const StoreEnvironment& environment,
                                                         const StoreOptions& options) {
  StoreOptions complete = options;
  if (complete.commit_log_path.empty()) complete.commit_log_path = complete.root + "/commitlog";
  if (complete.consume_queue_file_bytes == 0 || complete.consume_queue_file_bytes % QueueEntry::kBytes != 0) {
    return fail(Errc::kInvalidArgument, fmt::format("mappedFileSizeConsumeQueue={} is not a multiple of {}",
                                                    complete.consume_queue_file_bytes, QueueEntry::kBytes));
  }
  auto store = std::make_unique<LocalMessageStore>(environment, complete);
  OGIVE_TRY(store->start());
  return store;
}

LocalMessageStore::LocalMessageStore(const StoreEnvironment& environment, const StoreOptions& options)
    : environment_(environment),
      options_(options),
      segments_(environment.files, options.commit_log_path, options.segment_bytes),
      cache_(options.tail_cache_bytes),
      prewriter_(environment.background, segments_, options.prewrite_bytes,
                 [this](const Error& error) { log_.fail_with(error); }),
      log_(environment.clock, segments_, cache_, prewriter_, *this),
      flusher_(environment.flusher, segments_, appended_, flushed_, options.flush_interval,
               [this](const Error& error) { log_.fail_with(error); }),
      queue_files_(environment.files, options.root + "/consumequeue", options.consume_queue_file_bytes),
      persister_(environment.background, queue_files_, cache_, options.checkpoint_interval,
                 {[this] { note_round(); }, [this] { return write_checkpoint(); }}),
      log_reader_(segments_, cache_),
      reader_(log_reader_, queue_files_, segments_),
      raw_log_({segments_, cache_, prewriter_, log_, queues_, queue_files_, persister_}, appended_, flushed_,
               options.delay_level_ms) {
  if (options.replica) log_.only_placed();
}

LocalMessageStore::~LocalMessageStore() {
  prewriter_.stop();
  flusher_.stop();
  persister_.stop();
}

Status LocalMessageStore::start() {
  OGIVE_TRY(environment_.files.create_directories(options_.root));
  OGIVE_TRY(lock_directory());
  auto clean = was_stopped_cleanly();
  if (!clean) return fail(std::move(clean).error());
  OGIVE_TRY(recover(*clean));
  // From here until close() a missing end means a crash.
  auto abort = environment_.files.open(path("abort"), io::OpenMode::kCreate);
  if (!abort) return fail(std::move(abort).error());
  const std::string pid = std::to_string(::getpid());
  OGIVE_TRY((*abort)->truncate(0));
  OGIVE_TRY((*abort)->write_at(0, as_bytes(pid)));
  OGIVE_TRY((*abort)->sync_data());
  OGIVE_TRY(environment_.files.sync_directory(options_.root));
  if (options_.expect_syncs) prewriter_.expect_syncs();
  prewriter_.start(log_.position().end);
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

Result<bool> LocalMessageStore::was_stopped_cleanly() {
  auto abort = environment_.files.info(path("abort"));
  if (abort) return false;
  if (abort.error().code() == Errc::kNotFound) return true;
  return fail(std::move(abort).error());
}

Status LocalMessageStore::recover(bool clean) {
  auto checkpoint = load_checkpoint(environment_.files, path("checkpoint"));
  if (!checkpoint) return fail(std::move(checkpoint).error());
  checkpoint_ = *checkpoint;
  OGIVE_TRY(segments_.load(report_.repairs));
  Recovery recovery(
      {environment_.files, segments_, queues_, queue_files_},
      {options_.delay_level_ms, options_.root + "/batchconsumequeue", clean},
      [this](ConsumeQueue& queue) { persister_.add(queue); }, [this] { return persister_.write_now(); });
  auto position = recovery.run(checkpoint_, report_);
  if (!position) return fail(std::move(position).error());
  if (segments_.empty() || position->end == segments_.end()) OGIVE_TRY(segments_.create_next());
  for (ConsumeQueue* queue : queues_.all()) queue->next_offset = queue->max_offset().value();
  cache_.reset(position->end);
  log_.start(*position);
  appended_.advance(PhysicalOffset(position->end));
  // What a crash left in the page cache is not durable yet; nobody may be told it is.
  return flusher_.flush_now();
}

void LocalMessageStore::on_batch_written(const AppendBatch& batch) {
  const auto entries = batch.entries();
  for (std::size_t i = 0; i < entries.size();) {
    if (!entries[i].takes_queue_offset) {
      ++i;
      continue;
    }
    ConsumeQueue& queue = *entries[i].queue;
    const auto lock = queue.lock();
    for (; i < entries.size() && entries[i].queue == &queue && entries[i].takes_queue_offset; ++i) {
      const auto& entry = entries[i];
      queue.push(lock, entry.queue_offset.value(),
                 {entry.physical_offset.value(), static_cast<std::int32_t>(entry.size), entry.tags_code});
      ++new_entries_;
    }
    if (queue.publish(lock)) persister_.add(queue);
    if (queue.parked_polls.load(std::memory_order_seq_cst) != 0) touched_.push_back(&queue);
  }
}

void LocalMessageStore::on_round_written(PhysicalOffset end) {
  appended_.advance(end);
  flusher_.note_appended();
  persister_.note_entries(new_entries_);
  new_entries_ = 0;
  if (on_arrival_) {
    for (ConsumeQueue* queue : touched_) on_arrival_(*queue);
  }
  touched_.clear();
}

void LocalMessageStore::on_log_failed(const Error& error) {
  OGIVE_LOG(error, "store", "the commit log has failed and takes no more messages: {}", error.message());
  appended_.fail(error);
  flushed_.fail(error);
  replicated_.fail(error);
}

Status LocalMessageStore::write_checkpoint() {
  if (!persister_.sound()) return {};
  if (flushed_.value().value() < round_position_.end) OGIVE_TRY(flusher_.flush_now());
  checkpoint_.physic_timestamp_ms = round_position_.store_timestamp_ms;
  checkpoint_.logics_timestamp_ms = round_position_.store_timestamp_ms;
  checkpoint_.logics_physical_offset = round_position_.last_record;
  checkpoint_.safe_offset = round_position_.end;
  return save_checkpoint(environment_.files, path("checkpoint"), checkpoint_);
}

Result<std::vector<std::byte>> LocalMessageStore::read_record(PhysicalOffset offset) {
  return log_reader_.record(offset.value(), appended_.value().value());
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
  Status status = persister_.exclusively([&]() -> Status {
    for (ConsumeQueue* queue : queues_.of_topic(topic)) {
      queue->listed.store(false);
      // Records that have their place but no entry yet must not enter the new life of the queue.
      log_.in_append_section([queue](std::int64_t assigned) {
        queue->next_offset = 0;
        queue->reset(0, assigned);
      });
      OGIVE_TRY(queue_files_.remove(*queue));
    }
    return {};
  });
  if (status) queue_files_.remove_topic_directory(std::string(topic));
  return status;
}

Status LocalMessageStore::close() {
  if (closed_) return {};
  closed_ = true;
  prewriter_.stop();
  if (auto error = log_.failure()) return fail(std::move(*error));
  OGIVE_TRY(flusher_.flush_now());
  OGIVE_TRY(persister_.persist_now());
  flusher_.stop();
  persister_.stop();
  if (!persister_.sound()) return fail(Errc::kIo, "a consume queue could not be synced: the next start rebuilds it");
  OGIVE_TRY(environment_.files.remove(path("abort")));
  OGIVE_TRY(environment_.files.sync_directory(options_.root));
  lock_.reset();
  return {};
}

}  // namespace ogive::store
