#pragma once
// What becomes of consumer offsets when a slave has served consumers without its master.

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "broker/offset/offset_table.h"
#include "protocol/bodies/offsets.h"

namespace ogive::broker {

/// An offset that consumers committed here and that the master does not know.
struct AheadOffset {
  std::string group;
  std::string topic;
  std::int32_t queue = 0;
  std::int64_t offset = 0;
  std::int64_t masters = kNoOffset;  ///< What the master had; kNoOffset: nothing.
};

/// Takes the master's offsets into a slave's table. What consumers committed here since the last time, and is newer
/// than the master's, stays and is to be told to the master; everything else becomes the master's, a reset to an older
/// offset included. Absence on the master deletes nothing. Thread-safe.
class OffsetHandover {
 public:
  /// What the table holds now counts as the master's.
  explicit OffsetHandover(OffsetTable& offsets);

  using Queues = std::map<std::int32_t, std::int64_t>;
  using Offsets = std::map<std::string, Queues, std::less<>>;  ///< By "topic@group".

  std::vector<AheadOffset> take(const protocol::ConsumerOffsetSerializeWrapper& masters) {
    return take(masters, look());
  }
  /// What is committed here now.
  Offsets look() const;
  /// Compares with what look() has `seen`. What consumers commit after that is left as it is, and to the next time.
  std::vector<AheadOffset> take(const protocol::ConsumerOffsetSerializeWrapper& masters, const Offsets& seen);
  /// The master was started anew and stands where it saved its offsets last, seconds before it died: what it now says
  /// less of than before is no reset but forgotten, and counts as ours at the next take().
  void forgotten(const protocol::ConsumerOffsetSerializeWrapper& masters);
  /// The master has it now.
  void told(const AheadOffset& offset);
  /// They were deleted: what comes under the same name is another.
  void forget_topic(std::string_view topic);
  void forget_group(std::string_view group);

 private:
  OffsetTable& offsets_;
  std::mutex mutex_;
  Offsets masters_;  ///< As of the last time; under mutex_.
};

}  // namespace ogive::broker
