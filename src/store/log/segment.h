#pragma once
// The commit log's files: fixed-size segments named by the 20-digit physical offset they begin at.

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/error.h"
#include "io/file.h"

namespace ogive::store {

/// Name of the file that begins at `offset`: 20 decimal digits.
std::string segment_name(std::int64_t offset);
/// The offset a file name stands for; -1 when it is not 20 digits.
std::int64_t parse_segment_name(std::string_view name);

/// One open segment. Its file may be read and written at any position by any thread.
struct Segment {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  std::string path;
  std::unique_ptr<io::File> file;
};

/// The segments that exist, contiguous and ascending. Thread-safe. Segments are handed out shared, because a reader may
/// still use one that retention or recovery removes.
class SegmentList {
 public:
  /// Where the files are: directories separated by commas. Those named as read-only too get no new file and keep those
  /// they have, but where the log ends in one, it is filled up, as by RocketMQ. New files go to the others in turn.
  struct Paths {
    std::string all;
    std::string read_only;
  };
  SegmentList(io::FileSystem& files, const Paths& paths, std::uint64_t segment_bytes);

  /// Opens what the directories (made when missing) hold. An empty or short last file is repaired and reported; another
  /// size means another mappedFileSizeCommitLog and is refused, as is a hole between files.
  Status load(std::vector<std::string>& repairs);
  /// Makes the segment behind the last one, or the first at `first_begin`: full size, sparse, durable. Blocking.
  Status create_next(std::int64_t first_begin = 0);
  /// Another open file of the segment that begins at `begin`. Blocking.
  Result<std::unique_ptr<io::File>> open_again(std::int64_t begin) const;
  /// Removes the first segment if it ends at or before `offset` and is not the last; false when it does not. Blocking.
  Result<bool> remove_first(std::int64_t offset);
  /// Removes every segment that begins at or behind `offset`. Blocking; only while nothing is appended.
  Status remove_from(std::int64_t offset);

  /// The segment that holds `offset`, or null.
  std::shared_ptr<Segment> find(std::int64_t offset) const;
  std::vector<std::shared_ptr<Segment>> all() const;

  bool empty() const { return begin() == end(); }
  std::int64_t begin() const { return begin_.load(std::memory_order_acquire); }
  std::int64_t end() const { return end_.load(std::memory_order_acquire); }
  std::int64_t segment_bytes() const { return segment_bytes_; }
  /// Begin of the segment that would hold `offset`.
  std::int64_t begin_of(std::int64_t offset) const { return offset - offset % segment_bytes_; }
  /// As configured, for messages.
  const std::string& directory() const { return directory_; }
  /// Directories that take new files.
  const std::vector<std::string>& writable() const { return writable_; }

 private:
  struct Found {
    io::FileInfo info;
    std::string path;
    bool read_only = false;
  };
  Result<std::vector<Found>> find_files();
  Result<std::unique_ptr<io::File>> make_file(const std::string& directory, const std::string& path);
  Status add_file(const Found& found, bool last, std::vector<std::string>& repairs);

  io::FileSystem& files_;
  const std::string directory_;
  std::vector<std::string> writable_;
  std::vector<std::string> read_only_;
  const std::int64_t segment_bytes_;
  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<Segment>> segments_;
  std::atomic<std::int64_t> begin_{0};
  std::atomic<std::int64_t> end_{0};
};

}  // namespace ogive::store
