#pragma once
// Bits of a message's sysFlag (docs/formats/commit-log.md).

#include <cstdint>

namespace ogive::message {

inline constexpr std::int32_t kCompressed = 0x1;
inline constexpr std::int32_t kMultiTags = 0x2;
inline constexpr std::int32_t kTransactionPrepared = 0x4;
inline constexpr std::int32_t kTransactionCommit = 0x8;
inline constexpr std::int32_t kTransactionRollback = 0xC;
inline constexpr std::int32_t kTransactionMask = 0xC;
inline constexpr std::int32_t kBornHostV6 = 0x10;
inline constexpr std::int32_t kStoreHostV6 = 0x20;
inline constexpr std::int32_t kNeedUnwrap = 0x40;
inline constexpr std::int32_t kInnerBatch = 0x80;
inline constexpr std::int32_t kCompressionMask = 0x700;

/// Prepared and rollback records take no place in a queue: queue offset 0, no consume-queue entry.
constexpr bool takes_queue_offset(std::int32_t sys_flag) {
  const std::int32_t transaction = sys_flag & kTransactionMask;
  return transaction == 0 || transaction == kTransactionCommit;
}

}  // namespace ogive::message
