#pragma once
// The subcommands, each in the file of its name.

#include "admin/command.h"

namespace ogive::admin {

Command add_write_perm();
Command broker_consume_stats();
Command broker_status();
Command clean_expired_cq();
Command delete_expired_commit_log();
Command clean_unused_topic();
Command clone_group_offset();
Command cluster_list();
Command consume_message();
Command consumer_connection();
Command consumer_progress();
Command delete_kv_config();
Command delete_sub_group();
Command delete_topic();
Command get_broker_config();
Command get_consumer_config();
Command get_namesrv_config();
Command ha_status();
Command print_msg();
Command print_msg_by_queue();
Command producer();
Command producer_connection();
Command query_cq();
Command query_msg_by_id();
Command query_msg_by_key();
Command query_msg_by_offset();
Command query_msg_by_unique_key();
Command reset_offset_by_time();
Command send_message();
Command send_msg_status();
Command skip_accumulated_message();
Command stats_all();
Command topic_cluster_list();
Command topic_list();
Command topic_route();
Command topic_status();
Command update_broker_config();
Command update_kv_config();
Command update_namesrv_config();
Command update_order_conf();
Command update_sub_group();
Command update_topic();
Command update_topic_perm();
Command wipe_write_perm();

}  // namespace ogive::admin
