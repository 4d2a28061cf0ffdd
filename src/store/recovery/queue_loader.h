#pragma once
// Finds the consume queues on disk and how far their entries can be trusted.

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "io/file.h"
#include "store/queue/queue_files.h"
#include "store/queue/queue_table.h"

namespace ogive::store {

/// What the queues' files say about the log.
struct QueueExtent {
  QueueEntry last;           ///< The entry that reaches furthest into the log.
  std::int64_t log_end = 0;  ///< Behind that entry's record; 0 without entries.
  bool damaged = false;      ///< Files lack entries they had: the queues must be made anew from the whole log.
};

/// Start-up only, one thread, blocking.
class QueueLoader {
 public:
  QueueLoader(io::FileSystem& files, QueueFiles& queue_files, QueueTable& queues)
      : files_(files), queue_files_(queue_files), queues_(queues) {}

  /// Loads every queue's bounds. Entries of records at or behind `cut` do not count (they are rebuilt from the log),
  /// nor do those of records before `log_begin`. May be called again with another cut.
  Result<QueueExtent> load(std::int64_t cut, std::int64_t log_begin, std::vector<std::string>& repairs);

 private:
  Status load_kind(QueueKind kind, std::int64_t cut, std::int64_t log_begin, QueueExtent& extent,
                   std::vector<std::string>& repairs);
  Status load_queue(ConsumeQueue& queue, std::int64_t cut, std::int64_t log_begin, QueueExtent& extent,
                    std::vector<std::string>& repairs);
  Result<QueueFileSpan> find_files(const ConsumeQueue& queue, bool& damaged, std::vector<std::string>& repairs);
  Status extend(const ConsumeQueue& queue, const std::string& path, std::uint64_t size,
                std::vector<std::string>& repairs);
  Result<BatchEntry> entry_at(const ConsumeQueue& queue, std::int64_t place);
  /// The first place from `first`, where the files begin, on that has no filler.
  Result<std::int64_t> behind_fillers(const ConsumeQueue& queue, std::int64_t first);

  io::FileSystem& files_;
  QueueFiles& queue_files_;
  QueueTable& queues_;
};

}  // namespace ogive::store
