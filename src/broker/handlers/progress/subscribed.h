#pragma once
// Whether figures of a group cover a topic.

#include <string_view>

#include "broker/session/consumer_registry.h"

namespace ogive::broker::handlers {

/// An online group is taken at its word: what it no longer subscribes to is left out. An offline one has no word.
inline bool subscribed(const ConsumerRegistry& consumers, std::string_view group, std::string_view topic) {
  const ConsumerGroupPtr online = consumers.find(group);
  return !online || online->subscriptions.empty() || online->find(topic) != nullptr;
}

}  // namespace ogive::broker::handlers
