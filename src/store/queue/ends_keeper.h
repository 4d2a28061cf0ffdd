#pragma once
// Decides when the `queueends` file is written, and how far the one found at start may be relied on.

#include <cstdint>
#include <string>

#include "base/error.h"
#include "io/file.h"
#include "store/checkpoint.h"
#include "store/queue/queue_ends.h"
#include "store/queue/queue_files.h"
#include "store/queue/queue_table.h"

namespace ogive::store {

/// One thread at a time: start-up, then whoever may write queue files. Blocking.
class EndsKeeper {
 public:
  struct Subject {
    io::FileSystem& files;
    const QueueTable& queues;
    const QueueFiles& queue_files;
  };
  /// Stores with at most `walked_at_start` queues look at all files when they start: for them the file is written
  /// rarely.
  EndsKeeper(const Subject& subject, std::string root, std::size_t walked_at_start)
      : subject_(subject), root_(std::move(root)), walked_at_start_(walked_at_start) {}

  /// What the last process noted. `ours` is false when another server may have started here since: then it is to be
  /// written anew before the store is marked as ours again (wanted()).
  Result<QueueEnds> load(const Checkpoint& checkpoint, bool ours);
  /// Says in `ends` where the queues' files are and how large; whether that is so.
  void describe_files(QueueEnds& ends) const;
  bool are_of_these_files(const QueueEnds& ends) const;
  /// Whether a start relies on ends of so many queues.
  bool relies_on(const QueueEnds& ends) const { return ends.complete && ends.queues.size() > walked_at_start_; }

  /// Whether the file is to be written with a checkpoint that says `safe_offset`.
  bool due(std::int64_t safe_offset, std::int64_t now_ms) const;
  /// Makes it due.
  void want() { wanted_ = true; }
  bool wanted() const { return wanted_; }
  /// Writes it and counts `checkpoint` on, which must be saved next. Everything before `flushed` is on the device;
  /// `complete`: so are the queue files. When it cannot be written, none is left.
  Status save(Checkpoint& checkpoint, std::int64_t flushed, bool complete, std::int64_t now_ms);

 private:
  /// Bytes of log a start may have to read again for each byte of the file that need not be written meanwhile.
  static constexpr std::int64_t kLogBytesPerByte = 16;
  static constexpr std::int64_t kIntervalMs = 60'000;

  std::string path() const { return root_ + "/queueends"; }
  std::string directory() const;
  Status remove();

  const Subject subject_;
  const std::string root_;
  const std::size_t walked_at_start_;
  bool wanted_ = false;
  std::uint64_t saved_created_ = 0;
  std::int64_t saved_ms_ = 0;
  std::int64_t saved_offset_ = 0;
  std::int64_t saved_bytes_ = 0;
};

}  // namespace ogive::store
