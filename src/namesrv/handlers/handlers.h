#pragma once
// The name server's request codes: one function per row of the handler table, each in the file of its name.

#include <functional>

#include "base/clock.h"
#include "namesrv/config_store.h"
#include "namesrv/kv_config.h"
#include "namesrv/readiness.h"
#include "namesrv/route_table.h"
#include "remoting/handler_table.h"

namespace ogive::namesrv {

/// What handlers work with; outlives the handler table.
struct Services {
  RouteTable& routes;
  KvConfig& kv;
  ConfigStore& config;
  const Readiness& readiness;
  const Clock& clock;

  /// A broker is registered: silence has to be watched. Any thread.
  std::function<void()> watch_brokers;
  std::function<void(MinBrokerNotice)> notify;
  /// Queues a departure on the request's reactor, which answers; false when too many wait.
  std::function<bool(Unregistration, const remoting::ReplyTo&)> unregister;
  /// Answers by itself, for handlers that usually leave the answer to somebody else.
  std::function<void(const remoting::ReplyTo&, remoting::Message)> reply;
};

// Between brokers and the name server.
remoting::HandlerRow register_broker(Services& services);          // 103
remoting::HandlerRow unregister_broker(Services& services);        // 104
remoting::HandlerRow register_topic(Services& services);           // 217
remoting::HandlerRow query_data_version(Services& services);       // 322
remoting::HandlerRow get_broker_member_group(Services& services);  // 901
remoting::HandlerRow broker_heartbeat(Services& services);         // 904

// For clients.
remoting::HandlerRow get_route_info_by_topic(Services& services);  // 105
remoting::HandlerRow get_broker_cluster_info(Services& services);  // 106

// For operators.
remoting::HandlerRow put_kv_config(Services& services);                       // 100
remoting::HandlerRow get_kv_config(Services& services);                       // 101
remoting::HandlerRow delete_kv_config(Services& services);                    // 102
remoting::HandlerRow wipe_write_perm_of_broker(Services& services);           // 205
remoting::HandlerRow get_all_topic_list(Services& services);                  // 206
remoting::HandlerRow delete_topic(Services& services);                        // 216
remoting::HandlerRow get_kv_list_by_namespace(Services& services);            // 219
remoting::HandlerRow get_topics_by_cluster(Services& services);               // 224
remoting::HandlerRow get_system_topic_list(Services& services);               // 304
remoting::HandlerRow get_unit_topic_list(Services& services);                 // 311
remoting::HandlerRow get_has_unit_sub_topic_list(Services& services);         // 312
remoting::HandlerRow get_has_unit_sub_ununit_topic_list(Services& services);  // 313
remoting::HandlerRow update_namesrv_config(Services& services);               // 318
remoting::HandlerRow get_namesrv_config(Services& services);                  // 319
remoting::HandlerRow add_write_perm_of_broker(Services& services);            // 327

/// All of them.
remoting::HandlerTable make_handler_table(Services& services);

}  // namespace ogive::namesrv
