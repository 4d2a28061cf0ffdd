#include "store/queue/queue_tails.h"

#include <limits>
#include <memory>
#include <utility>

#include "base/bytes.h"
#include "base/crc32.h"

namespace ogive::store {
namespace {

constexpr std::int64_t kMagic = 0x4f47495645515431;  // "OGIVEQT1"
constexpr std::uint64_t kMaxFileBytes = 1u << 30;
constexpr std::size_t kSumBytes = 4;
constexpr std::size_t kPieceBytes = 4 << 20;

/// Writes a file by the piece and sums it up.
class SummedFile {
 public:
  explicit SummedFile(io::File& file) : file_(file) {}

  template <class Int>
  void put(Int value) {
    char bytes[sizeof(Int)];
    store_be(bytes, value);
    piece_.append(bytes, sizeof(Int));
  }
  void put(std::string_view bytes) { piece_ += bytes; }
  Status write_when_full() { return piece_.size() < kPieceBytes ? Status() : write(); }
  Status finish() {
    OGIVE_TRY(write());
    put(sum_);
    return write();
  }

 private:
  Status write() {
    OGIVE_TRY(file_.write_at(written_, as_bytes(piece_)));
    sum_ = crc32(as_bytes(piece_), sum_);
    written_ += piece_.size();
    piece_.clear();
    return {};
  }

  io::File& file_;
  std::string piece_;
  std::uint64_t written_ = 0;
  std::uint32_t sum_ = 0;
};

std::vector<std::byte> missing_entries(const ConsumeQueue& queue) {
  std::int64_t first = 0;
  return queue.unpersisted(std::numeric_limits<std::uint32_t>::max(), INT64_MAX, first);
}

QueueEnds ends_of(const QueueTails& tails, const std::vector<ConsumeQueue*>& queues) {
  QueueEnds ends = tails.ends;
  ends.queues.clear();
  ends.queues.reserve(queues.size());
  for (const ConsumeQueue* queue : queues) {
    ends.queues.push_back({queue->topic(), queue->id(), queue->kind(), queue->files(), queue->in_files()});
  }
  return ends;
}

}  // namespace

void QueueTails::restore(QueueTable& queues, const std::function<void(ConsumeQueue&)>& dirty) const {
  ByteView left = entries;
  for (std::size_t i = 0; i < ends.queues.size(); ++i) {
    const QueueEnd& end = ends.queues[i];
    const ByteView own = left.first(entry_bytes[i]);
    left = left.subspan(own.size());
    if (own.empty()) continue;
    ConsumeQueue& queue = queues.get(end.topic, end.id, end.kind);
    const auto lock = queue.lock();
    queue.push_encoded(lock, own);
    if (queue.publish(lock)) dirty(queue);
  }
}

Result<std::optional<QueueTails>> load_queue_tails(io::FileSystem& files, const std::string& path,
                                                   const std::string& lifetime, std::int64_t sequence) {
  auto file = files.open(path, io::OpenMode::kRead);
  if (!file && file.error().code() == Errc::kNotFound) return std::nullopt;
  if (!file) return fail(std::move(file).error());
  auto size = (*file)->size();
  if (!size) return fail(std::move(size).error());
  if (lifetime.empty() || *size < kSumBytes || *size > kMaxFileBytes) return std::nullopt;
  // A vector would write zeros to all of it first.
  const auto content = std::make_unique_for_overwrite<std::byte[]>(*size);
  auto got = (*file)->read_at(0, {content.get(), *size});
  if (!got) return fail(std::move(got).error());
  if (*got != *size) return std::nullopt;
  const ByteView summed(content.get(), *size - kSumBytes);
  if (load_be<std::uint32_t>(content.get() + summed.size()) != crc32(summed)) return std::nullopt;
  ByteReader reader(summed);
  if (reader.read<std::int64_t>() != kMagic) return std::nullopt;
  QueueTails tails;
  tails.lifetime = as_chars(reader.take(reader.read<std::uint16_t>()));
  tails.last_record = reader.read<std::int64_t>();
  tails.store_timestamp_ms = reader.read<std::int64_t>();
  tails.ends = decode_queue_ends(reader.take(reader.read<std::uint32_t>()));
  if (!reader.ok() || tails.lifetime != lifetime || tails.ends.sequence != sequence) return std::nullopt;
  for (const QueueEnd& end : tails.ends.queues) {
    const auto count = reader.read<std::uint32_t>();
    const std::size_t entry = end.kind == QueueKind::kBatch ? BatchEntry::kBytes : QueueEntry::kBytes;
    const ByteView own = reader.take(count);
    if (!reader.ok() || count % entry != 0) return std::nullopt;
    tails.entry_bytes.push_back(count);
    tails.entries.insert(tails.entries.end(), own.begin(), own.end());
  }
  return tails;
}

Status save_queue_tails(io::FileSystem& files, const std::string& path, const QueueTails& tails,
                        const QueueTable& queues) {
  const std::vector<ConsumeQueue*> all = queues.all();
  const std::string ends = encode_queue_ends(ends_of(tails, all));
  const std::string fresh = path + ".tmp";
  auto file = files.open(fresh, io::OpenMode::kCreate);
  if (!file) return fail(std::move(file).error());
  OGIVE_TRY((*file)->truncate(0));  // Left over from a crash.
  SummedFile out(**file);
  out.put(kMagic);
  out.put(static_cast<std::uint16_t>(tails.lifetime.size()));
  out.put(std::string_view(tails.lifetime));
  out.put(tails.last_record);
  out.put(tails.store_timestamp_ms);
  out.put(static_cast<std::uint32_t>(ends.size()));
  out.put(std::string_view(ends));
  for (const ConsumeQueue* queue : all) {
    const std::vector<std::byte> entries = missing_entries(*queue);
    out.put(static_cast<std::uint32_t>(entries.size()));
    out.put(as_chars(entries));
    OGIVE_TRY(out.write_when_full());
  }
  OGIVE_TRY(out.finish());
  return files.rename(fresh, path);
}

}  // namespace ogive::store
