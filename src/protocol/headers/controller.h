#pragma once
// Headers. The controller: 1001 to 1013.
// What the fields mean: docs/protocol/headers.md. What a member's type says about its absence: protocol/header.h.

#include "protocol/header.h"

namespace ogive::protocol {

/// CONTROLLER_ALTER_SYNC_STATE_SET (1001).
struct AlterSyncStateSetRequestHeader {
  std::optional<std::string_view> broker_name;
  std::optional<std::int64_t> master_broker_id;
  std::optional<std::int32_t> master_epoch;
  Defaulted<std::int64_t> invoke_time;
};
BOOST_DESCRIBE_STRUCT(AlterSyncStateSetRequestHeader, (), (broker_name, master_broker_id, master_epoch, invoke_time))

/// Answer to CONTROLLER_ALTER_SYNC_STATE_SET (1001).
struct AlterSyncStateSetResponseHeader {
  Defaulted<std::int32_t> new_sync_state_set_epoch;
};
BOOST_DESCRIBE_STRUCT(AlterSyncStateSetResponseHeader, (), (new_sync_state_set_epoch))

/// CONTROLLER_ELECT_MASTER (1002).
struct ElectMasterRequestHeader {
  std::string_view cluster_name;
  std::string_view broker_name;
  std::int64_t broker_id = -1;
  bool designate_elect = false;
  std::optional<std::int64_t> invoke_time;
};
BOOST_DESCRIBE_STRUCT(ElectMasterRequestHeader, (),
                      (cluster_name, broker_name, broker_id, designate_elect, invoke_time))

/// Answer to CONTROLLER_ELECT_MASTER (1002).
struct ElectMasterResponseHeader {
  std::optional<std::int64_t> master_broker_id;
  std::optional<std::string_view> master_address;
  std::optional<std::int32_t> master_epoch;
  std::optional<std::int32_t> sync_state_set_epoch;
};
BOOST_DESCRIBE_STRUCT(ElectMasterResponseHeader, (),
                      (master_broker_id, master_address, master_epoch, sync_state_set_epoch))

/// CONTROLLER_GET_REPLICA_INFO (1004).
struct GetReplicaInfoRequestHeader {
  std::optional<std::string_view> broker_name;
};
BOOST_DESCRIBE_STRUCT(GetReplicaInfoRequestHeader, (), (broker_name))

/// Answer to CONTROLLER_GET_REPLICA_INFO (1004).
struct GetReplicaInfoResponseHeader {
  std::optional<std::int64_t> master_broker_id;
  std::optional<std::string_view> master_address;
  std::optional<std::int32_t> master_epoch;
};
BOOST_DESCRIBE_STRUCT(GetReplicaInfoResponseHeader, (), (master_broker_id, master_address, master_epoch))

/// Answer to CONTROLLER_GET_METADATA_INFO (1005).
struct GetMetaDataResponseHeader {
  std::optional<std::string_view> group;
  std::optional<std::string_view> controller_leader_id;
  std::optional<std::string_view> controller_leader_address;
  Defaulted<bool> is_leader;
  std::optional<std::string_view> peers;
};
BOOST_DESCRIBE_STRUCT(GetMetaDataResponseHeader, (),
                      (group, controller_leader_id, controller_leader_address, is_leader, peers))

/// CONTROLLER_REGISTER_BROKER (1003).
struct RegisterBrokerToControllerRequestHeader {
  std::optional<std::string_view> cluster_name;
  std::optional<std::string_view> broker_name;
  std::optional<std::int64_t> broker_id;
  std::optional<std::string_view> broker_address;
  Defaulted<std::int64_t> invoke_time;
};
BOOST_DESCRIBE_STRUCT(RegisterBrokerToControllerRequestHeader, (),
                      (cluster_name, broker_name, broker_id, broker_address, invoke_time))

/// Answer to CONTROLLER_REGISTER_BROKER (1003).
struct RegisterBrokerToControllerResponseHeader {
  std::optional<std::string_view> cluster_name;
  std::optional<std::string_view> broker_name;
  std::optional<std::int64_t> master_broker_id;
  std::optional<std::string_view> master_address;
  std::optional<std::int32_t> master_epoch;
  std::optional<std::int32_t> sync_state_set_epoch;
};
BOOST_DESCRIBE_STRUCT(RegisterBrokerToControllerResponseHeader, (),
                      (cluster_name, broker_name, master_broker_id, master_address, master_epoch, sync_state_set_epoch))

/// CONTROLLER_GET_NEXT_BROKER_ID (1012).
struct GetNextBrokerIdRequestHeader {
  std::optional<std::string_view> cluster_name;
  std::optional<std::string_view> broker_name;
};
BOOST_DESCRIBE_STRUCT(GetNextBrokerIdRequestHeader, (), (cluster_name, broker_name))

/// Answer to CONTROLLER_GET_NEXT_BROKER_ID (1012).
struct GetNextBrokerIdResponseHeader {
  std::optional<std::string_view> cluster_name;
  std::optional<std::string_view> broker_name;
  std::optional<std::int64_t> next_broker_id;
};
BOOST_DESCRIBE_STRUCT(GetNextBrokerIdResponseHeader, (), (cluster_name, broker_name, next_broker_id))

/// CONTROLLER_APPLY_BROKER_ID (1013).
struct ApplyBrokerIdRequestHeader {
  std::optional<std::string_view> cluster_name;
  std::optional<std::string_view> broker_name;
  std::optional<std::int64_t> applied_broker_id;
  std::optional<std::string_view> register_check_code;
};
BOOST_DESCRIBE_STRUCT(ApplyBrokerIdRequestHeader, (),
                      (cluster_name, broker_name, applied_broker_id, register_check_code))

/// Answer to CONTROLLER_APPLY_BROKER_ID (1013).
struct ApplyBrokerIdResponseHeader {
  std::optional<std::string_view> cluster_name;
  std::optional<std::string_view> broker_name;
};
BOOST_DESCRIBE_STRUCT(ApplyBrokerIdResponseHeader, (), (cluster_name, broker_name))

/// CLEAN_BROKER_DATA (1011).
struct CleanControllerBrokerDataRequestHeader {
  std::optional<std::string_view> cluster_name;
  std::string_view broker_name;
  std::optional<std::string_view> broker_controller_ids_to_clean;
  Defaulted<bool> is_clean_living_broker;
  Defaulted<std::int64_t> invoke_time;
};
BOOST_DESCRIBE_STRUCT(CleanControllerBrokerDataRequestHeader, (),
                      (cluster_name, broker_name, broker_controller_ids_to_clean, is_clean_living_broker, invoke_time))

}  // namespace ogive::protocol
