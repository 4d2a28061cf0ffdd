#include "store/queue/queue_ends.h"

#include "base/bytes.h"
#include "base/crc32.h"

namespace ogive::store {
namespace {

constexpr std::int64_t kMagic = 0x4f47495645514532;  // "OGIVEQE2"
constexpr std::uint64_t kMaxFileBytes = 1u << 30;
constexpr std::size_t kSumBytes = 4;
constexpr std::size_t kUsualQueueBytes = 96;

template <class Int>
void put(std::string& out, Int value) {
  char bytes[sizeof(Int)];
  store_be(bytes, value);
  out.append(bytes, sizeof(Int));
}

void put(std::string& out, const QueueEnd& end) {
  put(out, static_cast<std::uint16_t>(end.topic.size()));
  out += end.topic;
  put(out, end.id.value());
  put(out, static_cast<std::uint8_t>(end.kind == QueueKind::kBatch ? 1 : 0));
  put(out, end.files.begin);
  put(out, end.files.end);
  put(out, end.extent.min_offset);
  put(out, end.extent.min_place);
  put(out, end.extent.min_record);
  put(out, end.extent.end_offset);
  put(out, end.extent.end_place);
}

QueueEnd take(ByteReader& reader) {
  QueueEnd end;
  end.topic = as_chars(reader.take(reader.read<std::uint16_t>()));
  end.id = QueueId(reader.read<std::int32_t>());
  end.kind = reader.read<std::uint8_t>() == 1 ? QueueKind::kBatch : QueueKind::kSimple;
  end.files.begin = reader.read<std::int64_t>();
  end.files.end = reader.read<std::int64_t>();
  end.extent.min_offset = reader.read<std::int64_t>();
  end.extent.min_place = reader.read<std::int64_t>();
  end.extent.min_record = reader.read<std::int64_t>();
  end.extent.end_offset = reader.read<std::int64_t>();
  end.extent.end_place = reader.read<std::int64_t>();
  return end;
}

}  // namespace

std::string encode_queue_ends(const QueueEnds& ends) {
  std::string content;
  content.reserve((ends.queues.size() + 1) * kUsualQueueBytes);
  put(content, kMagic);
  put(content, ends.sequence);
  put(content, static_cast<std::uint8_t>(ends.complete ? 1 : 0));
  put(content, ends.safe_offset);
  put(content, ends.log_end);
  put(content, static_cast<std::uint16_t>(ends.directory.size()));
  content += ends.directory;
  put(content, ends.simple_file_bytes);
  put(content, ends.batch_file_bytes);
  put(content, static_cast<std::uint32_t>(ends.queues.size()));
  for (const QueueEnd& end : ends.queues) put(content, end);
  put(content, crc32(as_bytes(content)));
  return content;
}

QueueEnds decode_queue_ends(ByteView bytes) {
  if (bytes.size() < kSumBytes) return {};
  const ByteView summed = bytes.first(bytes.size() - kSumBytes);
  if (load_be<std::uint32_t>(bytes.data() + summed.size()) != crc32(summed)) return {};
  ByteReader reader(summed);
  if (reader.read<std::int64_t>() != kMagic) return {};
  QueueEnds ends;
  ends.sequence = reader.read<std::int64_t>();
  ends.complete = reader.read<std::uint8_t>() == 1;
  ends.safe_offset = reader.read<std::int64_t>();
  ends.log_end = reader.read<std::int64_t>();
  ends.directory = as_chars(reader.take(reader.read<std::uint16_t>()));
  ends.simple_file_bytes = reader.read<std::int64_t>();
  ends.batch_file_bytes = reader.read<std::int64_t>();
  for (auto count = reader.read<std::uint32_t>(); count > 0 && reader.ok(); --count) {
    ends.queues.push_back(take(reader));
  }
  if (!reader.ok()) return {};
  return ends;
}

Result<QueueEnds> load_queue_ends(io::FileSystem& files, const std::string& path) {
  auto content = io::read_file(files, path, kMaxFileBytes);
  if (!content) {
    const Errc code = content.error().code();
    if (code == Errc::kNotFound || code == Errc::kLimit) return QueueEnds{};
    return fail(std::move(content).error());
  }
  return decode_queue_ends(as_bytes(*content));
}

Result<std::size_t> save_queue_ends(io::FileSystem& files, const std::string& path, const QueueEnds& ends) {
  const std::string content = encode_queue_ends(ends);
  // Without a .bak: an older one is of no use.
  const std::string fresh = path + ".tmp";
  auto file = files.open(fresh, io::OpenMode::kCreate);
  if (!file) return fail(std::move(file).error());
  OGIVE_TRY((*file)->truncate(0));  // Left over from a crash.
  OGIVE_TRY((*file)->write_at(0, as_bytes(content)));
  OGIVE_TRY((*file)->sync_data());
  OGIVE_TRY(files.rename(fresh, path));
  OGIVE_TRY(files.sync_directory(path.substr(0, path.rfind('/'))));
  return content.size();
}

}  // namespace ogive::store
