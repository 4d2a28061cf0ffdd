#pragma once
// A pull in flight: everything needed to try it, park it, try it again and answer it, without the request it came from.

#include <cstdint>
#include <memory>

#include "base/strong_int.h"
#include "broker/figures/counter.h"
#include "broker/session/consumer_registry.h"
#include "remoting/channel.h"
#include "store/message_store.h"

namespace ogive::broker {

struct PullTask {
  remoting::ReplyTo to;
  store::ConsumeQueue* queue = nullptr;
  QueueOffset asked;  ///< Where the client wants to read from.
  QueueOffset next;   ///< Where to look now: behind what the filter has skipped already.
  std::uint32_t max_messages = 32;
  std::uint32_t max_bytes = 256u << 10;
  SubscriptionPtr filter;           ///< Shared with the registry's caches; null lets everything through.
  std::int64_t broker_id = 0;       ///< Suggested for the next pull ...
  std::int64_t slow_broker_id = 0;  ///< ... and to a consumer that is far behind.
  std::int32_t topic_sys_flag = 0;
  std::int32_t group_sys_flag = 0;
  TrafficCounters* traffic = nullptr;  ///< Of the group on the topic; null only for groups that are not kept.
  std::int64_t deadline_ms = 0;        ///< Monotonic; until then a first message is waited for. 0 = do not wait.
};

}  // namespace ogive::broker
