#pragma once
// Message properties as they travel and are stored: name 0x01 value 0x02 name 0x01 value 0x02 …

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace ogive::message {

inline constexpr char kNameEnd = '\x01';
inline constexpr char kValueEnd = '\x02';

enum class PairPart : std::uint8_t { kName, kValue };

/// Where the name or the value that begins at `from` ends, or `end`: a name at either separator, a value at kValueEnd
/// only. The text begins at `begin`. Both are so short that a call would not pay.
template <PairPart kPart>
inline const char* find_part_end([[maybe_unused]] const char* begin, const char* from, const char* end) {
#if defined(__SSE2__)
  const auto ends_in = [](const char* at) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    __m128i found = _mm_cmpeq_epi8(block, _mm_set1_epi8(kValueEnd));
    if constexpr (kPart == PairPart::kName) {
      found = _mm_or_si128(found, _mm_cmpeq_epi8(block, _mm_set1_epi8(kNameEnd)));
    }
    return static_cast<unsigned>(_mm_movemask_epi8(found));
  };
  constexpr std::ptrdiff_t kBlock = 16;
  for (; end - from >= kBlock; from += kBlock) {
    if (const unsigned mask = ends_in(from)) return from + __builtin_ctz(mask);
  }
  if (end - begin >= kBlock) {
    // The last characters in one step too, by a block that begins before them.
    const unsigned mask = ends_in(end - kBlock) >> (kBlock - (end - from));
    return mask != 0 ? from + __builtin_ctz(mask) : end;
  }
#endif
  while (from != end && *from != kValueEnd && (kPart == PairPart::kValue || *from != kNameEnd)) ++from;
  return from;
}

/// Names with a meaning to the server.
namespace property {
inline constexpr std::string_view kKeys = "KEYS";
inline constexpr std::string_view kTags = "TAGS";
inline constexpr std::string_view kWait = "WAIT";
inline constexpr std::string_view kDelay = "DELAY";
inline constexpr std::string_view kRetryTopic = "RETRY_TOPIC";
inline constexpr std::string_view kRealTopic = "REAL_TOPIC";
inline constexpr std::string_view kRealQueueId = "REAL_QID";
inline constexpr std::string_view kTransactionPrepared = "TRAN_MSG";
inline constexpr std::string_view kProducerGroup = "PGROUP";
inline constexpr std::string_view kOriginMessageId = "ORIGIN_MESSAGE_ID";
inline constexpr std::string_view kReconsumeTime = "RECONSUME_TIME";
inline constexpr std::string_view kMaxReconsumeTimes = "MAX_RECONSUME_TIMES";
inline constexpr std::string_view kUniqueKey = "UNIQ_KEY";
inline constexpr std::string_view kCluster = "CLUSTER";
inline constexpr std::string_view kRegion = "MSG_REGION";
inline constexpr std::string_view kTraceOn = "TRACE_ON";
inline constexpr std::string_view kPopCheckpoint = "POP_CK";
inline constexpr std::string_view kInnerNum = "INNER_NUM";
inline constexpr std::string_view kInnerBase = "INNER_BASE";
inline constexpr std::string_view kPropertyCrc = "__CRC32#";
inline constexpr std::string_view kDlqOriginTopic = "DLQ_ORIGIN_TOPIC";
inline constexpr std::string_view kDlqOriginMessageId = "DLQ_ORIGIN_MESSAGE_ID";
inline constexpr std::string_view kTimerDelaySec = "TIMER_DELAY_SEC";
inline constexpr std::string_view kTimerDelayMs = "TIMER_DELAY_MS";
inline constexpr std::string_view kTimerDeliverMs = "TIMER_DELIVER_MS";
inline constexpr std::string_view kTimerOutMs = "TIMER_OUT_MS";
}  // namespace property

/// Visits the pairs in order until `visit(name, value)` returns false. A last value without its terminator counts; a
/// piece without a name end is skipped.
template <class Visit>
void for_each_property(std::string_view properties, Visit&& visit) {
  const char* const begin = properties.data();
  const char* const end = begin + properties.size();
  for (const char* at = begin; at != end;) {
    const char* const name_end = find_part_end<PairPart::kName>(begin, at, end);
    if (name_end == end) return;
    const char* const value = name_end + 1;
    if (*name_end == kNameEnd) {
      const char* const value_end = find_part_end<PairPart::kValue>(begin, value, end);
      if (!visit(std::string_view(at, name_end), std::string_view(value, value_end))) return;
      if (value_end == end) return;
      at = value_end + 1;
    } else {
      at = value;
    }
  }
}

/// The value of `name`, a view into `properties`.
std::optional<std::string_view> find_property(std::string_view properties, std::string_view name);

/// Appends one pair. Name and value must not contain the two separators (see properties_well_formed).
void append_property(std::string& properties, std::string_view name, std::string_view value);

/// Removes every pair called `name`; returns whether there was one.
bool remove_property(std::string& properties, std::string_view name);

/// Removes, then appends.
void set_property(std::string& properties, std::string_view name, std::string_view value);

}  // namespace ogive::message
