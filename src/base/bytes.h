#pragma once
// Big-endian loads and stores on unaligned bytes: the order of every RocketMQ format on wire and disk.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>

namespace ogive {

using ByteView = std::span<const std::byte>;

template <class Int>
constexpr Int byte_swap(Int value) {
  using U = std::make_unsigned_t<Int>;
  const U bits = static_cast<U>(value);
  if constexpr (sizeof(Int) == 1) {
    return value;
  } else if constexpr (sizeof(Int) == 2) {
    return static_cast<Int>(__builtin_bswap16(bits));
  } else if constexpr (sizeof(Int) == 4) {
    return static_cast<Int>(__builtin_bswap32(bits));
  } else {
    return static_cast<Int>(__builtin_bswap64(bits));
  }
}

/// Reads a big-endian integer at `from`, which must have sizeof(Int) readable bytes.
template <class Int>
Int load_be(const void* from) {
  Int value;
  std::memcpy(&value, from, sizeof(Int));
  if constexpr (std::endian::native == std::endian::little) value = byte_swap(value);
  return value;
}

/// Writes `value` big-endian at `to`, which must have sizeof(Int) writable bytes.
template <class Int>
void store_be(void* to, Int value) {
  if constexpr (std::endian::native == std::endian::little) value = byte_swap(value);
  std::memcpy(to, &value, sizeof(Int));
}

inline std::string_view as_chars(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

/// Bounds-checked sequential reader: past the end every read yields zero and ok() turns false for good.
/// The one way to decode what a peer or a disk supplied.
class ByteReader {
 public:
  explicit ByteReader(ByteView bytes) : bytes_(bytes) {}

  template <class Int>
  Int read() {
    if (!ok_ || bytes_.size() - position_ < sizeof(Int)) {
      ok_ = false;
      return Int{};
    }
    Int value = load_be<Int>(bytes_.data() + position_);
    position_ += sizeof(Int);
    return value;
  }

  /// A view of the next `count` bytes; empty and !ok() when fewer are left.
  ByteView take(std::size_t count) {
    if (!ok_ || bytes_.size() - position_ < count) {
      ok_ = false;
      return {};
    }
    ByteView view = bytes_.subspan(position_, count);
    position_ += count;
    return view;
  }
  std::string_view take_chars(std::size_t count) { return as_chars(take(count)); }

  bool ok() const { return ok_; }
  std::size_t position() const { return position_; }
  std::size_t remaining() const { return bytes_.size() - position_; }

 private:
  ByteView bytes_;
  std::size_t position_ = 0;
  bool ok_ = true;
};

}  // namespace ogive
