#pragma once
// A store directory as the tool sees it: everything is opened for reading, nothing is changed.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "io/file.h"
#include "message/record.h"
#include "store/index/index_format.h"
#include "store/log/segment.h"
#include "store/queue/queue_files.h"
#include "store/queue/queue_table.h"

namespace ogive::store_tool {

/// Sizes that cannot be seen, or 0: taken from the files there are.
struct StoreSizes {
  std::string commit_log_path;  ///< "" = root/commitlog
  std::uint64_t segment_bytes = 0;
  std::uint64_t queue_file_bytes = 0;
  std::uint64_t batch_queue_file_bytes = 0;
  store::IndexShape index_shape;
};

/// What is wrong with a part of the log that is not its end.
struct LogDamage {
  std::int64_t begin = 0;
  std::int64_t end = 0;  ///< Where the next good record begins.
  std::string reason;
};

/// One thread. Holds the store's lock while it lives, so that no broker opens it meanwhile.
class StoreView {
 public:
  /// kPermission when a broker has it, kNotFound when it is none.
  static Result<std::unique_ptr<StoreView>> open(io::FileSystem& files, const std::string& root,
                                                 const StoreSizes& sizes);

  const std::string& root() const { return root_; }
  io::FileSystem& files() { return files_; }
  const store::SegmentList& segments() const { return *segments_; }
  store::QueueTable& queues() { return queues_; }
  store::QueueFiles& queue_files() { return *queue_files_; }
  const StoreSizes& sizes() const { return sizes_; }
  /// Whether parts of it are in RocksDB.
  bool rocksdb() const { return rocksdb_; }
  /// Whether the last stop was orderly.
  bool orderly() const { return orderly_; }
  /// What opening saw of files that are short, of odd size, or missing.
  const std::vector<std::string>& oddities() const { return oddities_; }
  /// Lets go of the lock (before a repair takes it).
  void unlock() { lock_.reset(); }

  using Visitor = std::function<Status(const message::RecordView& record, ByteView bytes)>;
  /// Visits every good record from the first one at or behind `from` on; damage in between is told and passed over.
  /// Returns where the log ends. A visitor's kCancelled ends the walk.
  Result<std::int64_t> walk(std::int64_t from, const Visitor& visit,
                            const std::function<void(const LogDamage&)>& damaged);

 private:
  StoreView(io::FileSystem& files, std::string root, StoreSizes sizes)
      : files_(files), root_(std::move(root)), sizes_(std::move(sizes)) {}
  Status deduce_sizes();
  Status load_queues(store::QueueKind kind);
  void load_queue(store::ConsumeQueue& queue, const std::string& directory);

  io::FileSystem& files_;
  const std::string root_;
  StoreSizes sizes_;
  std::unique_ptr<io::FileLock> lock_;
  std::unique_ptr<io::FileSystem> reading_;  ///< The same files without the ways to change them.
  std::unique_ptr<store::SegmentList> segments_;
  store::QueueTable queues_;
  std::unique_ptr<store::QueueFiles> queue_files_;
  std::vector<std::string> oddities_;
  std::string queue_directory_;
  bool rocksdb_ = false;
  bool orderly_ = true;
};

}  // namespace ogive::store_tool
