#pragma once
// The bytes of one simulated file, as the page cache shows them and as the device would have them after power loss.

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"

namespace ogive::sim {

inline constexpr std::uint64_t kPageBytes = 4096;

struct Page {
  std::array<std::byte, kPageBytes> bytes{};
};
/// Shared between a disk, its durable past and its crash images; copied before it is written while shared.
using PageRef = std::shared_ptr<Page>;

bool all_zero(ByteView bytes);

/// A sparse array of bytes: holes read as zeros and cost nothing; pages of zeros share one page.
class FileImage {
 public:
  std::uint64_t size() const { return size_; }
  std::size_t page_count() const { return pages_.size(); }
  /// Reads until `out` is full or the file ends; returns the bytes read.
  std::size_t read(std::uint64_t offset, std::span<std::byte> out) const;
  void write(std::uint64_t offset, ByteView bytes);
  void write_zeros(std::uint64_t offset, std::uint64_t count);
  void resize(std::uint64_t size);
  /// Makes [begin, end) of this image equal to `other`'s; the size only grows.
  void copy_range(const FileImage& other, std::uint64_t begin, std::uint64_t end);
  /// The page numbered `number`, null for a hole; set_page with null makes a hole.
  PageRef page(std::uint64_t number) const;
  void set_page(std::uint64_t number, PageRef page);
  /// Pages of [offset, offset + count) that are holes still.
  std::uint64_t missing_pages(std::uint64_t offset, std::uint64_t count) const;
  /// First offset at or behind `offset` that is not in a hole; at least the size when there is none.
  std::uint64_t next_data(std::uint64_t offset) const;
  /// Numbers of the pages in [first, last] that are not holes.
  std::vector<std::uint64_t> present_pages(std::uint64_t first, std::uint64_t last) const;

 private:
  std::byte* writable(std::uint64_t number);
  std::map<std::uint64_t, PageRef> pages_;
  std::uint64_t size_ = 0;
};

/// A change to a file's bytes that is not synced yet.
struct ByteChange {
  enum class Kind : std::uint8_t { kWrite, kZeros, kResize };
  Kind kind = Kind::kWrite;
  std::uint64_t offset = 0;      ///< kResize: the new size.
  std::uint64_t count = 0;       ///< Bytes written.
  std::vector<std::byte> bytes;  ///< kWrite only.
};

/// What power loss does to a file's unsynced changes.
enum class LossMode : std::uint8_t {
  kKeepAll,  ///< The kernel had written everything back.
  kDropAll,  ///< Nothing had been written.
  kPrefix,   ///< Everything up to some change, which is torn.
  kSubset,   ///< Any sectors of any changes, in no order.
};

/// A file's current bytes plus what is needed to know what the device holds: the durable versions of pages changed
/// since the last sync, and the changes themselves. Pages count against `used_pages`, which outlives this.
class FileContent {
 public:
  explicit FileContent(std::int64_t& used_pages) : used_pages_(used_pages) {}
  ~FileContent();
  FileContent(const FileContent&) = delete;
  FileContent& operator=(const FileContent&) = delete;

  const FileImage& image() const { return image_; }
  void write(std::uint64_t offset, ByteView bytes);
  void resize(std::uint64_t size);
  /// All changes so far are durable, except what an earlier failed sync lost and nobody wrote again.
  void sync();
  /// As Linux does it: some changes may have reached the device, the others never will, and the next sync will not say
  /// so.
  void fail_sync(Random& random);
  /// The content becomes what the device held.
  void lose_power(Random& random, LossMode mode);
  void lose_power(Random& random);
  std::size_t unsynced_changes() const { return changes_.size(); }
  /// Becomes a copy of `other` (sharing pages), with its unsynced changes.
  void copy_from(const FileContent& other);

 private:
  struct Durable {
    PageRef page;       ///< Null: a hole on the device.
    bool lost = false;  ///< The current version was given up by a failed sync.
  };
  void apply(const ByteChange& change);
  void remember(std::uint64_t page);
  void remember(std::uint64_t begin, std::uint64_t end);
  void account(std::size_t pages_before);
  void bound_unsynced();
  FileImage durable_image() const;
  FileImage after_power_loss(Random& random, LossMode mode) const;

  std::int64_t& used_pages_;
  FileImage image_;
  std::map<std::uint64_t, Durable> durable_;  ///< Where the device differs from image_.
  std::uint64_t durable_size_ = 0;
  std::vector<ByteChange> changes_;
  std::uint64_t unsynced_bytes_ = 0;
};

}  // namespace ogive::sim
