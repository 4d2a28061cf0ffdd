#include "broker/handlers/handler_table.h"

#include <functional>
#include <string>

#include "broker/handlers/unless_unchanged.h"

namespace ogive::broker::handlers {

namespace {

// What slaves fetch again and again.
void add_replicated_tables(remoting::HandlerTable& table, const HandlerPorts& ports) {
  const std::int64_t boot_ms = ports.progress.identity.started_ms;
  const auto log_end = [&store = ports.status.store] { return store.max_physical_offset().value(); };
  table.add(unless_unchanged(get_all_consumer_offset(ports.offset),
                             {[&offsets = ports.offset.offsets] { return offsets.commits(); }, boot_ms, {}, {}}));
  table.add(unless_unchanged(
      get_all_delay_offset(ports.delay),
      // What counts as delivered must be in the slave's log, or it would be lost where the slave takes over.
      {[&delay = ports.delay] { return std::hash<std::string>()(delay.encode(false)); }, boot_ms, log_end, {}}));
  table.add(unless_unchanged(get_all_topic_config(ports.topic),
                             {[&topics = ports.topic.topics] { return topics.generation(); }, boot_ms, {}, log_end}));
  table.add(unless_unchanged(get_all_subscriptiongroup_config(ports.group),
                             {[&groups = ports.group.groups] { return groups.generation(); }, boot_ms, {}, {}}));
  table.add(unless_unchanged(get_deletions(ports.deletions),
                             {[&list = ports.deletions.deletions] { return list.generation(); }, boot_ms, {}, {}}));
}

}  // namespace

remoting::HandlerTable make_handler_table(const HandlerPorts& ports, Port port) {
  remoting::HandlerTable table;
  // Messages.
  table.add(send_message(ports.sides));
  table.add(send_message_v2(ports.sides));
  table.add(send_batch_message(ports.sides));
  table.add(consumer_send_msg_back(ports.sides));
  if (port == Port::kMain) {
    table.add(pull_message(ports.sides));
    table.add(lite_pull_message(ports.sides));
  }
  // Clients.
  table.add(heart_beat(ports.session));
  table.add(unregister_client(ports.session));
  table.add(get_consumer_list_by_group(ports.session));
  table.add(check_client_config());
  table.add(get_consumer_connection_list(ports.session));
  table.add(get_producer_connection_list(ports.session));
  table.add(get_all_producer_info(ports.session));
  table.add(invoke_broker_to_get_consumer_status(ports.client));
  table.add(get_consumer_running_info(ports.client));
  table.add(consume_message_directly(ports.client));
  table.add(lock_batch_mq(ports.lock));
  table.add(unlock_batch_mq(ports.lock));
  // Offsets and queues.
  table.add(query_consumer_offset(ports.start));
  table.add(update_consumer_offset(ports.offset));
  table.add(invoke_broker_to_reset_offset(ports.reset));
  table.add(query_correction_offset(ports.offset));
  table.add(query_message(ports.queue));
  table.add(search_offset_by_timestamp(ports.queue));
  table.add(get_max_offset(ports.queue));
  table.add(get_min_offset(ports.queue));
  table.add(get_earliest_msg_storetime(ports.queue));
  table.add(view_message_by_id(ports.queue));
  table.add(query_consume_queue(ports.queue));
  table.add(clean_expired_consumequeue(ports.queue));
  table.add(clean_unused_topic(ports.queue));
  table.add(delete_expired_commitlog(ports.queue));
  // Topics and groups.
  table.add(update_and_create_topic(ports.topic));
  table.add(update_and_create_topic_list(ports.topic));
  table.add(delete_topic_in_broker(ports.topic));
  table.add(get_topic_config(ports.topic));
  table.add(get_system_topic_list_from_broker(ports.topic));
  table.add(update_and_create_subscriptiongroup(ports.group));
  table.add(update_and_create_subscriptiongroup_list(ports.group));
  table.add(delete_subscriptiongroup(ports.group));
  table.add(get_subscriptiongroup_config(ports.group));
  table.add(update_and_get_group_forbidden(ports.group));
  // Figures.
  table.add(get_topic_stats_info(ports.progress));
  table.add(get_consume_stats(ports.progress));
  table.add(query_topic_consume_by_who(ports.progress));
  table.add(query_topics_by_consumer(ports.progress));
  table.add(query_subscription_by_consumer(ports.progress));
  table.add(query_consume_time_span(ports.progress, ports.clock));
  table.add(get_broker_consume_stats(ports.progress, ports.group.groups));
  table.add(clone_group_offset(ports.progress));
  // The broker itself.
  table.add(update_broker_config(ports.config_file));
  table.add(get_broker_config(ports.settings));
  table.add(get_broker_runtime_info(ports.status, ports.progress.identity));
  table.add(view_broker_stats_data(ports.progress.traffic));
  table.add(get_broker_ha_status(ports.replication));
  add_replicated_tables(table, ports);
  return table;
}

}  // namespace ogive::broker::handlers
