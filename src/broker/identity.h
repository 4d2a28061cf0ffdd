#pragma once
// Who this broker is and the few switches the hot paths look at.

#include <atomic>
#include <cstdint>
#include <string>

#include "broker/topic/names.h"
#include "io/network.h"

namespace ogive::broker {

/// Fixed at start, except the atomics, which a configuration update may change at any time.
struct BrokerIdentity {
  std::string cluster_name;
  std::string broker_name;
  std::int64_t broker_id = 0;
  std::string region_id;                  ///< Sent with every send reply as MSG_REGION.
  std::int64_t accept_sends_from_ms = 0;  ///< startAcceptSendRequestTimeStamp; wall clock, 0 = at once.
  std::int64_t started_ms = 0;            ///< Wall clock.
  io::Endpoint store_host;                ///< brokerIP1:listenPort; part of every message id.
  std::string ip;                         ///< brokerIP1 as text, for remarks.
  std::atomic<std::int32_t> broker_permission{permission::kReadWrite};
  std::atomic<std::int32_t> max_message_bytes{4 << 20};
  std::atomic<bool> trace_on{true};      ///< Sent with every send reply as TRACE_ON.
  std::atomic<bool> sync_flush{false};   ///< flushDiskType=SYNC_FLUSH
  std::atomic<bool> sync_slaves{false};  ///< brokerRole=SYNC_MASTER: a message is safe when slaves have it too.

  bool slave = false;                         ///< brokerRole=SLAVE: takes messages from its master only.
  std::atomic<bool> master_reachable{false};  ///< Of a slave: its master can serve whom we send there.
  std::atomic<bool> slave_read{false};        ///< slaveReadEnable
  std::atomic<bool> offset_check_in_slave{false};
};

}  // namespace ogive::broker
