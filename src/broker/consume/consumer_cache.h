#pragma once
// A reactor's own view of who consumes what: what a pull needs of its group, found by one hash and no lock.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/string_map.h"
#include "broker/figures/traffic_shard.h"
#include "broker/group/group_table.h"
#include "broker/offset/offset_table.h"
#include "broker/session/consumer_registry.h"

namespace ogive::broker {

/// One group on one topic. The shared parts belong to the tables, which may replace them meanwhile.
struct CachedConsumer {
  GroupPtr group;                   ///< Null: there is no such group and it may not be made.
  ConsumerGroupPtr online;          ///< Null: no member has sent a heartbeat.
  SubscriptionPtr subscription;     ///< Of the online group to this topic; null when it has none.
  QueueOffsetsPtr offsets;          ///< Null only while the offset table is full.
  TrafficCounters* gets = nullptr;  ///< Of the reactor's shard; null for what is not kept.
  bool read_forbidden = false;
};

/// One thread only. Dropped whole when either table's generation moves.
class ConsumerCache {
 public:
  ConsumerCache(GroupTable& groups, ConsumerRegistry& consumers, OffsetTable& offsets, TrafficShard& traffic)
      : groups_(groups), consumers_(consumers), offsets_(offsets), traffic_(traffic) {}

  /// Valid until the next call.
  CachedConsumer& find(std::string_view group, std::string_view topic);

 private:
  static constexpr std::size_t kMaxEntries = 100'000;

  GroupTable& groups_;
  ConsumerRegistry& consumers_;
  OffsetTable& offsets_;
  TrafficShard& traffic_;
  std::uint64_t group_generation_ = 0;
  std::uint64_t consumer_generation_ = 0;
  std::string key_;
  CachedConsumer scratch_;  ///< What is not worth keeping: unknown groups.
  StableStringMap<CachedConsumer> entries_;
};

}  // namespace ogive::broker
