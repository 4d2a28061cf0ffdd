#include "store/queue/ends_keeper.h"

#include "base/log.h"

namespace ogive::store {

Result<QueueEnds> EndsKeeper::load(const Checkpoint& checkpoint, bool ours) {
  if (checkpoint.writer == Checkpoint::Writer::kOther) {
    OGIVE_TRY(remove());  // It tells of a time before the other server's.
    return QueueEnds{};
  }
  auto ends = load_queue_ends(subject_.files, path());
  if (!ends) return fail(std::move(ends).error());
  // A crash may have come between the file and its checkpoint; any other file is a stray one.
  const bool known = ours && checkpoint.writer == Checkpoint::Writer::kOgive &&
                     (ends->sequence == checkpoint.ends_sequence || ends->sequence == checkpoint.ends_sequence + 1);
  ends->complete = ends->complete && known && are_of_these_files(*ends);
  // Not to be met again by a start that would rely on it.
  wanted_ = !ours && !ends->queues.empty();
  if (ends->complete) saved_offset_ = ends->safe_offset;
  return ends;
}

void EndsKeeper::describe_files(QueueEnds& ends) const {
  ends.directory = directory();
  ends.simple_file_bytes = subject_.queue_files.home(QueueKind::kSimple).file_bytes;
  ends.batch_file_bytes = subject_.queue_files.home(QueueKind::kBatch).file_bytes;
}

bool EndsKeeper::are_of_these_files(const QueueEnds& ends) const {
  QueueEnds ours;
  describe_files(ours);
  return ends.directory == ours.directory && ends.simple_file_bytes == ours.simple_file_bytes &&
         ends.batch_file_bytes == ours.batch_file_bytes;
}

bool EndsKeeper::due(std::int64_t safe_offset, std::int64_t now_ms) const {
  if (wanted_) return true;
  const std::uint64_t created = subject_.queues.created();
  if (created > walked_at_start_) {
    return saved_bytes_ == 0 || safe_offset - saved_offset_ >= kLogBytesPerByte * saved_bytes_;
  }
  return created != saved_created_ && (saved_ms_ == 0 || now_ms - saved_ms_ >= kIntervalMs);
}

Status EndsKeeper::save(Checkpoint& checkpoint, std::int64_t flushed, bool complete, std::int64_t now_ms) {
  QueueEnds ends;
  ends.complete = complete;
  ends.sequence = checkpoint.ends_sequence + 1;
  ends.safe_offset = checkpoint.safe_offset;
  ends.log_end = flushed;
  describe_files(ends);
  const std::uint64_t created = subject_.queues.created();
  for (const ConsumeQueue* queue : subject_.queues.all()) {
    const ConsumeQueue::Extent extent = queue->in_files();
    if (extent.end_place == 0) continue;
    ends.queues.push_back({queue->topic(), queue->id(), queue->kind(), queue->files(), extent});
  }
  auto bytes = save_queue_ends(subject_.files, path(), ends);
  if (!bytes) {
    // A full disk, say: without the file a start looks at the queues themselves, an old one could mislead it.
    OGIVE_LOG(warn, "store", "noting the ends of queues failed: {}; a start looks at the files of all queues",
              bytes.error().message());
    return remove();
  }
  checkpoint.ends_sequence = ends.sequence;
  wanted_ = false;
  saved_created_ = created;
  saved_ms_ = now_ms;
  saved_offset_ = ends.safe_offset;
  saved_bytes_ = static_cast<std::int64_t>(*bytes);
  return {};
}

std::string EndsKeeper::directory() const {
  const std::string& simple = subject_.queue_files.home(QueueKind::kSimple).directory;
  return simple.starts_with(root_) ? simple.substr(root_.size()) : simple;
}

Status EndsKeeper::remove() {
  saved_bytes_ = 0;
  if (Status removed = subject_.files.remove(path()); !removed) {
    return removed.error().code() == Errc::kNotFound ? Status() : std::move(removed);
  }
  return subject_.files.sync_directory(root_);
}

}  // namespace ogive::store
