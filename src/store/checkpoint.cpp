#include "store/checkpoint.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/crc32.h"

namespace ogive::store {
namespace {

constexpr std::size_t kFileBytes = 4096;
constexpr std::size_t kKnownBytes = 48;  // Six longs.
// Our part: magic 8, safe offset 8, that of the index 8, sequence of the queue ends 8, CRC-32 of the known fields and
// of the 32 bytes before it.
constexpr std::size_t kOwnPosition = 64;
constexpr std::size_t kOwnBytes = 32;
constexpr std::size_t kSumPosition = kOwnPosition + kOwnBytes;
constexpr std::int64_t kOwnMagic = 0x4f47495645435032;  // "OGIVECP2"

using Page = std::array<std::byte, kFileBytes>;

bool all_zero(const Page& page, std::size_t begin, std::size_t end) {
  return std::ranges::all_of(ByteView(page).subspan(begin, end - begin), [](std::byte b) { return b == std::byte{0}; });
}

// Everything nobody writes is zero: garbage does not pass, whose times could hide that queue entries are missing.
bool is_checkpoint(const Page& page) {
  return all_zero(page, kKnownBytes, kOwnPosition) && all_zero(page, kSumPosition + 4, kFileBytes);
}

std::uint32_t sum_of(const Page& page) {
  return crc32(ByteView(page).subspan(kOwnPosition, kOwnBytes), crc32(ByteView(page).first(kKnownBytes)));
}

}  // namespace

Result<Checkpoint> load_checkpoint(io::FileSystem& files, const std::string& path) {
  Checkpoint checkpoint;
  auto file = files.open(path, io::OpenMode::kRead);
  if (!file) {
    if (file.error().code() == Errc::kNotFound) return checkpoint;
    return fail(std::move(file).error());
  }
  Page page{};
  auto got = (*file)->read_at(0, page);
  if (!got) return fail(std::move(got).error());
  if (!is_checkpoint(page)) return checkpoint;
  // Of a store without a message the known fields are zero; by themselves they say nothing then.
  if (!all_zero(page, 0, kKnownBytes)) checkpoint.writer = Checkpoint::Writer::kOther;
  ByteReader reader(ByteView(page).first(kKnownBytes));
  checkpoint.physic_timestamp_ms = reader.read<std::int64_t>();
  checkpoint.logics_timestamp_ms = reader.read<std::int64_t>();
  checkpoint.index_timestamp_ms = reader.read<std::int64_t>();
  checkpoint.master_flushed_offset = reader.read<std::int64_t>();
  checkpoint.confirm_offset = reader.read<std::int64_t>();
  checkpoint.logics_physical_offset = reader.read<std::int64_t>();
  if (load_be<std::int64_t>(page.data() + kOwnPosition) == kOwnMagic &&
      load_be<std::uint32_t>(page.data() + kSumPosition) == sum_of(page)) {
    checkpoint.writer = Checkpoint::Writer::kOgive;
    checkpoint.safe_offset = load_be<std::int64_t>(page.data() + kOwnPosition + 8);
    checkpoint.index_safe_offset = load_be<std::int64_t>(page.data() + kOwnPosition + 16);
    checkpoint.ends_sequence = load_be<std::int64_t>(page.data() + kOwnPosition + 24);
  }
  return checkpoint;
}

Status save_checkpoint(io::FileSystem& files, const std::string& path, const Checkpoint& checkpoint) {
  Page page{};
  store_be(page.data(), checkpoint.physic_timestamp_ms);
  store_be(page.data() + 8, checkpoint.logics_timestamp_ms);
  store_be(page.data() + 16, checkpoint.index_timestamp_ms);
  store_be(page.data() + 24, checkpoint.master_flushed_offset);
  store_be(page.data() + 32, checkpoint.confirm_offset);
  store_be(page.data() + 40, checkpoint.logics_physical_offset);
  store_be(page.data() + kOwnPosition, kOwnMagic);
  store_be(page.data() + kOwnPosition + 8, checkpoint.safe_offset);
  store_be(page.data() + kOwnPosition + 16, checkpoint.index_safe_offset);
  store_be(page.data() + kOwnPosition + 24, checkpoint.ends_sequence);
  store_be(page.data() + kSumPosition, sum_of(page));
  auto file = files.open(path, io::OpenMode::kCreate);
  if (!file) return fail(std::move(file).error());
  // In place: all that counts lies in the first sector, and a torn one is told by the sum.
  OGIVE_TRY((*file)->write_at(0, ByteView(page)));
  return (*file)->sync_data();
}

}  // namespace ogive::store
