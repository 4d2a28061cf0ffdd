#pragma once
// Message properties as they travel and are stored: name 0x01 value 0x02 name 0x01 value 0x02 …

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace ogive::message {

inline constexpr char kNameEnd = '\x01';
inline constexpr char kValueEnd = '\x02';

/// The first of them in [from, end), or end. Names are so short that a call would not pay.
inline const char* find_separator(const char* from, const char* end) {
#if defined(__SSE2__)
  static_assert(kNameEnd == 1 && kValueEnd == 2);
  for (; end - from >= 16; from += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
    const __m128i found =
        _mm_or_si128(_mm_cmpeq_epi8(block, _mm_set1_epi8(kNameEnd)), _mm_cmpeq_epi8(block, _mm_set1_epi8(kValueEnd)));
    if (const int mask = _mm_movemask_epi8(found)) return from + __builtin_ctz(static_cast<unsigned>(mask));
  }
#endif
  while (from != end && *from != kNameEnd && *from != kValueEnd) ++from;
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
  while (!properties.empty()) {
    const char* const begin = properties.data();
    const auto split = static_cast<std::size_t>(find_separator(begin, begin + properties.size()) - begin);
    const std::string_view name = properties.substr(0, split);
    const bool has_value = split < properties.size() && properties[split] == kNameEnd;
    properties.remove_prefix(std::min(split + 1, properties.size()));
    if (!has_value) continue;
    const std::size_t end = properties.find(kValueEnd);
    const std::string_view value = properties.substr(0, end);
    properties.remove_prefix(end == std::string_view::npos ? properties.size() : end + 1);
    if (!visit(name, value)) return;
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
