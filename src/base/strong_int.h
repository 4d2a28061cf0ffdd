#pragma once
// Integers that cannot be mixed: a physical offset is not a queue offset is not a broker id.

#include <compare>
#include <cstdint>
#include <functional>

namespace ogive {

/// An integer with a meaning of its own. Arithmetic stays with plain distances of the same representation:
/// `offset + bytes` is an offset, `offset - offset` is a distance, `offset + offset` does not compile.
template <class Tag, class Rep>
class StrongInt {
 public:
  using rep = Rep;
  constexpr StrongInt() = default;
  constexpr explicit StrongInt(Rep value) : value_(value) {}
  constexpr Rep value() const { return value_; }

  constexpr auto operator<=>(const StrongInt&) const = default;
  constexpr StrongInt operator+(Rep distance) const { return StrongInt(value_ + distance); }
  constexpr StrongInt operator-(Rep distance) const { return StrongInt(value_ - distance); }
  constexpr Rep operator-(StrongInt other) const { return value_ - other.value_; }
  constexpr StrongInt& operator+=(Rep distance) {
    value_ += distance;
    return *this;
  }
  constexpr StrongInt& operator++() {
    ++value_;
    return *this;
  }

  template <class H>
  friend H AbslHashValue(H state, const StrongInt& self) {
    return H::combine(std::move(state), self.value_);
  }

 private:
  Rep value_{};
};

/// Bytes from the beginning of the commit log's history.
using PhysicalOffset = StrongInt<struct PhysicalOffsetTag, std::int64_t>;
/// Number of a message within one queue, from 0.
using QueueOffset = StrongInt<struct QueueOffsetTag, std::int64_t>;
/// Number of a queue within its topic, from 0; negative on the wire means "any".
using QueueId = StrongInt<struct QueueIdTag, std::int32_t>;
/// 0 is the master of a broker name, larger ids are its slaves.
using BrokerId = StrongInt<struct BrokerIdTag, std::int64_t>;

}  // namespace ogive

template <class Tag, class Rep>
struct std::hash<ogive::StrongInt<Tag, Rep>> {
  std::size_t operator()(ogive::StrongInt<Tag, Rep> value) const noexcept { return std::hash<Rep>{}(value.value()); }
};
