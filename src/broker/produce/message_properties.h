#pragma once
// What the send path needs to know of a message's properties, gathered in one pass.

#include <cstdint>
#include <string_view>

namespace ogive::broker {

/// Views into the properties text.
struct PropertyScan {
  std::string_view unique_key;
  std::string_view tags;
  std::int32_t delay_level = 0;
  bool wait = true;          ///< WAIT=false: the producer does not wait for flush or replicas.
  bool transaction = false;  ///< TRAN_MSG=true: a half message.
  bool timer = false;        ///< Asks for delivery at a point in time.
  bool has_keys = false;
  bool has_server_pairs = false;  ///< CLUSTER, MSG_REGION or TRACE_ON: it travelled through a broker before.
  bool has_pop_checkpoint = false;
  bool has_inner_count = false;  ///< INNER_NUM: what only an inner batch may have.
};

PropertyScan scan_properties(std::string_view properties);

}  // namespace ogive::broker
