#include "store/index/index_builder.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/log.h"
#include "message/record.h"

namespace ogive::store {
namespace {

// Stays in the second-level cache between being copied and being looked at.
constexpr std::size_t kReadBytes = 128 << 10;
constexpr std::size_t kCrossingBytes = 4 << 10;
// More than any record has; garbage may say anything.
constexpr std::int32_t kMaxRecordBytes = 64 << 20;
// Keys added together, and at most one record's more.
constexpr std::size_t kKeysAtOnce = 1024;

}  // namespace

IndexBuilder::IndexBuilder(io::Executor& background, MessageIndex& index, const SegmentList& segments,
                           const TailCache& cache, const Watermark& appended)
    : background_(background), index_(index), segments_(segments), cache_(cache), appended_(appended) {}

void IndexBuilder::start(const IndexTrust& trust) {
  {
    const std::lock_guard lock(mutex_);
    trust_ = trust;
  }
  note_appended();
}

void IndexBuilder::arm() {
  if (armed_.exchange(true)) return;
  background_.post(gate_.guard([this] { background_.run_after(kInterval, gate_.guard([this] { run(); })); }));
}

void IndexBuilder::run() {
  armed_.store(false);  // Before the position is looked at: what comes from now on arms it again.
  const std::int64_t end = appended_.value().value();
  Status status = catch_up(end, kBytesPerSlice);
  if (!status) {
    if (!complained_) OGIVE_LOG(error, "store", "the index falls behind: {}", status.error().message());
    complained_ = true;
    armed_.store(true);
    background_.run_after(kRetryDelay, gate_.guard([this] { run(); }));
    return;
  }
  complained_ = false;
  if (position() >= end || armed_.exchange(true)) return;
  background_.post(gate_.guard([this] { run(); }));  // Other background work gets its turn in between.
}

Status IndexBuilder::catch_up(std::int64_t offset, std::int64_t max_bytes) {
  const std::lock_guard lock(mutex_);
  OGIVE_TRY(open_if_needed());
  return work(offset, max_bytes);
}

Status IndexBuilder::open_if_needed() {
  if (position_.load(std::memory_order_relaxed) >= 0) return {};
  if (!trust_) return fail(Errc::kClosed, "the index is not open yet");
  std::vector<std::string> repairs;
  auto begin = index_.open(*trust_, segments_.begin(), repairs);
  for (const std::string& repair : repairs) OGIVE_LOG(warn, "store", "{}", repair);
  if (!begin) return fail(std::move(begin).error());
  position_.store(*begin, std::memory_order_release);
  return {};
}

Status IndexBuilder::work(std::int64_t end, std::int64_t max_bytes) {
  std::int64_t position = std::max(position_.load(std::memory_order_relaxed), segments_.begin());
  const std::int64_t stop = max_bytes < end - position ? position + max_bytes : end;
  while (position < stop) {
    auto next = step(position, end);
    if (!next) return fail(std::move(next).error());
    position = *next;
    position_.store(position, std::memory_order_release);
  }
  return {};
}

Result<std::int64_t> IndexBuilder::step(std::int64_t position, std::int64_t end) {
  // In the cache records are looked at where they are.
  const TailCache::Piece piece = cache_.piece(position, end);
  auto next = add_records(piece.bytes, position);
  if (!next || *next != position) return next;
  // From a file, or one that crosses into the cache's next chunk.
  auto bytes = bytes_at(position, end, piece.bytes.empty() ? kReadBytes : kCrossingBytes);
  if (!bytes) return fail(std::move(bytes).error());
  next = add_records(*bytes, position);
  if (next && *next == position && bytes->size() >= message::kBlankRecordBytes) {
    // A record longer than what was at hand.
    const std::int32_t size = std::clamp(load_be<std::int32_t>(bytes->data()), 0, kMaxRecordBytes);
    bytes = bytes_at(position, end, static_cast<std::size_t>(size));
    if (!bytes) return fail(std::move(bytes).error());
    next = add_records(*bytes, position);
  }
  if (!next || *next != position) return next;
  // Damage, or the rest of a file without a record: the next file begins with one.
  return std::min(segments_.begin_of(position) + segments_.segment_bytes(), end);
}

Result<ByteView> IndexBuilder::bytes_at(std::int64_t offset, std::int64_t end, std::size_t wanted) {
  const std::int64_t segment_end = segments_.begin_of(offset) + segments_.segment_bytes();
  const auto count =
      static_cast<std::size_t>(std::min({static_cast<std::int64_t>(wanted), segment_end - offset, end - offset}));
  if (buffer_.size() < count) buffer_.resize(count);
  const std::span<std::byte> out(buffer_.data(), count);
  if (cache_.copy(offset, out)) return ByteView(out);
  const auto segment = segments_.find(offset);
  if (segment == nullptr) return fail(Errc::kNotFound, "the log's file was removed meanwhile");
  auto got = segment->file->read_at(static_cast<std::uint64_t>(offset - segment->begin), out);
  if (!got) return fail(std::move(got).error());
  return ByteView(buffer_).first(*got);
}

Result<std::int64_t> IndexBuilder::add_records(ByteView bytes, std::int64_t offset) {
  const std::int64_t segment_bytes = segments_.segment_bytes();
  keys_.clear();
  while (bytes.size() >= message::kBlankRecordBytes) {
    if (load_be<std::int32_t>(bytes.data() + 4) == message::kMagicBlank) {
      offset += segment_bytes - offset % segment_bytes;
      break;
    }
    const auto record = message::record_names(bytes);
    if (!record || record->physical_offset != offset) break;
    const std::int32_t topic_hash = message::java_string_hash(record->topic);
    for_each_index_key(record->sys_flag, record->properties, [&](std::string_view key, KeyKind kind) {
      keys_.push_back({offset, record->store_timestamp_ms, index_hash(topic_hash, key, kind)});
    });
    if (keys_.size() >= kKeysAtOnce) {
      OGIVE_TRY(index_.add(keys_));
      keys_.clear();
    }
    offset += record->size;
    bytes = bytes.subspan(static_cast<std::size_t>(record->size));
  }
  OGIVE_TRY(index_.add(keys_));
  return offset;
}

Result<IndexBuilder::Safe> IndexBuilder::sync() {
  const std::lock_guard lock(mutex_);
  const std::int64_t position = position_.load(std::memory_order_relaxed);
  if (position < 0 || failed_) return Safe{};
  auto newest_ms = index_.sync();
  if (!newest_ms) {
    failed_ = true;
    return fail(std::move(newest_ms).error());
  }
  return Safe{position, *newest_ms};
}

Status IndexBuilder::trim(std::int64_t offset) {
  const std::lock_guard lock(mutex_);
  if (position_.load(std::memory_order_relaxed) < 0) return {};
  return index_.trim(offset);
}

}  // namespace ogive::store
