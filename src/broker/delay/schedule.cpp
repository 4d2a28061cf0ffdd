#include "broker/delay/schedule.h"

#include <fmt/core.h>

#include <charconv>

#include "broker/topic/names.h"
#include "message/properties.h"

namespace ogive::broker {
namespace {

std::int64_t unit_ms(char unit) {
  switch (unit) {
    case 's':
      return 1'000;
    case 'm':
      return 60'000;
    case 'h':
      return 3'600'000;
    case 'd':
      return 86'400'000;
    default:
      return 0;
  }
}

}  // namespace

Result<std::vector<std::int64_t>> parse_delay_levels(std::string_view text) {
  std::vector<std::int64_t> levels;
  while (!text.empty()) {
    const std::size_t space = text.find(' ');
    const std::string_view word = text.substr(0, space);
    text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
    if (word.empty()) continue;
    std::int64_t count = 0;
    const char* end = word.data() + word.size() - 1;
    const auto [stop, error] = std::from_chars(word.data(), end, count);
    const std::int64_t unit = unit_ms(word.back());
    if (error != std::errc() || stop != end || unit == 0 || count < 0 || count > 1'000'000) {
      return fail(Errc::kInvalidArgument,
                  fmt::format("messageDelayLevel: \"{}\" is not a duration like 30s, 5m, 2h or 1d", word));
    }
    levels.push_back(count * unit);
  }
  if (levels.empty()) return fail(Errc::kInvalidArgument, "messageDelayLevel names no level");
  return levels;
}

void add_delayed(AppendLane& lane, store::MessageStore& store, const std::vector<std::int64_t>& delay_level_ms,
                 const message::RecordFields& fields, std::int32_t level) {
  namespace property = message::property;
  level = std::min(level, static_cast<std::int32_t>(delay_level_ms.size()));
  std::string properties(fields.properties);
  properties += fields.properties_tail;
  message::set_property(properties, property::kDelay, std::to_string(level));
  message::set_property(properties, property::kRealTopic, fields.topic);
  message::set_property(properties, property::kRealQueueId, std::to_string(fields.queue_id));
  message::RecordFields delayed = fields;
  delayed.topic = system_topic::kSchedule;
  delayed.queue_id = level - 1;
  delayed.properties = properties;
  delayed.properties_tail = {};
  auto& entry = lane.add(store.queue(system_topic::kSchedule, QueueId(level - 1)), delayed,
                         delay_level_ms[static_cast<std::size_t>(level - 1)]);
  entry.tags_code_is_delay = true;
}

}  // namespace ogive::broker
