#pragma once
// Bytes on their way to a socket: small things copied together, large ones referred to.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace ogive::io {

/// A sequence of pieces to send: own bytes (headers, small bodies) and views of shared immutable memory (log chunks,
/// cached bodies) kept alive by their owner until sent. Not thread-safe. Adjacent own bytes are one piece. Its memory
/// is kept for reuse when it empties (up to kKeptCapacity), so a buffer used over and over allocates nothing.
class OutBuffer {
 public:
  OutBuffer() = default;
  OutBuffer(OutBuffer&& other) noexcept { swap(other); }
  OutBuffer& operator=(OutBuffer&& other) noexcept;
  void swap(OutBuffer& other) noexcept;

  /// Appends `count` uninitialised own bytes and returns where to write them; valid until the next call.
  std::byte* extend(std::size_t count) {
    if (!last_is_own_ || own_capacity_ - own_size_ < count) return extend_slowly(count);
    std::byte* const place = own_.get() + own_size_;
    pieces_.back().size += count;
    own_size_ += count;
    size_ += count;
    return place;
  }
  void append(ByteView bytes);
  void append(std::string_view text) { append(as_bytes(text)); }
  /// Refers to `bytes`, which stay valid and unchanged as long as `owner` lives.
  void append_shared(std::shared_ptr<const void> owner, ByteView bytes);
  /// Moves everything of `from` behind what is here: its own bytes are copied, its shared pieces handed over.
  void splice(OutBuffer& from);

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  /// Own bytes written so far: with `own_bytes_at`, lets a frame's length be patched in after its content is known.
  /// Positions hold until the next consume() or clear().
  std::size_t own_size() const { return own_size_; }
  std::byte* own_bytes_at(std::size_t position) { return own_.get() + position; }

  /// Fills `out` with the first pieces; returns how many were filled.
  std::size_t peek(std::span<ByteView> out) const;
  /// Drops the first `count` bytes (they were sent).
  void consume(std::size_t count);
  void clear();

 private:
  struct Piece {
    std::shared_ptr<const void> owner;  ///< Shared with the log or a cache that may drop it first; null = own bytes.
    const std::byte* data = nullptr;    ///< Null for own bytes.
    std::size_t begin = 0;              ///< Index into own_ for own bytes, else into data.
    std::size_t size = 0;
  };
  static constexpr std::size_t kKeptCapacity = 1 << 20;

  std::byte* extend_slowly(std::size_t count);
  void grow(std::size_t needed);
  void drop_sent_front();
  const std::byte* bytes_of(const Piece& piece) const {
    return (piece.data == nullptr ? own_.get() : piece.data) + piece.begin;
  }

  std::unique_ptr<std::byte[]> own_;
  std::size_t own_size_ = 0;
  std::size_t own_capacity_ = 0;
  std::vector<Piece> pieces_;
  bool last_is_own_ = false;  ///< There is a piece not sent yet, and the last one is of own bytes.
  std::size_t first_ = 0;     ///< pieces_ before it are sent.
  std::size_t size_ = 0;
};

}  // namespace ogive::io
