#pragma once
// The index by key: which records have a key, found by hash in files of RocketMQ's format.

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "io/file.h"
#include "store/index/index_file.h"
#include "store/index/index_keys.h"

namespace ogive::store {

/// What opening the index may rely on.
struct IndexTrust {
  bool all = false;                 ///< An orderly stop: every file is whole.
  std::int64_t before_offset = -1;  ///< Full files that end before it are; nobody else's. (Ogive's crash)
  std::int64_t until_ms = -1;       ///< Files that end at or before that time are. (Another server's crash)
};

/// Thread-safe; blocking. Adding is done by one thread at a time, in log order.
class MessageIndex {
 public:
  MessageIndex(io::FileSystem& files, const Clock& clock, std::string directory, const IndexShape& shape);

  /// Opens the files that can be trusted and removes the others. Returns the offset from which on records must be
  /// added; `log_begin` when there is no file.
  Result<std::int64_t> open(const IndexTrust& trust, std::int64_t log_begin, std::vector<std::string>& repairs);

  /// Adds keys in log order, all those of a record together; those that were added before are passed over.
  Status add(std::span<const IndexKey> keys);
  /// Everything added so far is durable when it returns. The store time of the last record it covers.
  Result<std::int64_t> sync();

  /// Physical offsets of records that may have the key and time (both ends included), newest first: at most `max`,
  /// those older than `before`. Hashes collide: the caller looks at the records.
  Result<std::vector<std::int64_t>> find(std::string_view topic, std::string_view key, KeyKind kind,
                                         std::int64_t begin_ms, std::int64_t end_ms, std::int64_t before,
                                         std::size_t max) const;
  /// Newest record with a key; zeros in an empty index.
  struct Newest {
    std::int64_t store_time_ms = 0;
    std::int64_t offset = 0;
  };
  Newest newest() const;
  /// Removes files all of whose records lie before `offset`.
  Status trim(std::int64_t offset);

 private:
  static constexpr std::size_t kMaxUnwritten = 1 << 20;

  Result<std::int64_t> resume_at(std::int64_t log_begin);
  Status make_file();
  Status seal_last();

  io::FileSystem& files_;
  const Clock& clock_;
  const std::string directory_;
  const IndexShape shape_;

  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<IndexFile>> open_;  ///< Ascending; the last one is active unless it is full.
  bool active_ = false;
  bool names_synced_ = true;
  std::int64_t last_offset_ = -1;  ///< Record added last: of an index that was there, its last record.
  std::int32_t skip_ = 0;          ///< Keys of the record at last_offset_ that are in already.
};

}  // namespace ogive::store
