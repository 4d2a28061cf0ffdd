#pragma once
// Headers. Replication between brokers: 906, 908, 1008.
// What the fields mean: docs/protocol/headers.md. What a member's type says about its absence: protocol/header.h.

#include "protocol/header.h"

namespace ogive::protocol {

/// EXCHANGE_BROKER_HA_INFO (906).
struct ExchangeHAInfoRequestHeader {
  std::optional<std::string_view> master_ha_address;
  std::optional<std::int64_t> master_flush_offset;
  std::optional<std::string_view> master_address;
};
BOOST_DESCRIBE_STRUCT(ExchangeHAInfoRequestHeader, (), (master_ha_address, master_flush_offset, master_address))

/// Answer to EXCHANGE_BROKER_HA_INFO (906).
struct ExchangeHAInfoResponseHeader {
  std::optional<std::string_view> master_ha_address;
  std::optional<std::int64_t> master_flush_offset;
  std::optional<std::string_view> master_address;
};
BOOST_DESCRIBE_STRUCT(ExchangeHAInfoResponseHeader, (), (master_ha_address, master_flush_offset, master_address))

/// RESET_MASTER_FLUSH_OFFSET (908).
struct ResetMasterFlushOffsetHeader {
  std::int64_t master_flush_offset = 0;
};
BOOST_DESCRIBE_STRUCT(ResetMasterFlushOffsetHeader, (), (master_flush_offset))

/// NOTIFY_BROKER_ROLE_CHANGED (1008).
struct NotifyBrokerRoleChangedRequestHeader {
  std::optional<std::string_view> master_address;
  std::optional<std::int32_t> master_epoch;
  std::optional<std::int32_t> sync_state_set_epoch;
  std::optional<std::int64_t> master_broker_id;
};
BOOST_DESCRIBE_STRUCT(NotifyBrokerRoleChangedRequestHeader, (),
                      (master_address, master_epoch, sync_state_set_epoch, master_broker_id))

}  // namespace ogive::protocol
