#include "io/out_buffer.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/check.h"

namespace ogive::io {

OutBuffer& OutBuffer::operator=(OutBuffer&& other) noexcept {
  if (this != &other) {
    clear();
    swap(other);
  }
  return *this;
}

void OutBuffer::swap(OutBuffer& other) noexcept {
  own_.swap(other.own_);
  std::swap(own_size_, other.own_size_);
  std::swap(own_capacity_, other.own_capacity_);
  pieces_.swap(other.pieces_);
  std::swap(last_is_own_, other.last_is_own_);
  std::swap(first_, other.first_);
  std::swap(size_, other.size_);
}

void OutBuffer::grow(std::size_t needed) {
  const std::size_t capacity = std::max({needed, own_capacity_ * 2, std::size_t{512}});
  auto larger = std::make_unique_for_overwrite<std::byte[]>(capacity);
  if (own_size_ != 0) std::memcpy(larger.get(), own_.get(), own_size_);
  own_ = std::move(larger);
  own_capacity_ = capacity;
}

std::byte* OutBuffer::extend_slowly(std::size_t count) {
  if (own_capacity_ - own_size_ < count) grow(own_size_ + count);
  std::byte* const place = own_.get() + own_size_;
  if (count == 0) return place;
  // Own bytes of the last piece end where the next ones begin, unless that piece is shared.
  if (last_is_own_) {
    pieces_.back().size += count;
  } else {
    pieces_.push_back(Piece{nullptr, nullptr, own_size_, count});
    last_is_own_ = true;
  }
  own_size_ += count;
  size_ += count;
  return place;
}

void OutBuffer::append(ByteView bytes) {
  if (!bytes.empty()) std::memcpy(extend(bytes.size()), bytes.data(), bytes.size());
}

void OutBuffer::append_shared(std::shared_ptr<const void> owner, ByteView bytes) {
  if (bytes.empty()) return;
  pieces_.push_back(Piece{std::move(owner), bytes.data(), 0, bytes.size()});
  last_is_own_ = false;
  size_ += bytes.size();
}

void OutBuffer::splice(OutBuffer& from) {
  if (empty()) {
    clear();
    swap(from);
    return;
  }
  for (std::size_t i = from.first_; i < from.pieces_.size(); ++i) {
    Piece& piece = from.pieces_[i];
    if (piece.data == nullptr) {
      append(ByteView(from.bytes_of(piece), piece.size));
    } else {
      size_ += piece.size;
      pieces_.push_back(std::move(piece));
      last_is_own_ = false;
    }
  }
  from.clear();
}

std::size_t OutBuffer::peek(std::span<ByteView> out) const {
  const std::size_t count = std::min(out.size(), pieces_.size() - first_);
  for (std::size_t i = 0; i < count; ++i) {
    const Piece& piece = pieces_[first_ + i];
    out[i] = ByteView(bytes_of(piece), piece.size);
  }
  return count;
}

void OutBuffer::consume(std::size_t count) {
  OGIVE_CHECK_MSG(count <= size_, "count={} size={}", count, size_);
  if (count == size_) {
    clear();
    return;
  }
  size_ -= count;
  while (count != 0) {
    Piece& piece = pieces_[first_];
    if (count < piece.size) {
      piece.begin += count;
      piece.size -= count;
      break;
    }
    count -= piece.size;
    piece.owner.reset();  // Sent: its memory must not wait for the rest.
    ++first_;
  }
  drop_sent_front();
}

void OutBuffer::drop_sent_front() {
  // A buffer that is refilled before it ever empties must not grow for ever: once the sent part is the larger one,
  // moving the rest costs less than what was sent.
  constexpr std::size_t kWorthMovingPieces = 64;
  constexpr std::size_t kWorthMovingBytes = 64 << 10;
  if (first_ >= kWorthMovingPieces && first_ * 2 >= pieces_.size()) {
    pieces_.erase(pieces_.begin(), pieces_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
  if (own_size_ < kWorthMovingBytes) return;
  std::size_t sent = own_size_;
  for (std::size_t i = first_; i < pieces_.size(); ++i) {
    if (pieces_[i].data == nullptr) {
      sent = pieces_[i].begin;
      break;
    }
  }
  if (sent < kWorthMovingBytes || sent * 2 < own_size_) return;
  std::memmove(own_.get(), own_.get() + sent, own_size_ - sent);
  own_size_ -= sent;
  for (std::size_t i = first_; i < pieces_.size(); ++i) {
    if (pieces_[i].data == nullptr) pieces_[i].begin -= sent;
  }
}

void OutBuffer::clear() {
  pieces_.clear();
  last_is_own_ = false;
  first_ = 0;
  size_ = 0;
  own_size_ = 0;
  if (own_capacity_ > kKeptCapacity) {
    own_.reset();
    own_capacity_ = 0;
  }
}

}  // namespace ogive::io
