#pragma once
// JSON bodies. GET_BROKER_HA_STATUS (907), GET_BROKER_EPOCH_CACHE (1007) and sync state (1001, 1006, 1008).
// How structs become JSON: protocol/json.h and docs/protocol/json.md.

#include "protocol/json.h"

namespace ogive::protocol {

/// A slave seen from its master.
struct HAConnectionRuntimeInfo {
  std::string addr;
  std::int64_t slave_ack_offset = 0;
  std::int64_t diff = 0;
  bool in_sync = false;
  std::int64_t transferred_byte_in_second = 0;
  std::int64_t transfer_from_where = 0;
};
BOOST_DESCRIBE_STRUCT(HAConnectionRuntimeInfo, (),
                      (addr, slave_ack_offset, diff, in_sync, transferred_byte_in_second, transfer_from_where))

/// The master seen from a slave.
struct HAClientRuntimeInfo {
  std::optional<std::string> master_addr;
  std::int64_t transferred_byte_in_second = 0;
  std::int64_t max_offset = 0;
  std::int64_t last_read_timestamp = 0;
  std::int64_t last_write_timestamp = 0;
  std::int64_t master_flush_offset = 0;
};
BOOST_DESCRIBE_STRUCT(HAClientRuntimeInfo, (),
                      (master_addr, transferred_byte_in_second, max_offset, last_read_timestamp, last_write_timestamp,
                       master_flush_offset))

/// GET_BROKER_HA_STATUS (907).
struct HARuntimeInfo {
  bool master = false;
  std::int64_t master_commit_log_max_offset = 0;
  std::int32_t in_sync_slave_nums = 0;
  std::vector<HAConnectionRuntimeInfo> ha_connection_info;
  HAClientRuntimeInfo ha_client_runtime_info;
};
BOOST_DESCRIBE_STRUCT(HARuntimeInfo, (),
                      (master, master_commit_log_max_offset, in_sync_slave_nums, ha_connection_info,
                       ha_client_runtime_info))

/// Where an epoch starts.
struct EpochEntry {
  std::int32_t epoch = 0;
  std::int64_t start_offset = 0;
};
BOOST_DESCRIBE_STRUCT(EpochEntry, (), (epoch, start_offset))

/// GET_BROKER_EPOCH_CACHE (1007).
struct EpochEntryCache {
  std::string cluster_name;
  std::string broker_name;
  std::int64_t broker_id = 0;
  std::vector<EpochEntry> epoch_list;
  std::int64_t max_offset = 0;
};
BOOST_DESCRIBE_STRUCT(EpochEntryCache, (), (cluster_name, broker_name, broker_id, epoch_list, max_offset))

/// The brokers that hold everything acknowledged.
struct SyncStateSet {
  std::set<std::int64_t> sync_state_set;
  std::int32_t sync_state_set_epoch = 0;
};
BOOST_DESCRIBE_STRUCT(SyncStateSet, (), (sync_state_set, sync_state_set_epoch))

}  // namespace ogive::protocol
