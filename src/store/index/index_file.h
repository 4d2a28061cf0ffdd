#pragma once
// One index file: the active one, which grows in memory first, or a full one, which is only read.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "io/file.h"
#include "store/index/index_format.h"

namespace ogive::store {

/// Not thread-safe: its owner locks. Blocking.
///
/// An active file keeps its slots and the entries not yet written in memory, because writing a slot to the file per key
/// would cost more than the append. write() brings them to the file, sync() to the device.
class IndexFile {
 public:
  /// Opens a file. With `active`, its slots are read so that it can grow. kCorrupt when it is not an index file of this
  /// shape.
  static Result<std::unique_ptr<IndexFile>> open(io::FileSystem& files, const std::string& path,
                                                 const IndexShape& shape, bool active);
  /// Makes one: full size, sparse.
  static Result<std::unique_ptr<IndexFile>> create(io::FileSystem& files, const std::string& path,
                                                   const IndexShape& shape);

  const std::string& path() const { return path_; }
  const IndexHeader& header() const { return header_; }
  bool full() const { return header_.count >= shape_.entries; }
  bool empty() const { return header_.count <= 1; }

  /// Brings the slot of an active file into the cache for an add() soon.
  void prefetch(std::int32_t hash) const {
    __builtin_prefetch(&slots_[static_cast<std::size_t>(hash % shape_.slots)], 1);
  }
  /// Adds an entry to an active file that is not full. No input or output.
  void add(std::int32_t hash, std::int64_t offset, std::int64_t store_time_ms);
  std::size_t unwritten_bytes() const { return entries_.size(); }
  Status write();
  Status sync();
  /// Written and synced: gives its memory back and is only read from now on.
  void seal();

  /// How a search goes on: newest entries come first.
  struct Cursor {
    std::int32_t hash = 0;
    std::int32_t next = 0;  ///< Entry to look at, 0 at the end.
  };
  Result<Cursor> find(std::int32_t hash) const;
  /// The next entry of that hash whose time may lie within the range, both ends included (times in entries are rounded
  /// down to seconds): false at the end.
  Result<bool> next(Cursor& cursor, std::int64_t begin_ms, std::int64_t end_ms, IndexEntry& found) const;
  /// Entry `number`, 1 to header().count - 1.
  Result<IndexEntry> entry(std::int32_t number) const;

 private:
  IndexFile(std::string path, const IndexShape& shape, std::unique_ptr<io::File> file)
      : path_(std::move(path)), shape_(shape), file_(std::move(file)) {}
  Status load_slots();
  Status write_slots();
  std::int32_t checked(std::int32_t number) const { return number > 0 && number < header_.count ? number : 0; }

  static constexpr std::int32_t kSlotsPerPage = 1024;

  struct Free {
    void operator()(std::int32_t* memory) const;
  };

  const std::string path_;
  const IndexShape shape_;
  std::unique_ptr<io::File> file_;
  IndexHeader header_;
  std::unique_ptr<std::int32_t[], Free> slots_;  ///< Of an active file.
  std::vector<bool> dirty_pages_;                ///< Of slots_.
  std::vector<std::byte> entries_;               ///< Encoded entries from written_ on.
  std::int32_t written_ = 1;                     ///< Entries before it are in the file.
};

}  // namespace ogive::store
