#pragma once
// A topic goes, with its queues and the offsets on it: by a request here, or because the master was asked to.

#include <string>
#include <string_view>

#include "base/error.h"
#include "broker/cluster/replication.h"
#include "broker/offset/offset_table.h"
#include "broker/topic/topic_table.h"
#include "store/message_store.h"

namespace ogive::broker {

/// Any thread that may block.
class TopicRemoval {
 public:
  struct Ports {
    TopicTable& topics;
    OffsetTable& offsets;
    store::MessageStore& store;
    Replication& replication;
  };
  explicit TopicRemoval(const Ports& ports) : ports_(ports) {}

  /// Done and saved when it returns; but a slave's queues go between two appends, soon.
  Status remove(std::string_view topic);
  /// Its queues only.
  Status remove_queues(std::string_view topic);
  /// On a slave: what it was when the master's log ended at `log_end`, up to which ours has come. Offsets go in any
  /// case. With records from behind that place, or `made_anew` at the master, there is another topic of that name: it
  /// stays, and its queues lose what is older.
  Status remove_as_of(std::string_view topic, std::int64_t log_end, bool made_anew);

 private:
  static void remove_old_records(const Ports& ports, const std::string& topic, std::int64_t log_end, TopicPtr removed);

  const Ports ports_;
};

/// Whether `queue` has a record at or behind `offset` in the log. Blocking.
bool has_records_from(store::MessageStore& store, store::ConsumeQueue& queue, std::int64_t offset);
/// Whether a queue of `topic` has a record at or behind `offset` in the log. Blocking.
bool has_records_from(store::MessageStore& store, std::string_view topic, std::int64_t offset);

}  // namespace ogive::broker
