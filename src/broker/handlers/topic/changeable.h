#pragma once
// Which topics requests may change.

#include <fmt/core.h>

#include <optional>
#include <string>

#include "broker/handlers/answers.h"
#include "broker/handlers/topic/topic_handlers.h"
#include "broker/topic/names.h"

namespace ogive::broker::handlers {

/// A refusal for names that are not allowed and, while validateSystemTopicWhenUpdateTopic is on, for system topics.
inline std::optional<Message> refuse_change(const TopicPorts& ports, std::string_view topic) {
  if (auto defect = topic_name_error(topic)) return Message(code::kInvalidParameter, *defect);
  if (ports.settings.get_bool("validateSystemTopicWhenUpdateTopic") && ports.topics.is_system_topic(topic)) {
    return Message(code::kInvalidParameter, fmt::format("The topic[{}] is conflict with system topic.", topic));
  }
  return std::nullopt;
}

}  // namespace ogive::broker::handlers
