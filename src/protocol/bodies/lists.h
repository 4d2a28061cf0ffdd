#pragma once
// JSON bodies. Plain lists and tables of names: 28, 38, 103, 206, 219, 224, 300, 304, 305, 343.
// How structs become JSON: protocol/json.h and docs/protocol/json.md.

#include "protocol/json.h"

namespace ogive::protocol {

/// Topics.
struct TopicList {
  std::set<std::string> topic_list;
  std::optional<std::string> broker_addr;
};
BOOST_DESCRIBE_STRUCT(TopicList, (), (topic_list, broker_addr))

/// Groups.
struct GroupList {
  std::set<std::string> group_list;
};
BOOST_DESCRIBE_STRUCT(GroupList, (), (group_list))

/// Names and values.
struct KVTable {
  std::map<std::string, std::string> table;
};
BOOST_DESCRIBE_STRUCT(KVTable, (), (table))

/// GET_CONSUMER_LIST_BY_GROUP (38).
struct GetConsumerListByGroupResponseBody {
  std::vector<std::string> consumer_id_list;
};
BOOST_DESCRIBE_STRUCT(GetConsumerListByGroupResponseBody, (), (consumer_id_list))

}  // namespace ogive::protocol
