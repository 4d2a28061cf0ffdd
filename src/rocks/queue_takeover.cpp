#include "rocks/queue_takeover.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/log.h"
#include "store/queue/queue_table.h"

namespace ogive::rocks {
namespace {

constexpr std::size_t kPieceBytes = 4'096 * store::QueueEntry::kBytes;

/// The database is not what queues can be made from; the log is.
std::unexpected<Error> unusable(std::string why) {
  return fail(Errc::kCancelled, std::move(why));
}

Status remove_below(io::FileSystem& files, const std::string& directory) {
  auto listed = files.list(directory);
  if (!listed) return listed.error().code() == Errc::kNotFound ? Status() : fail(std::move(listed).error());
  for (const io::FileInfo& info : *listed) {
    const std::string path = directory + "/" + info.name;
    if (info.is_directory) OGIVE_TRY(remove_below(files, path));
    OGIVE_TRY(files.remove(path));
  }
  return {};
}

}  // namespace

QueueTakeover::QueueTakeover(io::FileSystem& files, const QueueDatabase& database, Place place,
                             const std::function<bool(std::string_view topic)>& is_batch_topic)
    : files_(files), database_(database), place_(std::move(place)), is_batch_topic_(is_batch_topic) {}

Result<std::int64_t> QueueTakeover::run(std::int64_t log_begin) {
  OGIVE_TRY(clear());
  Status copied = copy(log_begin);
  made_.reset();
  current_ = {};
  finished_.clear();
  if (copied) {
    OGIVE_LOG(info, "store", "took {} entries of {} queues over from {}, which covers the log up to {}", entries_,
              queues_, database_.path(), covered_);
    return covered_;
  }
  if (copied.error().code() != Errc::kCancelled && copied.error().code() != Errc::kCorrupt) {
    return fail(std::move(copied).error());
  }
  OGIVE_LOG(warn, "store", "the consume queues are made from the whole log, not from {}: {}", database_.path(),
            copied.error().message());
  OGIVE_TRY(clear());
  return -1;
}

Status QueueTakeover::clear() {
  OGIVE_TRY(remove_below(files_, place_.directory));
  return io::create_directories_durably(files_, place_.directory);
}

Status QueueTakeover::load_ends(std::int64_t log_begin) {
  auto covered = database_.covered();
  if (!covered) return fail(std::move(covered).error());
  covered_ = *covered;
  if (covered_ <= log_begin) return unusable("it covers nothing of the log");
  auto batches = files_.names(place_.batch_directory);
  if (batches && !batches->empty()) return unusable(fmt::format("{} has queues", place_.batch_directory));
  auto reaches = database_.reaches();
  if (!reaches) return fail(std::move(reaches).error());
  for (const QueueReach& reach : *reaches) {
    if (reach.physical_offset < log_begin) continue;
    if (is_batch_topic_ && is_batch_topic_(reach.topic)) {
      return unusable(fmt::format("topic {} has batch queues", reach.topic));
    }
    if (store::is_safe_topic_name(reach.topic)) ends_[{reach.topic, reach.id.value()}] = reach.last_offset + 1;
  }
  return {};
}

Status QueueTakeover::copy(std::int64_t log_begin) {
  OGIVE_TRY(load_ends(log_begin));
  made_ = std::make_unique<store::QueueFiles>(files_, store::QueueFiles::Home{place_.directory, place_.file_bytes},
                                              store::QueueFiles::Home{place_.batch_directory, 0});
  OGIVE_TRY(database_.for_each_entry(
      [&](std::string_view topic, QueueId id, std::int64_t offset, const QueueRecord& record) -> Status {
        // Messages that retention has removed: their entries go when the database is compacted.
        if (record.physical_offset < log_begin) return {};
        return take(log_begin, topic, id, offset, record);
      }));
  OGIVE_TRY(finish_queue());
  if (!ends_.empty()) {
    const auto& [key, end] = *ends_.begin();
    return unusable(fmt::format("queue {} of topic {} ends at {}, and has no entry", key.second, key.first, end));
  }
  return made_->sync();
}

Status QueueTakeover::take(std::int64_t log_begin, std::string_view topic, QueueId id, std::int64_t offset,
                           const QueueRecord& record) {
  if (current_.queue == nullptr || current_.queue->id() != id || current_.queue->topic() != topic) {
    OGIVE_TRY(finish_queue());
    // A topic that was deleted, and whose entries are still to go.
    if (!ends_.contains(Key(topic, id.value()))) return {};
    if (offset > 0 && log_begin == 0) {
      return unusable(fmt::format("queue {} of topic {} begins at {}, the log at 0", id.value(), topic, offset));
    }
    current_.queue = std::make_unique<store::ConsumeQueue>(std::string(topic), id);
    current_.next = current_.written = offset;
    ++queues_;
  }
  const std::int64_t end = ends_.at(Key(topic, id.value()));
  if (offset >= end) return {};  // Left from before the queue was cut: of no account.
  if (offset != current_.next || record.physical_offset <= current_.last_record || record.size <= 0 ||
      record.physical_offset >= covered_) {
    return unusable(
        fmt::format("queue {} of topic {} has an entry {}, of a record at {}, behind entry {}, of one at {}",
                    id.value(), topic, offset, record.physical_offset, current_.next - 1, current_.last_record));
  }
  const std::size_t size = current_.entries.size();
  current_.entries.resize(size + store::QueueEntry::kBytes);
  store::QueueEntry{record.physical_offset, record.size, record.tags_code}.encode(current_.entries.data() + size);
  current_.last_record = record.physical_offset;
  ++current_.next;
  ++entries_;
  return current_.entries.size() < kPieceBytes ? Status() : write_out();
}

Status QueueTakeover::write_out() {
  if (current_.entries.empty()) return {};
  OGIVE_TRY(made_->write(*current_.queue, current_.written, current_.entries));
  current_.written = current_.next;
  current_.entries.clear();
  return {};
}

Status QueueTakeover::finish_queue() {
  if (current_.queue == nullptr) return {};
  OGIVE_TRY(write_out());
  const Key key(current_.queue->topic(), current_.queue->id().value());
  if (const std::int64_t end = ends_.at(key); end != current_.next) {
    return unusable(
        fmt::format("queue {} of topic {} ends at {}, its entries at {}", key.second, key.first, end, current_.next));
  }
  ends_.erase(key);
  finished_.push_back(std::move(current_.queue));
  current_ = {};
  return {};
}

}  // namespace ogive::rocks
