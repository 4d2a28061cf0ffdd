#include "broker/topic/names.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

namespace ogive::broker {
namespace {

constexpr std::array<bool, 256> allowed_characters() {
  std::array<bool, 256> allowed{};
  for (int c = '0'; c <= '9'; ++c) allowed[static_cast<std::size_t>(c)] = true;
  for (int c = 'a'; c <= 'z'; ++c) allowed[static_cast<std::size_t>(c)] = true;
  for (int c = 'A'; c <= 'Z'; ++c) allowed[static_cast<std::size_t>(c)] = true;
  for (const char c : {'%', '|', '_', '-'}) allowed[static_cast<std::size_t>(c)] = true;
  return allowed;
}
constexpr auto kAllowed = allowed_characters();

/// The bad name may hold anything: remarks and logs show a bounded, printable form of it.
std::string shown(std::string_view name) {
  constexpr std::size_t kMaxShown = 512;
  std::string text(name.substr(0, kMaxShown));
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20) c = '?';
  }
  return text;
}

bool is_blank(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); });
}

std::optional<std::string> name_error(std::string_view kind, std::string_view name) {
  if (is_blank(name)) return fmt::format("The specified {} is blank.", kind);
  const bool legal =
      std::all_of(name.begin(), name.end(), [](char c) { return kAllowed[static_cast<unsigned char>(c)]; });
  if (legal) return std::nullopt;
  return fmt::format("The specified {}: {}, contains illegal characters, allowing only ^[%|a-zA-Z0-9_-]+$", kind,
                     shown(name));
}

constexpr std::array kNotForClients = {system_topic::kSchedule,      system_topic::kTransactionHalf,
                                       system_topic::kTransactionOp, system_topic::kTransactionCheckMaxTime,
                                       system_topic::kSelfTest,      system_topic::kOffsetMoved};

}  // namespace

std::optional<std::string> topic_name_error(std::string_view name) {
  if (auto error = name_error("topic", name)) return error;
  if (is_retry_topic(name) || is_dlq_topic(name)) {
    if (name.size() <= kMaxRetryTopicNameBytes) return std::nullopt;
    return fmt::format("The specified topic is DLQ or Retry topic: {}, and it's longer than topic max length: {}",
                       shown(name), kMaxRetryTopicNameBytes);
  }
  if (name.size() <= kMaxTopicNameBytes) return std::nullopt;
  return fmt::format("The specified topic: {}, is longer than topic max length: {}", shown(name), kMaxTopicNameBytes);
}

std::optional<std::string> group_name_error(std::string_view name) {
  if (auto error = name_error("group", name)) return error;
  if (name.size() <= kMaxGroupNameBytes) return std::nullopt;
  return fmt::format("The specified group: {}, is longer than group max length: {}", shown(name), kMaxGroupNameBytes);
}

bool sending_forbidden(std::string_view topic) {
  return std::find(kNotForClients.begin(), kNotForClients.end(), topic) != kNotForClients.end();
}

const std::vector<std::string_view>& builtin_system_topics() {
  static const std::vector<std::string_view> topics = {system_topic::kAutoCreate,
                                                       system_topic::kSchedule,
                                                       system_topic::kBenchmark,
                                                       system_topic::kTransactionHalf,
                                                       system_topic::kTrace,
                                                       system_topic::kTransactionOp,
                                                       system_topic::kTransactionCheckMaxTime,
                                                       system_topic::kSelfTest,
                                                       system_topic::kOffsetMoved,
                                                       system_topic::kRocksdbCheckpoint};
  return topics;
}

bool is_builtin_system_topic(std::string_view topic) {
  if (topic.starts_with(kSystemTopicPrefix)) return true;
  const auto& topics = builtin_system_topics();
  return std::find(topics.begin(), topics.end(), topic) != topics.end();
}

bool is_system_group(std::string_view group) {
  return group.starts_with(kSystemGroupPrefix);
}

std::string retry_topic(std::string_view group) {
  return std::string(kRetryPrefix).append(group);
}
std::string dlq_topic(std::string_view group) {
  return std::string(kDlqPrefix).append(group);
}

}  // namespace ogive::broker
