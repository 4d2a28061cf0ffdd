#include "message/record_tail.h"

#include <algorithm>
#include <cstring>

#include "base/crc32.h"
#include "message/properties.h"

namespace ogive::message {
namespace {

constexpr std::size_t kBaseDigits = 19;
constexpr std::size_t kCrcDigits = 10;
static_assert(property::kInnerBase.size() + kBaseDigits + 2 == kInnerBaseBytes);
static_assert(property::kPropertyCrc.size() + kCrcDigits + 2 == kPropertyCrcBytes);

bool needs_separator(RecordTail tail, char last) {
  return (tail.inner_base || tail.property_crc) && last != 0 && last != kValueEnd;
}

std::byte* put_pair(std::byte* out, std::string_view name, std::size_t digits) {
  std::memcpy(out, name.data(), name.size());
  out += name.size();
  *out++ = static_cast<std::byte>(kNameEnd);
  out = std::fill_n(out, digits, static_cast<std::byte>('0'));
  *out++ = static_cast<std::byte>(kValueEnd);
  return out;
}

bool matches(const RecordView& record, std::string_view pair) {
  std::int64_t expected = 0;
  for (std::size_t i = kCrcDigits; i > 0; --i) {
    const char digit = pair[property::kPropertyCrc.size() + i];
    if (digit < '0' || digit > '9') return false;
    expected = expected * 10 + (digit - '0');
  }
  return message_crc32(record.whole.first(record.whole.size() - kPropertyCrcBytes)) == expected;
}

}  // namespace

std::size_t tail_bytes(RecordTail tail, char last) {
  return (needs_separator(tail, last) ? 1 : 0) + (tail.inner_base ? kInnerBaseBytes : 0) +
         (tail.property_crc ? kPropertyCrcBytes : 0);
}

std::byte* put_tail(RecordTail tail, char last, std::byte* out) {
  if (needs_separator(tail, last)) *out++ = static_cast<std::byte>(kValueEnd);
  if (tail.inner_base) out = put_pair(out, property::kInnerBase, kBaseDigits);
  if (tail.property_crc) out = put_pair(out, property::kPropertyCrc, kCrcDigits);
  return out;
}

void patch_tail(RecordTail tail, std::int64_t inner_base, std::byte* record, std::size_t size) {
  std::byte* end = record + size - (tail.property_crc ? kPropertyCrcBytes : 0);
  if (tail.inner_base) {
    std::byte* digit = end - 1;
    for (std::size_t i = 0; i < kBaseDigits; ++i, inner_base /= 10)
      *--digit = static_cast<std::byte>('0' + inner_base % 10);
  }
  if (tail.property_crc) {
    auto crc = message_crc32({record, static_cast<std::size_t>(end - record)});
    std::byte* digit = end + property::kPropertyCrc.size() + 1;
    for (std::size_t i = 0; i < kCrcDigits; ++i, crc /= 10) *digit++ = static_cast<std::byte>('0' + crc % 10);
  }
}

PropertyCrc check_property_crc(const RecordView& record) {
  if (record.properties.size() < kPropertyCrcBytes) return PropertyCrc::kAbsent;
  const std::string_view pair = record.properties.substr(record.properties.size() - kPropertyCrcBytes);
  const bool framed = pair.starts_with(property::kPropertyCrc) && pair[property::kPropertyCrc.size()] == kNameEnd &&
                      pair.back() == kValueEnd;
  // Digits that are the record's CRC are no accident: then it is the pair's name or end that is damaged.
  return matches(record, pair) == framed ? (framed ? PropertyCrc::kMatches : PropertyCrc::kAbsent)
                                         : PropertyCrc::kDiffers;
}

bool remove_tail_properties(RecordTail tail, std::string& properties) {
  bool removed = false;
  if (tail.inner_base) removed = remove_property(properties, property::kInnerBase);
  if (tail.property_crc) removed = remove_property(properties, property::kPropertyCrc) || removed;
  return removed;
}

}  // namespace ogive::message
