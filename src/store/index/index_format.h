#pragma once
// The bytes of an index file: header, hash slots, entries. Format: docs/formats/index-file.md.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ogive::store {

/// How many of everything; must stay the same for the life of a store.
struct IndexShape {
  static constexpr std::int64_t kHeaderBytes = 40;
  static constexpr std::int64_t kSlotBytes = 4;
  static constexpr std::int64_t kEntryBytes = 20;

  std::int32_t slots = 5'000'000;     ///< maxHashSlotNum
  std::int32_t entries = 20'000'000;  ///< maxIndexNum; entry 0 is never used.

  std::int64_t slot_at(std::int32_t slot) const { return kHeaderBytes + slot * kSlotBytes; }
  std::int64_t entry_at(std::int32_t entry) const { return kHeaderBytes + slots * kSlotBytes + entry * kEntryBytes; }
  std::int64_t file_bytes() const { return entry_at(entries); }
};

struct IndexHeader {
  std::int64_t begin_ms = 0;  ///< Store time of the first record in it.
  std::int64_t end_ms = 0;
  std::int64_t begin_offset = 0;  ///< Physical offset of the first record in it.
  std::int64_t end_offset = 0;    ///< And of the last.
  std::int32_t slots_used = 0;
  std::int32_t count = 1;  ///< Number of the next entry.

  void encode(std::byte* out) const;
  static IndexHeader decode(const std::byte* from);
};

struct IndexEntry {
  std::int32_t hash = 0;
  std::int64_t offset = 0;
  std::int32_t seconds = 0;   ///< Store time minus the file's begin_ms, rounded down.
  std::int32_t previous = 0;  ///< Entry before it in the slot's chain, 0 for none.

  void encode(std::byte* out) const;
  static IndexEntry decode(const std::byte* from);
};

}  // namespace ogive::store
