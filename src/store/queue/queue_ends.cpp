#include "store/queue/queue_ends.h"

#include "base/bytes.h"
#include "base/crc32.h"

namespace ogive::store {
namespace {

constexpr std::int64_t kMagic = 0x4f47495645514531;  // "OGIVEQE1"
constexpr std::uint64_t kMaxFileBytes = 1u << 30;
constexpr std::size_t kSumBytes = 4;

template <class Int>
void put(std::string& out, Int value) {
  char bytes[sizeof(Int)];
  store_be(bytes, value);
  out.append(bytes, sizeof(Int));
}

}  // namespace

Result<std::vector<QueueEnd>> load_queue_ends(io::FileSystem& files, const std::string& path) {
  std::vector<QueueEnd> ends;
  auto content = io::read_file(files, path, kMaxFileBytes);
  if (!content) {
    const Errc code = content.error().code();
    if (code == Errc::kNotFound || code == Errc::kLimit) return ends;
    return fail(std::move(content).error());
  }
  const ByteView bytes = as_bytes(*content);
  if (bytes.size() < kSumBytes) return ends;
  const ByteView summed = bytes.first(bytes.size() - kSumBytes);
  if (load_be<std::uint32_t>(bytes.data() + summed.size()) != crc32(summed)) return ends;
  ByteReader reader(summed);
  if (reader.read<std::int64_t>() != kMagic) return ends;
  for (auto count = reader.read<std::uint32_t>(); count > 0 && reader.ok(); --count) {
    QueueEnd end;
    end.topic = as_chars(reader.take(reader.read<std::uint16_t>()));
    end.id = QueueId(reader.read<std::int32_t>());
    end.begin = reader.read<std::int64_t>();
    end.first_record = reader.read<std::int64_t>();
    end.end = reader.read<std::int64_t>();
    if (reader.ok()) ends.push_back(std::move(end));
  }
  return ends;
}

Status save_queue_ends(io::FileSystem& files, const std::string& path, std::span<const QueueEnd> ends) {
  std::string content;
  put(content, kMagic);
  put(content, static_cast<std::uint32_t>(ends.size()));
  for (const QueueEnd& end : ends) {
    put(content, static_cast<std::uint16_t>(end.topic.size()));
    content += end.topic;
    put(content, end.id.value());
    put(content, end.begin);
    put(content, end.first_record);
    put(content, end.end);
  }
  put(content, crc32(as_bytes(content)));
  return io::replace_file(files, path, content);
}

}  // namespace ogive::store
