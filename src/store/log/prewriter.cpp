#include "store/log/prewriter.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "base/log.h"

namespace ogive::store {
namespace {
// Not const: stays out of the binary.
std::array<std::byte, 1 << 20> g_zeros;
}  // namespace

Prewriter::Prewriter(io::Executor& background, SegmentList& segments, std::uint64_t window_bytes, Space space,
                     FailureListener on_failure)
    : background_(background),
      segments_(segments),
      window_bytes_(std::min(static_cast<std::int64_t>(window_bytes), segments.segment_bytes())),
      margin_bytes_(std::min<std::int64_t>(8 << 20, window_bytes_ / 8)),
      space_(std::move(space)),
      on_failure_(std::move(on_failure)) {}

void Prewriter::start(std::int64_t position) {
  {
    const std::lock_guard lock(piece_mutex_);
    file_.reset();  // A log that begins anew has other files.
  }
  position_ = position;
  ready_end_ = position;
  kick_at_ = position;
  look_for_room(position);
  kick();
}

void Prewriter::advance(std::int64_t position) {
  // Sequentially consistent against claim_begin_/claim_end_: see write_piece.
  position_.store(position, std::memory_order_seq_cst);
  if (position >= kick_at_.load(std::memory_order_relaxed)) kick();
}

void Prewriter::kick() {
  if (posted_.exchange(true)) return;
  background_.post(gate_.guard([this] { run(); }));
}

void Prewriter::wait_clear(std::int64_t begin, std::int64_t end) {
  while (end > claim_begin_.load(std::memory_order_seq_cst) && begin < claim_end_.load(std::memory_order_seq_cst)) {
    const std::lock_guard lock(piece_mutex_);
  }
}

Status Prewriter::admit_unready(std::int64_t end) {
  if (broken_.load(std::memory_order_acquire)) {
    const std::lock_guard lock(error_mutex_);
    if (error_) {
      return fail(
          Error(error_->code() == Errc::kNoSpace ? Errc::kNoSpace : Errc::kIo,
                fmt::format("the commit log cannot grow past offset {} in {}: {}; free space or repair the disk, "
                            "appending resumes by itself",
                            ready_end_.load(), segments_.directory(), error_->message()),
                error_->os_error()));
    }
  }
  // Blocks that nobody has written are the disk's to give: not beyond what it had.
  if (end <= std::min(segments_.end(), room_end_.load(std::memory_order_relaxed))) return {};
  if (end <= segments_.end()) {
    return fail(Errc::kLimit, fmt::format("the commit log in {} is prepared up to offset {} only; retry",
                                          segments_.directory(), ready_end_.load()));
  }
  std::int64_t wanted = wanted_end_.load(std::memory_order_relaxed);
  while (wanted < end && !wanted_end_.compare_exchange_weak(wanted, end)) {
  }
  kick();
  return fail(Errc::kLimit, fmt::format("the next commit log file in {} (from offset {}) is still being made; retry",
                                        segments_.directory(), segments_.end()));
}

Status Prewriter::exclusively(const std::function<Status()>& action) {
  const std::lock_guard lock(run_mutex_);
  return action();
}

void Prewriter::run() {
  posted_.store(false);
  const std::lock_guard run_lock(run_mutex_);
  Status status = space_.may_grow();
  if (status) status = create_segments();
  bool more = status.has_value();
  if (more) look_for_room(std::max(position_.load(), ready_end_.load()));
  for (int piece = 0; more && piece < kPiecesPerTask; ++piece) {
    auto prepared = prepare_piece();
    if (!prepared) {
      status = fail(std::move(prepared).error());
      more = false;
    } else {
      more = *prepared;
    }
  }
  if (!status) {
    report(status.error());
    return;
  }
  if (broken_.exchange(false)) {
    const std::lock_guard lock(error_mutex_);
    OGIVE_LOG(warn, "store", "preparing the commit log in {} works again", segments_.directory());
    error_.reset();
  }
  if (more) {
    kick();
  } else {
    kick_at_.store(ready_end_.load() - window_bytes_ * 3 / 4, std::memory_order_relaxed);
  }
}

void Prewriter::look_for_room(std::int64_t from) {
  room_end_.store(from + std::min(space_.room(), INT64_MAX - from), std::memory_order_relaxed);
}

// The segment with the append position and the one behind it, and as many as a large batch wanted.
Status Prewriter::create_segments() {
  const std::int64_t wanted =
      std::max(segments_.begin_of(position_.load()) + 2 * segments_.segment_bytes(), wanted_end_.load());
  while (segments_.end() < wanted) OGIVE_TRY(segments_.create_next());
  return {};
}

Result<bool> Prewriter::prepare_piece() {
  const std::int64_t position = position_.load();
  const std::int64_t begin = std::max(ready_end_.load(), position);
  if (begin >= room_end_.load() && begin < std::min(position + window_bytes_, segments_.end())) {
    OGIVE_TRY(space_.may_grow());
    return fail(Errc::kNoSpace, "the disk has no more left than what is kept for queues and metadata");
  }
  if (!writes_zeros_.load(std::memory_order_relaxed)) {
    auto reserved = reserve_piece();
    if (reserved || reserved.error().code() != Errc::kUnsupported) return reserved;
    writes_zeros_.store(true);
  }
  return write_piece();
}

// Changes no byte, so unlike zeros it may meet the appender.
Result<bool> Prewriter::reserve_piece() {
  const std::int64_t position = position_.load(std::memory_order_seq_cst);
  const std::int64_t begin = std::max(ready_end_.load(std::memory_order_relaxed), position);
  const std::int64_t segment_end = segments_.begin_of(begin) + segments_.segment_bytes();
  // The position may have reached the end of the last file since create_segments: the next run makes one.
  const std::int64_t end =
      std::min({position + window_bytes_, segments_.end(), room_end_.load(), segment_end, begin + kReservedPieceBytes});
  if (begin >= end) return false;
  const auto segment = segments_.find(begin);
  OGIVE_TRY(segment->file->allocate(static_cast<std::uint64_t>(begin - segment->begin),
                                    static_cast<std::uint64_t>(end - begin)));
  ready_end_.store(end, std::memory_order_release);
  return true;
}

Result<bool> Prewriter::write_piece() {
  const std::lock_guard lock(piece_mutex_);
  std::int64_t begin = 0;
  std::int64_t end = 0;
  for (;;) {
    const std::int64_t position = position_.load(std::memory_order_seq_cst);
    begin = ready_end_.load(std::memory_order_relaxed);
    if (begin < position) begin = position + margin_bytes_;  // Overtaken: leave a margin and go on from there.
    const std::int64_t limit = std::min({position + window_bytes_, segments_.end(), room_end_.load()});
    if (begin >= limit) {
      // The segment's rest in front of `begin` was overtaken; nothing to do before the position moves on.
      return false;
    }
    end = std::min(
        {limit, begin - begin % kPieceBytes + kPieceBytes, segments_.begin_of(begin) + segments_.segment_bytes()});
    claim_begin_.store(begin, std::memory_order_seq_cst);
    claim_end_.store(end, std::memory_order_seq_cst);
    // Either the appender sees the claim, or its new position is seen here.
    if (position_.load(std::memory_order_seq_cst) <= begin) break;
    claim_end_.store(0, std::memory_order_seq_cst);
  }
  Status status = use_file(begin);
  if (status) {
    status = file_->write_at(static_cast<std::uint64_t>(begin - file_begin_),
                             ByteView(g_zeros.data(), static_cast<std::size_t>(end - begin)));
  }
  claim_end_.store(0, std::memory_order_seq_cst);
  if (!status) return fail(std::move(status).error());
  status = file_->sync_data();
  if (!status) {
    on_failure_(status.error());
    return fail(std::move(status).error());
  }
  ready_end_.store(end, std::memory_order_release);
  return true;
}

// The system reports a lost page once per open file. With a file of its own the pre-writer cannot take away from the
// flusher what that one must hear.
Status Prewriter::use_file(std::int64_t offset) {
  const std::int64_t begin = segments_.begin_of(offset);
  if (file_ && file_begin_ == begin) return {};
  auto file = segments_.open_again(begin);
  if (!file) return fail(std::move(file).error());
  file_ = std::move(*file);
  file_begin_ = begin;
  return {};
}

void Prewriter::report(const Error& error) {
  {
    const std::lock_guard lock(error_mutex_);
    if (!error_)
      OGIVE_LOG(error, "store", "preparing the commit log in {} failed: {}", segments_.directory(), error.message());
    error_ = error;
  }
  broken_.store(true, std::memory_order_release);
  // A full disk may be emptied, and making a file may succeed later; zeros are nobody's data, so writing them again is
  // safe.
  if (retry_armed_) return;
  retry_armed_ = true;
  background_.run_after(kRetryDelay, gate_.guard([this] {
    retry_armed_ = false;
    run();
  }));
}

}  // namespace ogive::store
