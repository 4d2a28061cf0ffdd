#pragma once
// What becomes of consumer offsets when a slave has served consumers without its master.

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "broker/offset/offset_table.h"
#include "broker/state/state_file.h"
#include "protocol/bodies/offsets.h"
#include "protocol/bodies/untold_offsets.h"

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
/// offset included. Absence on the master deletes nothing. What has not been told yet is noted beside the offsets
/// (config/ogiveUntoldOffsets.json) with each save of them, for the next start. Thread-safe.
class OffsetHandover {
 public:
  /// What the table holds now counts as the master's, but for what `note` says. A note that cannot be read is left out,
  /// loudly. The table must outlive this, but save no more when this is gone. Blocking.
  OffsetHandover(OffsetTable& offsets, StateFile note);

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
  /// less of than before is no reset but forgotten, and counts as ours at the next take(). But not what it did not have
  /// any more when it was heard of last: that was deleted there.
  void forgotten(const protocol::ConsumerOffsetSerializeWrapper& masters);
  /// The master has it now.
  void told(const AheadOffset& offset);
  /// They were deleted: what comes under the same name is another.
  void forget_topic(std::string_view topic);
  void forget_group(std::string_view group);

 private:
  using Untold = std::vector<protocol::UntoldOffset>;

  void load_note();
  void restore(const Untold& untold);
  void save_note();
  Untold untold() const;  // With the lock held, as the next.
  void note_gone(const protocol::ConsumerOffsetSerializeWrapper& masters);
  void drop_deleted(const protocol::ConsumerOffsetSerializeWrapper& masters, const Offsets& seen);

  OffsetTable& offsets_;
  std::mutex mutex_;
  Offsets masters_;  ///< As of the last time; under mutex_, as the next.
  std::map<std::string, std::set<std::int32_t>, std::less<>> gone_;  ///< From the master, as of the last time.
  Offsets restored_;  ///< Those of masters_ that an earlier process noted, until the master is heard of.
  std::optional<Untold> noted_ = Untold();  ///< What the file says; none when that is not known.
  StateFile note_;                          ///< Last: its saves use the rest.
};

}  // namespace ogive::broker
