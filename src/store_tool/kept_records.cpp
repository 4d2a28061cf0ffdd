#include "store_tool/kept_records.h"

#include <algorithm>
#include <vector>

#include "base/bytes.h"
#include "message/record.h"
#include "store/recovery/damaged_range.h"

namespace ogive::store_tool {
namespace {

constexpr std::int64_t kPieceBytes = 4 << 20;
constexpr std::int64_t kMaxRecordBytes = 64 << 20;
/// As much of a record as shows whether it may be one.
constexpr std::int64_t kHeadBytes = message::kPhysicalOffsetPosition + 8;

/// One file, whose first byte was at `begin` of the log.
class KeptBytes {
 public:
  KeptBytes(io::File& file, std::int64_t begin, std::int64_t size) : file_(file), begin_(begin), size_(size) {}

  Status walk(const StoreView::Visitor& visit) {
    for (std::int64_t at = 0; at + kHeadBytes <= size_;) {
      auto bytes = record_at(at);
      if (!bytes) return fail(std::move(bytes).error());
      const auto record =
          bytes->empty() ? Result<message::RecordView>(fail(Errc::kCorrupt, "")) : message::decode_record(*bytes);
      if (!record || !message::body_crc_matches(*record)) {
        ++at;
        continue;
      }
      OGIVE_TRY(visit(*record, record->whole));
      at += record->size;
    }
    return {};
  }

 private:
  /// What may be a record that begins at `at`; empty when it is none.
  Result<ByteView> record_at(std::int64_t at) {
    auto head = window(at, kHeadBytes);
    if (!head || head->empty()) return head;
    const auto size = load_be<std::int32_t>(head->data());
    const auto magic = load_be<std::int32_t>(head->data() + 4);
    if ((magic != message::kMagicV1 && magic != message::kMagicV2) || size < kHeadBytes || size > kMaxRecordBytes ||
        load_be<std::int64_t>(head->data() + message::kPhysicalOffsetPosition) != begin_ + at) {
      return ByteView();
    }
    return window(at, size);
  }

  /// `count` bytes from `at` on; empty when the file ends before.
  Result<ByteView> window(std::int64_t at, std::int64_t count) {
    if (at + count > size_) return ByteView();
    if (at < buffer_begin_ || at + count > buffer_begin_ + std::ssize(buffer_)) {
      buffer_.resize(static_cast<std::size_t>(std::min(std::max(count, kPieceBytes), size_ - at)));
      buffer_begin_ = at;
      auto got = file_.read_at(static_cast<std::uint64_t>(at), buffer_);
      if (!got) return fail(std::move(got).error());
      buffer_.resize(*got);
      if (static_cast<std::int64_t>(*got) < count) return ByteView();
    }
    return ByteView(buffer_).subspan(static_cast<std::size_t>(at - buffer_begin_), static_cast<std::size_t>(count));
  }

  io::File& file_;
  const std::int64_t begin_;
  const std::int64_t size_;
  std::vector<std::byte> buffer_;
  std::int64_t buffer_begin_ = 0;
};

}  // namespace

Status walk_kept(io::FileSystem& files, const std::string& root, const StoreView::Visitor& visit) {
  const std::string directory = root + "/damagedlog";
  auto listed = files.list(directory);
  if (!listed) return listed.error().code() == Errc::kNotFound ? Status() : fail(std::move(listed).error());
  std::ranges::sort(*listed, {}, &io::FileInfo::name);
  for (const io::FileInfo& info : *listed) {
    const std::int64_t begin = store::parse_kept_name(info.name);
    if (info.is_directory || begin < 0) continue;
    auto file = files.open(directory + "/" + info.name, io::OpenMode::kRead);
    if (!file) return fail(std::move(file).error());
    Status walked = KeptBytes(**file, begin, static_cast<std::int64_t>(info.size)).walk(visit);
    if (!walked) return walked.error().code() == Errc::kCancelled ? Status() : walked;
  }
  return {};
}

}  // namespace ogive::store_tool
