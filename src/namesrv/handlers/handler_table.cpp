#include "namesrv/handlers/handlers.h"

namespace ogive::namesrv {

remoting::HandlerTable make_handler_table(Services& services) {
  remoting::HandlerTable table;
  for (const auto make : {register_broker,
                          unregister_broker,
                          register_topic,
                          query_data_version,
                          get_broker_member_group,
                          broker_heartbeat,
                          get_route_info_by_topic,
                          get_broker_cluster_info,
                          put_kv_config,
                          get_kv_config,
                          delete_kv_config,
                          wipe_write_perm_of_broker,
                          get_all_topic_list,
                          delete_topic,
                          get_kv_list_by_namespace,
                          get_topics_by_cluster,
                          get_system_topic_list,
                          get_unit_topic_list,
                          get_has_unit_sub_topic_list,
                          get_has_unit_sub_ununit_topic_list,
                          update_namesrv_config,
                          get_namesrv_config,
                          add_write_perm_of_broker}) {
    table.add(make(services));
  }
  return table;
}

}  // namespace ogive::namesrv
