#include "store_tool/index_shape.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/bytes.h"

namespace ogive::store_tool {
namespace {

using store::IndexEntry;
using store::IndexHeader;
using store::IndexShape;

constexpr std::size_t kWindow = 1 << 20;
constexpr std::int32_t kLook = 16;  ///< Entries that must agree.

/// Whether the first entries lie where `shape` has them, each reachable from its slot.
Result<bool> fits(const io::File& file, const IndexShape& shape, const IndexHeader& header) {
  const std::int32_t last = std::min(header.count - 1, kLook);
  std::array<std::byte, IndexShape::kEntryBytes> bytes;
  std::int64_t before = header.begin_offset;
  for (std::int32_t number = 1; number <= last; ++number) {
    auto got = file.read_at(static_cast<std::uint64_t>(shape.entry_at(number)), bytes);
    if (!got) return fail(std::move(got).error());
    if (*got < bytes.size()) return false;
    const IndexEntry entry = IndexEntry::decode(bytes.data());
    const bool plausible = entry.hash >= 0 && entry.offset >= before && entry.offset <= header.end_offset &&
                           entry.previous >= 0 && entry.previous < number;
    if (!plausible) return false;
    before = entry.offset;
    std::array<std::byte, IndexShape::kSlotBytes> slot;
    got = file.read_at(static_cast<std::uint64_t>(shape.slot_at(entry.hash % shape.slots)), slot);
    if (!got) return fail(std::move(got).error());
    const auto newest = load_be<std::int32_t>(slot.data());
    if (newest < number || newest >= header.count) return false;
  }
  return true;
}

}  // namespace

Result<std::optional<IndexShape>> find_index_shape(io::FileSystem& files, const std::string& path) {
  auto opened = files.open(path, io::OpenMode::kRead);
  if (!opened) return fail(std::move(opened).error());
  const io::File& file = **opened;
  auto size = file.size();
  if (!size) return fail(std::move(size).error());
  std::array<std::byte, IndexShape::kHeaderBytes> head;
  auto got = file.read_at(0, head);
  if (!got) return fail(std::move(got).error());
  if (*got < head.size()) return std::nullopt;
  const IndexHeader header = IndexHeader::decode(head.data());
  const auto bytes = static_cast<std::int64_t>(*size);
  if (header.count < 2 || (bytes - IndexShape::kHeaderBytes) % IndexShape::kSlotBytes != 0) return std::nullopt;
  // Entry 1 names the record the file begins with, and every slot table that leaves whole entries is possible.
  std::vector<std::byte> window(kWindow + IndexShape::kEntryBytes);
  for (std::int64_t from = IndexShape::kHeaderBytes; from < bytes; from += static_cast<std::int64_t>(kWindow)) {
    got = file.read_at(static_cast<std::uint64_t>(from), window);
    if (!got) return fail(std::move(got).error());
    for (std::size_t at = 0; at + 12 <= *got && at < kWindow; at += IndexShape::kSlotBytes) {
      if (load_be<std::int64_t>(window.data() + at + 4) != header.begin_offset) continue;
      const std::int64_t table = from + static_cast<std::int64_t>(at) - IndexShape::kEntryBytes;  // Where entry 0 is.
      const std::int64_t slots = (table - IndexShape::kHeaderBytes) / IndexShape::kSlotBytes;
      if (slots <= 0 || slots > INT32_MAX || (bytes - table) % IndexShape::kEntryBytes != 0) continue;
      const IndexShape shape{static_cast<std::int32_t>(slots),
                             static_cast<std::int32_t>((bytes - table) / IndexShape::kEntryBytes)};
      if (shape.entries < header.count) continue;
      auto good = fits(file, shape, header);
      if (!good) return fail(std::move(good).error());
      if (*good) return shape;
    }
  }
  return std::nullopt;
}

}  // namespace ogive::store_tool
