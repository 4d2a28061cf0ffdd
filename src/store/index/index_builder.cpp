#include "store/index/index_builder.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/log.h"
#include "message/record.h"

namespace ogive::store {
namespace {

// Stays in the second-level cache between being copied and being looked at.
constexpr std::size_t kReadBytes = 128 << 10;

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
    auto bytes = bytes_at(position, end, kReadBytes);
    if (!bytes) return fail(std::move(bytes).error());
    auto next = add_records(*bytes, position);
    if (!next) return fail(std::move(next).error());
    if (*next == position && bytes->size() >= message::kBlankRecordBytes) {
      // A record longer than what was at hand.
      const auto size = load_be<std::int32_t>(bytes->data());
      bytes = bytes_at(position, end, static_cast<std::size_t>(std::max(size, 0)));
      if (!bytes) return fail(std::move(bytes).error());
      next = add_records(*bytes, position);
      if (!next) return fail(std::move(next).error());
    }
    if (*next == position) {
      // Damage, or the rest of a file without a record: the next file begins with one.
      *next = std::min(segments_.begin_of(position) + segments_.segment_bytes(), end);
    }
    position = *next;
    position_.store(position, std::memory_order_release);
  }
  return {};
}

Result<ByteView> IndexBuilder::bytes_at(std::int64_t offset, std::int64_t end, std::size_t wanted) {
  const std::int64_t segment_end = segments_.begin_of(offset) + segments_.segment_bytes();
  const auto count =
      static_cast<std::size_t>(std::min({static_cast<std::int64_t>(wanted), segment_end - offset, end - offset}));
  if (buffer_.size() < count) buffer_.resize(count);
  const std::span<std::byte> out(buffer_.data(), count);
  // In pieces: the append section waits for the cache's lock.
  constexpr std::size_t kPiece = 64 << 10;
  std::size_t copied = 0;
  while (copied < count) {
    const std::size_t piece = std::min(kPiece, count - copied);
    if (!cache_.copy(offset + static_cast<std::int64_t>(copied), out.subspan(copied, piece))) break;
    copied += piece;
  }
  if (copied == count) return ByteView(out);
  const auto segment = segments_.find(offset);
  if (segment == nullptr) return fail(Errc::kNotFound, "the log's file was removed meanwhile");
  auto got = segment->file->read_at(static_cast<std::uint64_t>(offset - segment->begin), out);
  if (!got) return fail(std::move(got).error());
  return ByteView(buffer_).first(*got);
}

Result<std::int64_t> IndexBuilder::add_records(ByteView bytes, std::int64_t offset) {
  const std::int64_t segment_bytes = segments_.segment_bytes();
  while (bytes.size() >= message::kBlankRecordBytes) {
    const auto size = load_be<std::int32_t>(bytes.data());
    const auto magic = load_be<std::int32_t>(bytes.data() + 4);
    const std::int64_t left = segment_bytes - offset % segment_bytes;
    if (magic == message::kMagicBlank) return offset + left;
    if (size <= 0 || static_cast<std::size_t>(size) > bytes.size()) return offset;
    auto record = message::decode_record(bytes);
    if (!record || record->physical_offset != offset) return offset;
    OGIVE_TRY(index_.add(*record));
    offset += size;
    bytes = bytes.subspan(static_cast<std::size_t>(size));
  }
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
