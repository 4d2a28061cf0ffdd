#include "protocol/bodies/topic_config.h"

#include <fmt/core.h>

#include <charconv>

namespace ogive::protocol {
namespace {

/// Takes the part of `rest` up to the next space.
std::string_view take_part(std::string_view& rest) {
  const std::size_t space = rest.find(' ');
  const std::string_view part = rest.substr(0, space);
  rest.remove_prefix(space == std::string_view::npos ? rest.size() : space + 1);
  return part;
}

bool to_number(std::string_view text, std::int32_t& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

std::string encode_topic_config(const TopicConfig& config) {
  return fmt::format("{} {} {} {} {} {}", config.topic_name, config.read_queue_nums, config.write_queue_nums,
                     config.perm, enum_name(config.topic_filter_type), to_json(config.attributes));
}

Result<TopicConfig> decode_topic_config(std::string_view line) {
  TopicConfig config;
  std::string_view rest = line;
  config.topic_name = take_part(rest);
  const bool numbers = to_number(take_part(rest), config.read_queue_nums) &&
                       to_number(take_part(rest), config.write_queue_nums) && to_number(take_part(rest), config.perm);
  const std::string_view type = take_part(rest);
  if (config.topic_name.empty() || !numbers || (type != "SINGLE_TAG" && type != "MULTI_TAG")) {
    return fail(Errc::kCorrupt,
                fmt::format("topic \"{}\" is not of the form: name, read queues, write queues, permission, filter type",
                            line.substr(0, 160)));
  }
  config.topic_filter_type = type == "MULTI_TAG" ? TopicFilterType::kMultiTag : TopicFilterType::kSingleTag;
  // Values with spaces are legal inside the JSON, so it is everything that is left.
  if (auto attributes = from_json<std::map<std::string, std::string>>(rest)) config.attributes = *std::move(attributes);
  return config;
}

}  // namespace ogive::protocol
