#pragma once
// What a record's properties end with when the server writes it: INNER_BASE and the property CRC. Both have a fixed
// length, because their values are known only once the log has given the record its place. Format:
// docs/formats/commit-log.md.

#include <cstddef>
#include <cstdint>
#include <string>

#include "message/record.h"

namespace ogive::message {

/// `INNER_BASE 01 <19 digits> 02`, the digits with leading zeros.
inline constexpr std::size_t kInnerBaseBytes = 31;
/// `__CRC32# 01 <10 digits> 02`, the lowest digit first: the CRC-32 of the record before these bytes, top bit cleared.
inline constexpr std::size_t kPropertyCrcBytes = 20;

/// Bytes `tail` adds to properties that end with `last` (0 of none), the separator it needs in front included.
std::size_t tail_bytes(RecordTail tail, char last);
/// Writes them with zeros for values at `out`; returns behind them.
std::byte* put_tail(RecordTail tail, char last, std::byte* out);

/// Fills in the values of an encoded record of `size` bytes; last of everything that is patched into it.
void patch_tail(RecordTail tail, std::int64_t inner_base, std::byte* record, std::size_t size);

enum class PropertyCrc : std::uint8_t { kAbsent, kMatches, kDiffers };
/// Whether the record ends with a property CRC, and whether that is its own.
PropertyCrc check_property_crc(const RecordView& record);

/// Removes what earlier writers have put there of `tail`; returns whether there was any.
bool remove_tail_properties(RecordTail tail, std::string& properties);

}  // namespace ogive::message
