#pragma once
// The commit log as replication sees it: bytes at physical offsets, read from any place and appended at exact ones.
// docs/internals/replication.md.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/strong_int.h"
#include "io/file.h"
#include "io/out_buffer.h"
#include "message/record.h"
#include "store/message_store.h"

namespace ogive::store {

/// Bytes of a master's log on their way into ours. Filled with what arrives, records cut anywhere; RawLog::seal finds
/// the whole ones. One thread at a time; belongs to the store between submit() and its completion.
class ReplicaBatch final : public AppendBatch {
 public:
  /// Begins anew for bytes that belong at `begin`.
  void start(PhysicalOffset begin);
  /// Adds what follows.
  void add(ByteView bytes);
  PhysicalOffset begin() const { return *placed_at_; }
  /// Behind the last byte added.
  PhysicalOffset bytes_end() const { return begin() + static_cast<std::int64_t>(size_); }

  // For seal().
  Entry& note_record(std::size_t begin, std::size_t size);
  void keep(std::size_t bytes) { size_ = bytes; }
};

/// What seal() found.
struct SealedBatch {
  bool any = false;  ///< The batch has whole records: submit it.
  /// A queue does not go on where this one's entries end (its topic was deleted and made again on the master, or our
  /// queue lacks entries): call realign with it, then seal the rest.
  ConsumeQueue* realign = nullptr;
  QueueOffset realign_at;
  /// The next record needs a queue that nobody can say yet of what kind it is: seal the rest once that is known.
  bool unknown = false;
};

/// Whether it is known what kind of queues `topic` has, for a record at `place` that needs a new one.
using KnowsTopic = std::function<bool(std::string_view topic, PhysicalOffset place)>;

/// Thread-safe unless said otherwise.
class RawLog {
 public:
  virtual ~RawLog() = default;

  /// First byte there is, and one past the last that may be read.
  virtual PhysicalOffset begin() const = 0;
  virtual PhysicalOffset end() const = 0;
  virtual std::int64_t segment_bytes() const = 0;

  /// Appends views of [begin, end) to `out` if all of it is in memory; false otherwise. Never blocks. The range lies
  /// below end().
  virtual bool share(PhysicalOffset begin, PhysicalOffset end, io::OutBuffer& out) const = 0;
  /// Reads from the file what lies in one segment; kNotFound when it is not there. Blocking.
  virtual Status read(PhysicalOffset offset, std::span<std::byte> out) const = 0;

  /// The same range as a part of its file, which the system has in memory then; lets the device begin with up to
  /// `ahead` bytes behind it. Blocking.
  virtual Result<io::FileRange> fetch(PhysicalOffset offset, std::size_t count, std::size_t ahead) const = 0;

  enum class Place : std::uint8_t {
    kOutside,   ///< Below begin() or above end().
    kBoundary,  ///< A record or a blank begins there, or the log ends there.
    kInside,    ///< Within a record or a blank.
    kNowhere,   ///< In the log, but no record is there: another history.
  };
  /// What is at `offset`. Blocking.
  virtual Result<Place> place_of(PhysicalOffset offset) const = 0;

  // ---- Of a store opened as a replica only ----

  /// Lets an empty log begin at `offset`, a multiple of segment_bytes(). kInvalidArgument otherwise. Blocking; nothing
  /// may be submitted meanwhile.
  virtual Status begin_at(PhysicalOffset offset) = 0;
  /// Makes entries for the whole records in `batch`; the bytes behind them begin `rest`. Stops in front of a record
  /// whose queue would have to be made and of whose topic `knows` says no; without `knows` all are known. kCorrupt when
  /// the bytes are no log: nothing of `batch` may be used.
  virtual Result<SealedBatch> seal(ReplicaBatch& batch, ReplicaBatch& rest, const KnowsTopic& knows = {}) const = 0;
  /// Makes `queue` begin anew at `at` or go on there. Blocking; everything submitted must be complete.
  virtual Status realign(ConsumeQueue& queue, QueueOffset at) = 0;
};

}  // namespace ogive::store
