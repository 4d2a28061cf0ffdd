#include "store/index/index_file.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "base/bytes.h"
#include "base/check.h"

namespace ogive::store {

void IndexFile::Free::operator()(std::int32_t* memory) const {
  std::free(memory);
}

Result<std::unique_ptr<IndexFile>> IndexFile::open(io::FileSystem& files, const std::string& path,
                                                   const IndexShape& shape, bool active) {
  auto file = files.open(path, io::OpenMode::kReadWrite);
  if (!file) return fail(std::move(file).error());
  const auto size = (*file)->size();
  if (!size) return fail(size.error());
  if (*size != static_cast<std::uint64_t>(shape.file_bytes())) {
    return fail(Errc::kCorrupt, fmt::format("the index file {} has {} bytes where maxHashSlotNum={} and maxIndexNum={} "
                                            "make {}",
                                            path, *size, shape.slots, shape.entries, shape.file_bytes()));
  }
  std::array<std::byte, IndexShape::kHeaderBytes> bytes;
  auto got = (*file)->read_at(0, bytes);
  if (!got) return fail(std::move(got).error());
  std::unique_ptr<IndexFile> index(new IndexFile(path, shape, std::move(*file)));
  IndexHeader& header = index->header_;
  header = IndexHeader::decode(bytes.data());
  header.count = std::max(header.count, 1);
  if (header.count > shape.entries || header.begin_offset < 0 || header.end_offset < header.begin_offset) {
    return fail(Errc::kCorrupt, fmt::format("the header of the index file {} is damaged", path));
  }
  index->written_ = header.count;
  if (active) OGIVE_TRY(index->load_slots());
  return index;
}

Result<std::unique_ptr<IndexFile>> IndexFile::create(io::FileSystem& files, const std::string& path,
                                                     const IndexShape& shape) {
  auto file = files.open(path, io::OpenMode::kCreateNew);
  if (!file) return fail(std::move(file).error());
  OGIVE_TRY((*file)->truncate(static_cast<std::uint64_t>(shape.file_bytes())));
  std::unique_ptr<IndexFile> index(new IndexFile(path, shape, std::move(*file)));
  OGIVE_TRY(index->load_slots());
  return index;
}

// Memory of zeros costs nothing until it is touched, and so do the file's holes.
Status IndexFile::load_slots() {
  const auto count = static_cast<std::size_t>(shape_.slots);
  slots_.reset(static_cast<std::int32_t*>(std::calloc(count, sizeof(std::int32_t))));
  OGIVE_CHECK_MSG(slots_ != nullptr, "no memory for {} index slots", count);
  dirty_pages_.assign(count / kSlotsPerPage + 1, false);
  if (empty()) return {};
  std::vector<std::byte> piece(1 << 20);
  const auto end = static_cast<std::uint64_t>(shape_.entry_at(0));
  for (auto at = static_cast<std::uint64_t>(shape_.slot_at(0)); at < end;) {
    auto data = file_->next_data(at);
    if (!data) return fail(std::move(data).error());
    at = std::max(at, *data - *data % IndexShape::kSlotBytes);
    if (at >= end) break;
    auto got = file_->read_at(at, std::span(piece).first(std::min<std::uint64_t>(piece.size(), end - at)));
    if (!got) return fail(std::move(got).error());
    if (*got < IndexShape::kSlotBytes) break;
    const auto first = (at - IndexShape::kHeaderBytes) / IndexShape::kSlotBytes;
    for (std::size_t i = 0; i < *got / IndexShape::kSlotBytes; ++i) {
      const auto value = load_be<std::int32_t>(piece.data() + i * IndexShape::kSlotBytes);
      if (value != 0) slots_[first + i] = checked(value);
    }
    at += *got / IndexShape::kSlotBytes * IndexShape::kSlotBytes;
  }
  return {};
}

void IndexFile::add(std::int32_t hash, std::int64_t offset, std::int64_t store_time_ms) {
  if (empty()) {
    header_.begin_ms = store_time_ms;
    header_.begin_offset = offset;
  }
  const std::int32_t slot = hash % shape_.slots;
  const std::int64_t seconds = (store_time_ms - header_.begin_ms) / 1000;
  const IndexEntry entry{hash, offset, static_cast<std::int32_t>(std::clamp<std::int64_t>(seconds, 0, INT32_MAX)),
                         slots_[static_cast<std::size_t>(slot)]};
  const std::size_t at = entries_.size();
  entries_.resize(at + IndexShape::kEntryBytes);
  entry.encode(entries_.data() + at);
  if (entry.previous == 0) ++header_.slots_used;
  slots_[static_cast<std::size_t>(slot)] = header_.count++;
  dirty_pages_[static_cast<std::size_t>(slot / kSlotsPerPage)] = true;
  header_.end_ms = store_time_ms;
  header_.end_offset = offset;
}

// Entries first, then what leads to them: a reader of the file never follows a slot into nothing.
Status IndexFile::write() {
  if (!entries_.empty()) {
    OGIVE_TRY(file_->write_at(static_cast<std::uint64_t>(shape_.entry_at(written_)), ByteView(entries_)));
    written_ = header_.count;
    entries_.clear();
  }
  return {};
}

Status IndexFile::write_slots() {
  std::vector<std::byte> bytes;
  for (std::size_t page = 0; page < dirty_pages_.size();) {
    if (!dirty_pages_[page]) {
      ++page;
      continue;
    }
    std::size_t last = page;
    while (last < dirty_pages_.size() && dirty_pages_[last] && last - page < 256) ++last;
    const std::size_t begin = page * kSlotsPerPage;
    const std::size_t end = std::min(last * kSlotsPerPage, static_cast<std::size_t>(shape_.slots));
    bytes.resize((end - begin) * IndexShape::kSlotBytes);
    for (std::size_t i = begin; i < end; ++i) {
      store_be(bytes.data() + (i - begin) * IndexShape::kSlotBytes, slots_[i]);
    }
    OGIVE_TRY(
        file_->write_at(static_cast<std::uint64_t>(shape_.slot_at(static_cast<std::int32_t>(begin))), ByteView(bytes)));
    for (; page < last; ++page) dirty_pages_[page] = false;
  }
  return {};
}

Status IndexFile::sync() {
  OGIVE_TRY(write());
  OGIVE_TRY(write_slots());
  std::array<std::byte, IndexShape::kHeaderBytes> bytes;
  header_.encode(bytes.data());
  OGIVE_TRY(file_->write_at(0, ByteView(bytes)));
  return file_->sync_data();
}

void IndexFile::seal() {
  slots_.reset();
  std::vector<bool>().swap(dirty_pages_);
  std::vector<std::byte>().swap(entries_);
}

Result<IndexFile::Cursor> IndexFile::find(std::int32_t hash) const {
  const std::int32_t slot = hash % shape_.slots;
  if (slots_) return Cursor{hash, slots_[static_cast<std::size_t>(slot)]};
  std::array<std::byte, IndexShape::kSlotBytes> bytes{};
  auto got = file_->read_at(static_cast<std::uint64_t>(shape_.slot_at(slot)), bytes);
  if (!got) return fail(std::move(got).error());
  return Cursor{hash, checked(load_be<std::int32_t>(bytes.data()))};
}

Result<bool> IndexFile::next(Cursor& cursor, std::int64_t begin_ms, std::int64_t end_ms, IndexEntry& found) const {
  while (cursor.next != 0) {
    auto read = entry(cursor.next);
    if (!read) return fail(std::move(read).error());
    // A chain leads to ever older entries; anything else is damage and must not become a circle.
    cursor.next = read->previous < cursor.next ? checked(read->previous) : 0;
    const std::int64_t time_ms = header_.begin_ms + std::int64_t{read->seconds} * 1000;
    if (time_ms + 999 < begin_ms) {
      cursor.next = 0;
      return false;
    }
    if (read->hash != cursor.hash || time_ms > end_ms) continue;
    found = *read;
    return true;
  }
  return false;
}

Result<IndexEntry> IndexFile::entry(std::int32_t number) const {
  if (number >= written_) {
    return IndexEntry::decode(entries_.data() + static_cast<std::size_t>(number - written_) * IndexShape::kEntryBytes);
  }
  std::array<std::byte, IndexShape::kEntryBytes> bytes{};
  auto got = file_->read_at(static_cast<std::uint64_t>(shape_.entry_at(number)), bytes);
  if (!got) return fail(std::move(got).error());
  return IndexEntry::decode(bytes.data());
}

}  // namespace ogive::store
