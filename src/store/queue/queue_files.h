#pragma once
// The files of all consume queues: <directory>/<topic>/<queue id>/<20 digits>. Format: docs/formats/consume-queue.md.

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "io/file.h"
#include "store/queue/consume_queue.h"

namespace ogive::store {

/// Reads, writes and removes entries. Files are opened on demand and the least recently used closed, so that a silent
/// queue costs no descriptor. Thread-safe; blocking. write(), sync() and remove() are called by one thread at a time.
class QueueFiles {
 public:
  static constexpr std::size_t kMaxOpen = 256;

  QueueFiles(io::FileSystem& files, std::string directory, std::uint64_t file_bytes);

  /// Fills `out` with the entries from `offset` on; fewer when the files end. Returns the entries read.
  Result<std::size_t> read(const ConsumeQueue& queue, std::int64_t offset, std::span<std::byte> out);
  /// Writes encoded entries from `offset` on, making files (full size, sparse; filler in front of the first entry where
  /// the queue begins in the middle of its first file). Durable after sync().
  Status write(ConsumeQueue& queue, std::int64_t offset, ByteView entries);
  /// Everything written so far is durable, including the names of new files.
  Status sync();
  /// Zeroes what the files hold from `offset` on and removes the files behind. True when there was anything.
  Result<bool> cut(ConsumeQueue& queue, std::int64_t offset);
  /// Removes all files of the queue.
  Status remove(ConsumeQueue& queue);
  /// Removes the topic's directory once its queues' files are gone; other content keeps it.
  void remove_topic_directory(const std::string& topic);

  const std::string& directory() const { return directory_; }
  std::int64_t file_bytes() const { return file_bytes_; }
  std::string queue_directory(const ConsumeQueue& queue) const;

 private:
  using Key = std::pair<const ConsumeQueue*, std::int64_t>;  ///< Queue and its file's begin.
  struct OpenFile {
    std::shared_ptr<io::File>
        file;  ///< Shared with readers and the list of unsynced files: may be closed under neither.
    std::list<Key>::iterator recent;
  };

  std::int64_t begin_of(std::int64_t position) const { return position - position % file_bytes_; }
  std::string path_of(const ConsumeQueue& queue, std::int64_t begin) const;
  /// The open file, opened when it exists; kNotFound otherwise.
  Result<std::shared_ptr<io::File>> open(const ConsumeQueue& queue, std::int64_t begin);
  Result<std::shared_ptr<io::File>> open_or_create(ConsumeQueue& queue, std::int64_t position);
  Status write_filler(io::File& file, std::int64_t bytes);
  std::shared_ptr<io::File> remember(const Key& key, std::shared_ptr<io::File> file);
  void forget(const ConsumeQueue& queue);

  io::FileSystem& files_;
  const std::string directory_;
  const std::int64_t file_bytes_;
  std::mutex mutex_;
  absl::flat_hash_map<Key, OpenFile> open_;
  std::list<Key> recent_;  ///< Most recently used first.
  // Writer's own:
  absl::flat_hash_map<Key, std::shared_ptr<io::File>> unsynced_;
  std::set<std::string> unsynced_directories_;
};

}  // namespace ogive::store
