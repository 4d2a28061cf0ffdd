#pragma once
// What the broker's role says of every message that clients bring.

#include "broker/identity.h"
#include "broker/produce/append_lane.h"
#include "protocol/codes.h"

namespace ogive::broker {

/// What a message's sender is told to wait for, unless it asked not to wait (WAIT=false).
inline AppendLevel level_of(const BrokerIdentity& identity) {
  return {identity.sync_flush.load(std::memory_order_relaxed), identity.sync_slaves.load(std::memory_order_relaxed)};
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
