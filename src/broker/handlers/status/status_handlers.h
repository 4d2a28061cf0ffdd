#pragma once
// What the broker says of itself as a whole.

#include "base/clock.h"
#include "base/settings/settings.h"
#include "broker/delay/delay_service.h"
#include "broker/figures/traffic.h"
#include "broker/identity.h"
#include "io/file.h"
#include "remoting/handler_table.h"
#include "store/message_store.h"

namespace ogive::broker::handlers {

struct StatusPorts {
  const Traffic& traffic;
  store::MessageStore& store;
  const DelayService& delay;
  const settings::Settings& settings;
  io::FileSystem& files;
  const Clock& clock;
};

remoting::HandlerRow get_broker_runtime_info(const StatusPorts& ports, const BrokerIdentity& identity);  // 28
remoting::HandlerRow view_broker_stats_data(const Traffic& traffic);                                     // 315

}  // namespace ogive::broker::handlers
