#pragma once
// Topics: created, changed, dropped, listed.

#include "base/settings/settings.h"
#include "broker/cluster/deletions.h"
#include "broker/cluster/topic_removal.h"
#include "broker/topic/topic_table.h"
#include "remoting/handler_table.h"

namespace ogive::broker::handlers {

struct TopicPorts {
  TopicTable& topics;
  TopicRemoval& removal;
  Deletions& deletions;
  const settings::Settings& settings;
};

remoting::HandlerRow update_and_create_topic(const TopicPorts& ports);            // 17
remoting::HandlerRow get_all_topic_config(const TopicPorts& ports);               // 21
remoting::HandlerRow delete_topic_in_broker(const TopicPorts& ports);             // 215
remoting::HandlerRow get_topic_config(const TopicPorts& ports);                   // 351
remoting::HandlerRow update_and_create_topic_list(const TopicPorts& ports);       // 18
remoting::HandlerRow get_system_topic_list_from_broker(const TopicPorts& ports);  // 305

}  // namespace ogive::broker::handlers
