#pragma once
// What the broker's role says of every message that clients bring.

#include <fmt/core.h>

#include "broker/identity.h"
#include "broker/produce/append_lane.h"
#include "protocol/codes.h"
#include "remoting/channel.h"

namespace ogive::broker {

/// What a message's sender is told to wait for, unless it asked not to wait (WAIT=false).
inline AppendLevel level_of(const BrokerIdentity& identity) {
  return {identity.sync_flush.load(std::memory_order_relaxed), identity.sync_slaves.load(std::memory_order_relaxed)};
}

/// Answer to whatever would write to a slave: SERVICE_NOT_AVAILABLE (14), on which clients go elsewhere.
inline remoting::Message slave_refusal(const BrokerIdentity& identity) {
  return remoting::Message(
      protocol::response_code::kServiceNotAvailable,
      fmt::format("the broker[{}] {} is a slave: messages go to its master", identity.broker_name, identity.ip));
}

/// Response code for a message that is stored; what it has not reached in time is in the code.
inline std::int32_t response_code_of(AppendOutcome::Kind kind) {
  switch (kind) {
    case AppendOutcome::Kind::kFlushTimeout:
      return protocol::response_code::kFlushDiskTimeout;
    case AppendOutcome::Kind::kReplicaTimeout:
      return protocol::response_code::kFlushSlaveTimeout;
    case AppendOutcome::Kind::kNoReplica:
      return protocol::response_code::kSlaveNotAvailable;
    case AppendOutcome::Kind::kOk:
    case AppendOutcome::Kind::kFailed:
      break;
  }
  return protocol::response_code::kSuccess;
}

}  // namespace ogive::broker
