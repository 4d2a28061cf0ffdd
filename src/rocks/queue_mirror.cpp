#include "rocks/queue_mirror.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/log.h"
#include "message/sys_flag.h"
#include "store/queue/consume_queue.h"
#include "store/queue_rule.h"
#include "store/raw_log.h"

namespace ogive::rocks {
namespace {

constexpr Milliseconds kInterval{1'000};
constexpr Milliseconds kRetryDelay{10'000};
constexpr std::int64_t kSliceBytes = 4 << 20;
constexpr std::size_t kReadBytes = 1 << 20;
constexpr std::int32_t kMaxRecordBytes = 64 << 20;

}  // namespace

QueueMirror::QueueMirror(store::MessageStore& store, QueueDatabase& database, std::vector<std::int64_t> delay_level_ms)
    : store_(store), database_(database), delay_level_ms_(std::move(delay_level_ms)) {}

Status QueueMirror::align() {
  const std::int64_t end = store_.max_physical_offset().value();
  auto covered = database_.covered();
  if (!covered) return fail(std::move(covered).error());
  position_ = std::min(*covered, end);
  auto reaches = database_.reaches();
  if (!reaches) return fail(std::move(reaches).error());
  bool ahead = *covered > end;
  for (const QueueReach& reach : *reaches) {
    const QueueOffset next(reach.last_offset + 1);
    if (reach.physical_offset >= end) {
      ahead = true;  // Of records that the log has lost with the power.
      continue;
    }
    store::ConsumeQueue* queue = store_.find_queue(reach.topic, reach.id);
    if (queue != nullptr && queue->max_offset() >= next) continue;
    if (reach.topic.empty() || reach.last_offset < 0) continue;
    OGIVE_TRY(store_.raw_log().realign(store_.queue(reach.topic, reach.id), next));
    store_.queue(reach.topic, reach.id).next_offset = next.value();
  }
  if (!ahead) return {};
  OGIVE_LOG(warn, "store", "{} covers the log up to {}, which ends at {}: its queues are cut", database_.path(),
            *covered, end);
  OGIVE_TRY(match_ends());
  return database_.commit(position_);
}

void QueueMirror::start(io::Executor& background) {
  background_ = &background;
  background_->post(gate_.guard([this] { arm(kInterval); }));
}

void QueueMirror::arm(Milliseconds delay) {
  background_->run_after(delay, gate_.guard([this] { run(); }));
}

void QueueMirror::run() {
  if (Status followed = follow(kSliceBytes); !followed) {
    if (!complained_) {
      OGIVE_LOG(error, "store", "the consume queues in RocksDB fall behind, which only delays their next reader: {}",
                followed.error().message());
    }
    complained_ = true;
    return arm(kRetryDelay);
  }
  complained_ = false;
  if (position_ >= store_.flushed().value().value()) return arm(kInterval);
  background_->post(gate_.guard([this] { run(); }));  // Other background work gets its turn in between.
}

Status QueueMirror::follow(std::int64_t max_bytes) {
  const store::RawLog& log = store_.raw_log();
  const std::int64_t end = store_.flushed().value().value();
  const std::int64_t from = position_;
  position_ = std::max(position_, log.begin().value());
  while (position_ < end && position_ - from < max_bytes) {
    const std::int64_t left = log.segment_bytes() - position_ % log.segment_bytes();
    std::size_t wanted = kReadBytes;
    for (;;) {
      const auto count = static_cast<std::size_t>(std::min({static_cast<std::int64_t>(wanted), left, end - position_}));
      buffer_.resize(count);
      OGIVE_TRY(log.read(PhysicalOffset(position_), buffer_));
      const std::int64_t before = position_;
      OGIVE_TRY(take(buffer_));
      if (position_ != before) break;
      // A record longer than what was read, or damage.
      const auto size = count >= message::kBlankRecordBytes ? load_be<std::int32_t>(buffer_.data()) : 0;
      if (size > static_cast<std::int64_t>(count) && size <= std::min<std::int64_t>(kMaxRecordBytes, end - position_) &&
          size <= left) {
        wanted = static_cast<std::size_t>(size);
        continue;
      }
      position_ += next_record(buffer_);
      break;
    }
  }
  if (position_ == from) return {};
  return database_.commit(position_);
}

// As many whole records as there are.
Status QueueMirror::take(ByteView bytes) {
  const std::int64_t segment_bytes = store_.raw_log().segment_bytes();
  while (bytes.size() >= message::kBlankRecordBytes) {
    const auto size = load_be<std::int32_t>(bytes.data());
    const auto magic = load_be<std::int32_t>(bytes.data() + 4);
    if (magic == message::kMagicBlank) {
      position_ += segment_bytes - position_ % segment_bytes;
      return {};
    }
    if (size <= 0 || static_cast<std::size_t>(size) > bytes.size()) return {};
    auto record = message::decode_record(bytes);
    if (!record || record->physical_offset != position_) return {};
    add(*record);
    position_ += size;
    bytes = bytes.subspan(static_cast<std::size_t>(size));
  }
  if (bytes.size() < message::kBlankRecordBytes &&
      position_ % segment_bytes + static_cast<std::int64_t>(bytes.size()) == segment_bytes && !bytes.empty()) {
    position_ += static_cast<std::int64_t>(bytes.size());
  }
  return {};
}

void QueueMirror::add(const message::RecordView& record) {
  if (!store::takes_queue_entry(record)) return;
  store::ConsumeQueue* queue = store_.find_queue(record.topic, QueueId(record.queue_id));
  if (queue == nullptr) return;  // Its topic was deleted since.
  database_.add(record.topic, QueueId(record.queue_id), record.queue_offset, store::offsets_taken(record, *queue),
                {record.physical_offset, record.size, store::entry_tags_code(record, delay_level_ms_),
                 record.store_timestamp_ms});
}

// Bytes to the next place that may begin a record: behind damage.
std::int64_t QueueMirror::next_record(ByteView bytes) const {
  constexpr std::size_t kLook = message::kPhysicalOffsetPosition + 8;
  for (std::size_t at = 1; at + kLook <= bytes.size(); ++at) {
    const auto magic = load_be<std::int32_t>(bytes.data() + at + 4);
    if (magic != message::kMagicV1 && magic != message::kMagicV2) continue;
    const std::int64_t place = position_ + static_cast<std::int64_t>(at);
    if (load_be<std::int64_t>(bytes.data() + at + message::kPhysicalOffsetPosition) == place) {
      return static_cast<std::int64_t>(at);
    }
  }
  return static_cast<std::int64_t>(bytes.size() > kLook ? bytes.size() - kLook + 1 : bytes.size());
}

// Queues that are gone or begun anew since; everything else has its end from its entries.
Status QueueMirror::match_ends() {
  auto reaches = database_.reaches();
  if (!reaches) return fail(std::move(reaches).error());
  for (QueueReach& reach : *reaches) {
    store::ConsumeQueue* queue = store_.find_queue(reach.topic, reach.id);
    const std::int64_t end = queue == nullptr ? 0 : queue->max_offset().value();
    if (end == reach.last_offset + 1) continue;
    if (end == 0) {
      OGIVE_TRY(database_.remove(reach.topic, reach.id));
      continue;
    }
    auto last = store_.queue_entry(*queue, QueueOffset(end - 1));
    reach.last_offset = end - 1;
    reach.physical_offset = last ? last->physical_offset : 0;
    OGIVE_TRY(database_.set_end(reach));
  }
  return {};
}

Status QueueMirror::match_begins() {
  for (const auto& [topic, id] : store_.queues()) {
    const store::ConsumeQueue* queue = store_.find_queue(topic, id);
    if (queue == nullptr || queue->min_offset() == queue->max_offset()) continue;
    OGIVE_TRY(database_.set_begin(topic, id, queue->min_offset().value(), queue->min_record()));
  }
  return {};
}

Status QueueMirror::finish() {
  while (position_ < store_.flushed().value().value()) OGIVE_TRY(follow(kSliceBytes));
  if (store_.flushed().value() == store_.appended().value()) {
    OGIVE_TRY(match_ends());
    OGIVE_TRY(match_begins());
  }
  OGIVE_TRY(database_.commit(position_));
  return database_.flush();
}

}  // namespace ogive::rocks
