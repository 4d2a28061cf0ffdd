#pragma once
// The most recently appended bytes of the log, in memory: written to the file from here, sent to readers from here.

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <span>

#include "base/bytes.h"
#include "io/out_buffer.h"

namespace ogive::store {

/// A stretch [begin, end) of physical offsets.
struct LogRange {
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

/// Chunks of one size that cover the physical address space without holes: chunk i holds [i*size, (i+1)*size). At most
/// `max_bytes` are kept, more only while the oldest are not yet written to the file. Chunks are handed out shared: a
/// reply on its way to a socket keeps its chunk alive after the cache has dropped it.
///
/// append() and append_zeros(): the append section only. gather(): the writer only. The rest: any thread, for bytes
/// whose append is known to have finished (they lie below the appended watermark or in a visible queue entry).
class TailCache {
 public:
  static constexpr std::int64_t kChunkBytes = 2 << 20;

  explicit TailCache(std::uint64_t max_bytes);
  /// Begins empty at `offset`, before the first append.
  void reset(std::int64_t offset);

  void append(ByteView bytes);
  void append_zeros(std::int64_t count);
  /// Everything before `offset` is in the file and may be dropped.
  void set_written(std::int64_t offset) { written_.store(offset, std::memory_order_release); }
  /// Views of [begin, end) in order, as many as fit `out`; returns their number. They stay valid until set_written
  /// passes them.
  std::size_t gather(std::int64_t begin, std::int64_t end, std::span<ByteView> out) const;

  /// First offset that is still in memory.
  std::int64_t begin() const { return begin_.load(std::memory_order_acquire); }
  /// Appends views of all `ranges` (ascending) to `out`, or nothing when one is not in memory.
  bool share(std::span<const LogRange> ranges, io::OutBuffer& out) const;
  /// What is in memory from `offset` on, up to `end` or the end of a chunk; no bytes when it is not in memory.
  struct Piece {
    ByteView bytes;
    std::shared_ptr<const void> owner;  ///< Shared: the bytes are there as long as it is.
  };
  Piece piece(std::int64_t offset, std::int64_t end) const;
  /// Copies [offset, offset + out.size()) or returns false.
  bool copy(std::int64_t offset, std::span<std::byte> out) const;

 private:
  using Chunk = std::array<std::byte, kChunkBytes>;
  /// Whether [begin, end) is in memory. A place that a damaged file names may be anywhere. With the mutex.
  bool covers(std::int64_t begin, std::int64_t end) const;
  static std::shared_ptr<Chunk> make_chunk();
  void open_chunk();
  const std::shared_ptr<Chunk>& chunk_at(std::int64_t offset) const {
    return chunks_[static_cast<std::size_t>(offset / kChunkBytes - first_index_)];
  }

  const std::size_t max_chunks_;
  std::atomic<std::int64_t> begin_{0};
  std::atomic<std::int64_t> written_{0};
  std::int64_t end_ = 0;      ///< Append section only.
  Chunk* current_ = nullptr;  ///< The chunk end_ lies in; null at a chunk's beginning.
  mutable std::mutex mutex_;  ///< Guards the two below, not the bytes.
  std::deque<std::shared_ptr<Chunk>> chunks_;
  std::int64_t first_index_ = 0;
};

}  // namespace ogive::store
