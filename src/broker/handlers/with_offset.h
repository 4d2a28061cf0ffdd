#pragma once
// The answer whose header is one offset (14, 29, 30, 31).

#include "broker/handlers/answers.h"

namespace ogive::broker::handlers {

inline Message with_offset(std::int64_t offset) {
  Message message = success();
  message.field("offset", offset);
  return message;
}

}  // namespace ogive::broker::handlers
