#include "replication/slave_session.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace ogive::replication {
namespace {

constexpr Milliseconds kLinger{1'000};
constexpr Milliseconds kBusyRetry{10};
constexpr std::int64_t kLeastPiece = 32 << 10;

}  // namespace

SlaveSession::SlaveSession(const SessionPorts& ports, std::unique_ptr<io::Stream> stream,
                           std::function<void(SlaveSession&)> on_end)
    : ports_(ports), stream_(std::move(stream)), on_end_(std::move(on_end)), rate_(ports.executor.clock()) {
  last_report_ms_ = last_write_ms_ = ports_.executor.clock().monotonic_ms();
  if (ports_.secret != nullptr) handshake_.emplace(*ports_.secret);
}

SlaveSession::~SlaveSession() {
  *alive_ = false;
  ports_.executor.cancel(retry_);
  if (replica_ != 0) ports_.replicas.remove(replica_);
}

void SlaveSession::start() {
  stream_->start(*this);
}

io::StreamHandler::Consumed SlaveSession::on_data(ByteView data) {
  if (state_ == State::kClosing) return {data.size(), 0};
  if (handshake_) return take_handshake(data);
  if (state_ == State::kWaiting && is_hello(data)) {
    refuse("it wants to prove that it knows haSharedSecret, but this master has none");
    return {data.size(), 0};
  }
  const ReportScan scan = scan_reports(data);
  if (!scan.newest) return {0, kReportBytes};
  last_report_ms_ = ports_.executor.clock().monotonic_ms();
  switch (state_) {
    case State::kWaiting:
      place(*scan.first);
      break;
    case State::kSending:
      if (acknowledge(*scan.newest)) pump();
      break;
    case State::kChecking:  // It has nothing to report before we send something.
    case State::kClosing:
      break;
  }
  return {scan.consumed, 0};
}

io::StreamHandler::Consumed SlaveSession::take_handshake(ByteView data) {
  auto step = handshake_->take(data);
  if (!step) {
    refuse(step.error().message());
    return {data.size(), 0};
  }
  if (!step->say.empty()) {
    out_.append(ByteView(step->say));
    note_written();
    stream_->write(out_);
  }
  if (step->done) handshake_.reset();
  // What follows at once is looked at by the next call.
  if (step->consumed == 0 || step->consumed == data.size()) return {step->consumed, 0};
  const Consumed more = on_data(data.subspan(step->consumed));
  return {step->consumed + more.bytes, more.wanted};
}

void SlaveSession::on_closed(const Error& reason) {
  if (state_ == State::kSending) {
    OGIVE_LOG(info, "replication", "slave {} disconnected: {}", remote().to_string(), reason.message());
  }
  state_ = State::kClosing;
  on_end_(*this);
}

void SlaveSession::refuse(std::string_view reason) {
  // Anybody who reaches the port can cause it.
  if (const auto times = ports_.refusals.allow(); times > 0) {
    OGIVE_LOG(warn, "replication", "slave {} is not served: {} ({} refused since last reported)", remote().to_string(),
              reason, times);
  }
  state_ = State::kClosing;
  stream_->close_after_flush(kLinger);
}

// Where in our log the slave wants to begin. Looking at the log may read the disk. What the slave may have is all
// within end(): a store that opens has flushed what it recovered.
void SlaveSession::place(std::int64_t reported) {
  if (reported < 0) return refuse(fmt::format("it reported offset {}, which no slave does", reported));
  state_ = State::kChecking;
  if (reported == kReportEmpty) {
    const std::int64_t end = ports_.end().value();
    const std::int64_t last_segment = std::max(ports_.log.begin().value(), end - end % ports_.log.segment_bytes());
    return begin(ports_.options.empty_gets_last_segment ? last_segment : ports_.log.begin().value());
  }
  if (reported == kReportWholeLog) return begin(std::max(reported, ports_.log.begin().value()));
  auto task = [this, alive = alive_, reported, &log = ports_.log, &executor = ports_.executor] {
    auto place = log.place_of(PhysicalOffset(reported));
    executor.post([this, alive, reported, place = std::move(place)] {
      if (*alive && state_ == State::kChecking) on_placed(reported, place);
    });
  };
  if (!ports_.blocking.post(std::move(task))) refuse("too much work waits for the disks; it will come again");
}

void SlaveSession::on_placed(std::int64_t reported, const Result<store::RawLog::Place>& place) {
  if (!place) return refuse(place.error().message());
  const std::int64_t begin_offset = ports_.log.begin().value();
  const std::int64_t end_offset = ports_.end().value();
  switch (*place) {
    case store::RawLog::Place::kBoundary:
    case store::RawLog::Place::kInside:  // A slave of the original may end in the middle of a record.
      return begin(reported);
    case store::RawLog::Place::kOutside:
      send_heartbeat(reported < begin_offset ? begin_offset : end_offset);
      return refuse(fmt::format("it reported offset {}, our log is {} to {}{}", reported, begin_offset, end_offset,
                                reported > end_offset ? ": it has what we have not, another history" : ""));
    case store::RawLog::Place::kNowhere:
      return refuse(fmt::format("it reported offset {}, where our log has no record: another history", reported));
  }
}

void SlaveSession::begin(std::int64_t offset) {
  state_ = State::kSending;
  sent_ = acknowledged_ = offset;
  replica_ = ports_.replicas.add(remote(), PhysicalOffset(offset));
  OGIVE_LOG(info, "replication", "slave {} gets the log from offset {}; it ends at {}", remote().to_string(), offset,
            ports_.end().value());
  pump();
}

// A report counts when it speaks of what this connection has sent, and up to the last record that ends there.
bool SlaveSession::acknowledge(std::int64_t reported) {
  if (reported > sent_) {
    refuse(fmt::format("it reports offset {}, but was sent the log to {} only", reported, sent_));
    return false;
  }
  if (reported < acknowledged_) return true;  // Of a slave that began in front of what it already has.
  acknowledged_ = reported;
  const auto whole = ends_.at_or_before(reported);
  ports_.replicas.acknowledge(replica_, PhysicalOffset(reported), PhysicalOffset(whole.value_or(0)));
  return true;
}

std::int64_t SlaveSession::sendable() const {
  const std::int64_t segment = ports_.log.segment_bytes();
  const std::int64_t limit = std::min<std::int64_t>(ports_.options.piece_bytes, kMaxPieceBytes);
  const std::int64_t there = std::min({ports_.end().value() - sent_, segment - sent_ % segment, limit});
  const std::int64_t room = ports_.options.window_bytes - (sent_ - acknowledged_);
  // A nearly full window is left to empty itself: many small pieces would cost more than they bring.
  return room < std::min(there, kLeastPiece) ? 0 : std::min(there, room);
}

void SlaveSession::pump() {
  rate_.set_limit(ports_.options.bytes_per_second);
  note_end();
  const std::int64_t before = sent_;
  while (state_ == State::kSending && retry_ == io::TimerId()) {
    if (sent_ >= ports_.end().value()) {
      // Tells a slave that began in front of its own end whether we have all it has.
      if (!std::exchange(caught_up_, true)) send_heartbeat(sent_);
      ports_.wait_for_more();
      break;
    }
    const std::int64_t bytes = sendable();
    if (bytes <= 0 || stream_->pending_bytes() + out_.size() >= kMaxPending) break;
    const std::int64_t allowed = rate_.allowance();
    if (allowed <= 0) {
      pump_after(Milliseconds(20));
      break;
    }
    if (!send_from_memory(std::min(bytes, allowed)) && !send_from_file(std::min(bytes, allowed))) break;
  }
  if (!out_.empty()) stream_->write(out_);
  if (sent_ > before) ports_.replicas.note_sent(replica_, PhysicalOffset(sent_));
}

void SlaveSession::pump_after(Milliseconds delay) {
  retry_ = ports_.executor.run_after(delay, [this] {
    retry_ = io::TimerId();
    pump();
  });
}

bool SlaveSession::send_from_memory(std::int64_t bytes) {
  io::OutBuffer body;
  if (!ports_.log.share(PhysicalOffset(sent_), PhysicalOffset(sent_ + bytes), body)) return false;
  out_.append(encode_piece_header({sent_, static_cast<std::int32_t>(bytes)}));
  out_.splice(body);
  sent_ += bytes;
  fetched_.clear();
  fetched_to_ = sent_;
  rate_.take(bytes);
  note_written();
  return true;
}

// What has left the tail cache goes from the files, a part in each turn: whoever waits at the reactor's other sockets
// is served in between.
bool SlaveSession::send_from_file(std::int64_t most) {
  if (next_turn_) return false;
  if (turn_bytes_ >= kTurnBytes) {
    pump_next_turn();
    return false;
  }
  if (fetched_.empty()) {
    fetch();
    return false;
  }
  io::FileRange& front = fetched_.front();
  const std::size_t bytes = std::min(front.size, static_cast<std::size_t>(most));
  out_.append(encode_piece_header({sent_, static_cast<std::int32_t>(bytes)}));
  if (Status status = stream_->write_file(out_, {front.file, front.offset, bytes}); !status) {
    refuse(fmt::format("the log at offset {} cannot be read: {}", sent_, status.error().message()));
    return false;
  }
  front.offset += bytes;
  front.size -= bytes;
  if (front.size == 0) fetched_.pop_front();
  sent_ += static_cast<std::int64_t>(bytes);
  turn_bytes_ += static_cast<std::int64_t>(bytes);
  rate_.take(static_cast<std::int64_t>(bytes));
  note_written();
  fetch();
  return true;
}

void SlaveSession::pump_next_turn() {
  next_turn_ = true;
  ports_.executor.post([this, alive = alive_] {
    if (!*alive) return;
    next_turn_ = false;
    turn_bytes_ = 0;
    pump();
  });
}

// One at a time, while the one before is sent: a slave that catches up leaves the disks to others too.
void SlaveSession::fetch() {
  const std::int64_t from = std::max(fetched_to_, sent_);
  if (fetching_ || from - sent_ >= kFetchBytes) return;
  const std::int64_t segment = ports_.log.segment_bytes();
  const std::int64_t bytes = std::min({ports_.end().value() - from, segment - from % segment, kFetchBytes});
  if (bytes <= 0) return;
  fetching_ = true;
  fetched_to_ = from;
  auto task = [this, alive = alive_, bytes, from, &log = ports_.log, &executor = ports_.executor] {
    auto range = log.fetch(PhysicalOffset(from), static_cast<std::size_t>(bytes), kAheadBytes);
    executor.post([this, alive, from, range = std::move(range)]() mutable {
      if (*alive) on_fetched(from, std::move(range));
    });
  };
  if (ports_.blocking.post(std::move(task))) return;
  fetching_ = false;
  if (fetched_.empty() && retry_ == io::TimerId()) pump_after(kBusyRetry);
}

void SlaveSession::on_fetched(std::int64_t from, Result<io::FileRange> range) {
  fetching_ = false;
  if (state_ != State::kSending) return;
  if (!range) {
    // Where the log begins is an answer to a slave that asks for what is no longer there; to one that compares its end,
    // a disk's failure would look like another history.
    if (range.error().code() == Errc::kNotFound) send_heartbeat(ports_.log.begin().value());
    return refuse(fmt::format("the log at offset {} cannot be read: {}", from, range.error().message()));
  }
  if (from == fetched_to_ && from >= sent_) {  // Else it went from memory meanwhile.
    fetched_to_ += static_cast<std::int64_t>(range->size);
    fetched_.push_back(std::move(*range));
  }
  pump();
}

void SlaveSession::note_written() {
  last_write_ms_ = ports_.executor.clock().monotonic_ms();
}

void SlaveSession::send_heartbeat(std::int64_t offset) {
  out_.append(encode_piece_header({offset, 0}));
  note_written();
  stream_->write(out_);
}

void SlaveSession::tick() {
  const std::int64_t now_ms = ports_.executor.clock().monotonic_ms();
  if (now_ms - last_report_ms_ > ports_.options.silence.count()) {
    if (state_ == State::kClosing) return;
    if (state_ == State::kSending) return refuse("it has not reported for too long");
    state_ = State::kClosing;  // Something that only connected.
    return stream_->close_after_flush(kLinger);
  }
  if (state_ == State::kSending && now_ms - last_write_ms_ >= ports_.options.heartbeat.count()) send_heartbeat(sent_);
}

}  // namespace ogive::replication
