#pragma once
// Tells a record whose queue offset is damaged from queues that really jump. The offset has no CRC of its own: a
// flipped byte in it would hide all later messages of the queue, or all earlier ones.

#include <cstdint>

namespace ogive::store {

/// One record's place in its queue.
struct OffsetClaim {
  std::int64_t physical_offset = 0;
  std::int64_t offset = 0;  ///< Queue offset the record says it has.
  std::int32_t count = 1;   ///< Offsets it takes.
};

enum class JumpVerdict : std::uint8_t {
  kGenuine,    ///< What follows goes on from there: records in between are gone, or the queue began anew.
  kDamaged,    ///< What follows goes on from before: the record's offset is wrong.
  kUndecided,  ///< What follows says nothing.
};

/// Whether `claim` leaves the sequence of a queue that has had the offsets before `next` (> 0).
constexpr bool is_jump(std::int64_t next, const OffsetClaim& claim) {
  return claim.offset > next || claim.offset == 0;
}

/// Judges a jump by the offset of the next record of the same queue.
constexpr JumpVerdict judge_jump(std::int64_t next, const OffsetClaim& jump, std::int64_t following) {
  if (jump.offset == 0)
    return following == jump.count || following == 0 ? JumpVerdict::kGenuine : JumpVerdict::kDamaged;
  if (following > jump.offset || following == 0) return JumpVerdict::kGenuine;
  return following >= next ? JumpVerdict::kDamaged : JumpVerdict::kUndecided;
}

}  // namespace ogive::store
