#pragma once
// Store times as the figures of queues show them.

#include "store/message_store.h"

namespace ogive::broker::handlers {

/// When the message at `offset` was stored, 0 where there is none. Blocking.
inline std::int64_t last_store_time(store::MessageStore& store, store::ConsumeQueue& queue, std::int64_t offset) {
  return offset < 0 ? 0 : store.store_time(queue, QueueOffset(offset)).value_or(0);
}

}  // namespace ogive::broker::handlers
