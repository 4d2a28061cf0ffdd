#pragma once
// The files of all consume queues: <directory>/<topic>/<queue id>/<20 digits>. Formats: docs/formats/consume-queue.md,
// batch-consume-queue.md.

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include <cstdint>
#include <functional>
#include <list>
#include <map>
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
/// queue costs no descriptor. Thread-safe; blocking. What writes, syncs or removes is called by one thread at a time.
class QueueFiles {
 public:
  static constexpr std::size_t kMaxOpen = 256;

  /// Where the queues of one kind are.
  struct Home {
    std::string directory;
    std::int64_t file_bytes = 0;  ///< A multiple of the kind's entry size.
  };
  /// More than `max_unsynced` files are not synced one by one but with all else that is unwritten in their file
  /// system, in one call.
  QueueFiles(io::FileSystem& files, Home simple, Home batch, std::size_t max_unsynced = kMaxOpen);

  /// Hears of files that are missing although their queue reaches into them, when a write makes them anew without their
  /// entries. Before the first write; called by it.
  void on_damage(std::function<void(const Error&)> damaged) { damaged_ = std::move(damaged); }

  /// Fills `out` with the entries from `place` on; fewer when the files end. Returns the entries read.
  Result<std::size_t> read(const ConsumeQueue& queue, std::int64_t place, std::span<std::byte> out);
  /// The same for what the operating system has in memory of a file that is open already; does not block. Fewer, or 0,
  /// when that is not all: read() has the rest.
  std::size_t read_at_once(const ConsumeQueue& queue, std::int64_t place, std::span<std::byte> out);
  /// Whether the entry at `place` lies in a hole of its file: zeros, which need not be read to be known.
  Result<bool> is_hole(const ConsumeQueue& queue, std::int64_t place);
  /// Writes encoded entries from `place` on, making files (full size, sparse; filler in front of the first entry where
  /// the queue begins in the middle of its first file). Durable after sync().
  Status write(ConsumeQueue& queue, std::int64_t place, ByteView entries);
  /// Everything written so far is durable, including the names of new files.
  Status sync();
  /// The last process crashed: names it made may be known to the page cache only. They are synced with the first
  /// write.
  void distrust_names() { distrust_names_ = true; }
  /// The last process has written `count` files of these kinds that may not be on the device: the next sync() is a
  /// whole one. False where there is none.
  bool distrust_contents(std::span<const QueueKind> kinds, std::size_t count);
  /// Files that sync() has to bring to the device; some may be counted more than once.
  std::size_t unsynced() const { return unsynced_count_; }
  /// First place at or behind `place` with an entry `wanted` holds for; -1 without one. Skips holes.
  Result<std::int64_t> find_entry(const ConsumeQueue& queue, std::int64_t place,
                                  const std::function<bool(const QueueEntry&)>& wanted);
  /// Zeroes what the files hold from `place` on and removes the files behind. True when there was anything.
  Result<bool> cut(ConsumeQueue& queue, std::int64_t place);
  /// Removes files all of whose entries lie before `place`, but never the last one, which carries the queue's maximum.
  Status trim(ConsumeQueue& queue, std::int64_t place);
  /// Removes all files of the queue.
  Status remove(ConsumeQueue& queue);
  /// Removes the topic's directory once its queues' files are gone; other content keeps it.
  void remove_topic_directory(const std::string& topic);

  const Home& home(QueueKind kind) const { return kind == QueueKind::kBatch ? batch_ : simple_; }
  std::string queue_directory(const ConsumeQueue& queue) const;

 private:
  using Key = std::pair<const ConsumeQueue*, std::int64_t>;  ///< Queue and its file's begin.
  struct OpenFile {
    std::shared_ptr<io::File>
        file;  ///< Shared with readers and the list of unsynced files: may be closed under neither.
    std::list<Key>::iterator recent;
  };

  std::int64_t file_bytes(const ConsumeQueue& queue) const { return home(queue.kind()).file_bytes; }
  std::int64_t begin_of(const ConsumeQueue& queue, std::int64_t position) const {
    return position - position % file_bytes(queue);
  }
  std::string path_of(const ConsumeQueue& queue, std::int64_t begin) const;
  std::shared_ptr<io::File> find_open(const Key& key);
  /// The file, opened when it is not. kCorrupt when it is missing although it is one of the queue's, kNotFound when it
  /// no longer is.
  Result<std::shared_ptr<io::File>> open(const ConsumeQueue& queue, std::int64_t begin);
  Result<std::shared_ptr<io::File>> open_or_create(ConsumeQueue& queue, std::int64_t position);
  Result<std::shared_ptr<io::File>> create(const ConsumeQueue& queue, std::int64_t begin);
  Status remove_files(const std::string& directory);
  void note_directories(const ConsumeQueue& queue);
  Status write_filler(io::File& file, std::int64_t bytes);
  /// For files of that kind; made before anything is written to them, so that no failure passes unseen.
  void prepare_whole_sync(QueueKind kind);
  Status sync_whole();
  std::shared_ptr<io::File> remember(const Key& key, std::shared_ptr<io::File> file);
  void forget(const ConsumeQueue& queue);
  void forget(const ConsumeQueue& queue, std::int64_t begin);

  io::FileSystem& files_;
  std::function<void(const Error&)> damaged_;
  const Home simple_;
  const Home batch_;
  const std::size_t max_unsynced_;
  std::mutex mutex_;
  absl::flat_hash_map<Key, OpenFile> open_;
  std::list<Key> recent_;  ///< Most recently used first.
  // Writer's own:
  absl::flat_hash_map<Key, std::shared_ptr<io::File>> unsynced_;
  std::set<std::string> unsynced_directories_;
  std::map<QueueKind, std::unique_ptr<io::WholeSync>> whole_syncs_;  ///< Null where the system has none.
  std::size_t unsynced_count_ = 0;
  bool all_unsynced_ = false;  ///< More files than unsynced_ names: they are closed, whole syncs make them durable.
  bool distrust_names_ = false;
  absl::flat_hash_set<Key> trusted_names_;  ///< Files whose name this process has synced or will with unsynced_.
};

}  // namespace ogive::store
