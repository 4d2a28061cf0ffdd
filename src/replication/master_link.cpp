#include "replication/master_link.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/log.h"

namespace ogive::replication {
namespace {

constexpr Milliseconds kConnectTimeout{3'000};
constexpr Milliseconds kLookAgain{30'000};  // After a divergence.

std::optional<std::pair<std::string, std::uint16_t>> split_address(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  if (colon == std::string::npos || colon == 0) return std::nullopt;
  std::uint16_t port = 0;
  const char* const last = address.data() + address.size();
  const auto [end, error] = std::from_chars(address.data() + colon + 1, last, port);
  if (error != std::errc() || end != last || port == 0) return std::nullopt;
  return std::pair(address.substr(0, colon), port);
}

}  // namespace

std::string_view to_string(LinkState state) {
  switch (state) {
    case LinkState::kNoMaster:
      return "no master";
    case LinkState::kConnecting:
      return "connecting";
    case LinkState::kComparing:
      return "comparing";
    case LinkState::kFollowing:
      return "following";
    case LinkState::kDiverged:
      return "diverged";
    case LinkState::kFailed:
      return "failed";
  }
  return "";
}

MasterLink::MasterLink(const SlaveEnvironment& environment, SlaveOptions options)
    : environment_(environment),
      options_(std::move(options)),
      untrusted_logged_(environment.executor.clock()),
      writer_(environment.store, environment.executor,
              {[this] { report(); },
               [this] {
                 if (stream_) stream_->pause_reading(false);
               },
               [this](std::span<const store::AppendBatch::Entry> entries) { on_records_(entries); },
               [this](const Error& error) {
                 if (error.code() != Errc::kIo) return diverged(error);
                 disconnect();
                 set_state(LinkState::kFailed, error.message());
               },
               [this](std::string_view topic, PhysicalOffset place) { return knows_topic_(topic, place); }}) {}

MasterLink::~MasterLink() {
  *alive_ = false;
  // One that was never started, or is stopped, may go on any thread.
  if (timer_ != io::TimerId()) environment_.executor.cancel(timer_);
}

void MasterLink::set_master(const std::string& address) {
  environment_.executor.post([this, alive = alive_, address] {
    if (*alive) change_master(address);
  });
}

void MasterLink::between_appends(std::function<void()> work) {
  environment_.executor.post([this, alive = alive_, work = std::move(work)]() mutable {
    if (*alive) writer_.between_appends(std::move(work));
  });
}

void MasterLink::topics_known() {
  environment_.executor.post([this, alive = alive_] {
    if (*alive && stream_) writer_.resume();
  });
}

void MasterLink::change_master(const std::string& address) {
  if (address == address_) return;
  OGIVE_LOG(info, "replication", "the master's replication port is {}, was {}", address.empty() ? "unknown" : address,
            address_.empty() ? "unknown" : address_);
  address_ = address;
  whole_log_begin_.reset();
  disconnect();
  if (address_.empty()) return set_state(LinkState::kNoMaster);
  connect();
}

void MasterLink::stop() {
  disconnect();
  address_.clear();
  set_state(LinkState::kNoMaster);
}

void MasterLink::set_state(LinkState state, std::string reason) {
  const bool now = state == LinkState::kFollowing;
  bool changed = false;
  {
    const std::lock_guard lock(status_mutex_);
    // Once found, it stays so until a comparison says otherwise.
    const bool on_the_way = state == LinkState::kConnecting || state == LinkState::kComparing;
    if (status_.state == LinkState::kDiverged && on_the_way) return;
    if (state == LinkState::kDiverged && (status_.state != state || status_.reason != reason)) {
      OGIVE_LOG(
          error, "replication",
          "this slave cannot follow its master: {}. Nothing is overwritten and nothing more is taken. To copy the "
          "master's log anew, stop this broker, move its store directory away and start it again",
          reason);
    }
    changed = std::exchange(status_.state, state) != state;
    status_.master = address_;
    if (!reason.empty()) status_.reason = std::move(reason);
    if (now) status_.reason.clear();
  }
  if (following_.exchange(now, std::memory_order_acq_rel) != now) {
    OGIVE_LOG(info, "replication", "{} the master at {}", now ? "following" : "no longer following", address_);
  }
  if (changed) listener_(state);
}

LinkStatus MasterLink::status() const {
  LinkStatus status;
  {
    const std::lock_guard lock(status_mutex_);
    status = status_;
  }
  status.covered_from = environment_.store.raw_log().begin().value();
  status.covered_to = environment_.store.raw_log().end().value();
  return status;
}

// ---- Connecting ----

void MasterLink::connect() {
  set_state(LinkState::kConnecting);
  const auto host = split_address(address_);
  if (!host) return set_state(LinkState::kConnecting, fmt::format("\"{}\" is not host:port", address_));
  auto done = [this, alive = alive_, attempt = ++attempt_](Result<std::vector<io::Endpoint>> found) {
    if (!*alive || attempt != attempt_) return;
    if (!found || found->empty()) {
      return lost(found ? Error(Errc::kNotFound, address_ + " has no address") : found.error());
    }
    environment_.network.connect(environment_.executor, found->front(), kConnectTimeout,
                                 [this, alive, attempt](Result<std::unique_ptr<io::Stream>> stream) {
                                   if (*alive && attempt == attempt_) on_connected(std::move(stream));
                                 });
  };
  environment_.network.resolve(environment_.executor, host->first, host->second, std::move(done));
}

/// What is compared: the end of our log.
struct MasterLink::Tail {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  std::vector<std::byte> bytes;
};

void MasterLink::on_connected(Result<std::unique_ptr<io::Stream>> stream) {
  if (!stream) return lost(stream.error());
  if (writer_.stalled()) return lost(Error(Errc::kLimit, "our log cannot grow yet"));
  stream_ = std::move(*stream);
  auto task = [this, alive = alive_, attempt = attempt_, &log = environment_.store.raw_log(),
               &executor = environment_.executor] {
    executor.post([this, alive, attempt, tail = read_tail(log)]() mutable {
      if (!*alive || attempt != attempt_) return;
      if (!tail) return lost(tail.error());
      open_stream(std::move(*tail));
    });
  };
  if (Status posted = environment_.blocking.post(std::move(task)); !posted) lost(posted.error());
}

// Nothing is appended meanwhile: only a connection does.
Result<MasterLink::Tail> MasterLink::read_tail(const store::RawLog& log) {
  Tail tail;
  tail.end = log.end().value();
  tail.begin = std::max(log.begin().value(), tail.end - kCompareBytes);
  // Not offset 0, which would say "empty".
  if (tail.begin == 0 && tail.end > 0) tail.begin = kReportWholeLog;
  tail.bytes.resize(static_cast<std::size_t>(tail.end - tail.begin));
  for (std::int64_t at = tail.begin; at < tail.end;) {
    const std::int64_t stop = std::min(tail.end, at - at % log.segment_bytes() + log.segment_bytes());
    const auto piece =
        std::span(tail.bytes).subspan(static_cast<std::size_t>(at - tail.begin), static_cast<std::size_t>(stop - at));
    OGIVE_TRY(log.read(PhysicalOffset(at), piece));
    at = stop;
  }
  return tail;
}

void MasterLink::open_stream(Tail tail) {
  const store::RawLog& log = environment_.store.raw_log();
  tail_ = std::move(tail.bytes);
  tail_begin_ = tail.begin;
  tail_end_ = tail.end;
  first_report_ = tail_begin_;
  if (tail_end_ == 0) {
    first_report_ = options_.only_last_segment ? kReportEmpty : whole_log_begin_.value_or(kReportWholeLog);
  }
  decoder_ = PieceDecoder();
  next_ = -1;
  reported_ = -1;
  handshake_.reset();
  if (options_.secret) handshake_.emplace(*options_.secret);
  writer_.start();
  last_read_ms_ = environment_.executor.clock().monotonic_ms();
  set_state(LinkState::kComparing);
  OGIVE_LOG(info, "replication", "connected to the master at {}; asking for the log from offset {}, we have {} to {}",
            address_, first_report_, log.begin().value(), log.end().value());
  stream_->start(*this);
  if (handshake_) {
    say(handshake_->hello());
  } else {
    begin_stream();
  }
  tick();
}

void MasterLink::begin_stream() {
  if (tail_.empty()) set_state(LinkState::kFollowing);
  send_report(first_report_);
}

void MasterLink::on_closed(const Error& reason) {
  if (!handshake_) return lost(reason);
  untrusted(
      fmt::format("the connection ended before the master proved that it knows haSharedSecret ({}); the master's "
                  "log says more",
                  reason.message()));
}

void MasterLink::untrusted(const std::string& reason) {
  if (const auto times = untrusted_logged_.allow(); times > 0) {
    OGIVE_LOG(error, "replication", "this slave does not follow the master at {}: {} ({} times since last reported)",
              address_, reason, times);
  }
  lost(Error(Errc::kPermission, reason));
}

void MasterLink::say(std::span<const std::byte> bytes) {
  io::OutBuffer out;
  out.append(bytes);
  stream_->write(out);
  last_write_ms_ = environment_.executor.clock().monotonic_ms();
}

void MasterLink::disconnect() {
  ++attempt_;
  environment_.executor.cancel(timer_);
  timer_ = io::TimerId();
  stream_.reset();
  waits_for_flush_ = false;
  writer_.drop();
}

void MasterLink::lost(const Error& reason) {
  disconnect();
  set_state(LinkState::kConnecting, reason.message());
  connect_later(options_.reconnect);
}

void MasterLink::diverged(const Error& reason) {
  disconnect();
  set_state(LinkState::kDiverged, reason.message());
  connect_later(kLookAgain);
}

void MasterLink::connect_later(Milliseconds delay) {
  timer_ = environment_.executor.run_after(delay, [this] {
    timer_ = io::TimerId();
    connect();
  });
}

// ---- Receiving ----

// Nothing is appended, compared or reported before it is done. The bytes taken; none where the connection is over.
std::optional<std::size_t> MasterLink::take_handshake(ByteView data) {
  std::size_t consumed = 0;
  while (handshake_) {
    auto step = handshake_->take(data.subspan(consumed));
    if (!step) {
      untrusted(step.error().message());
      return std::nullopt;
    }
    if (step->consumed == 0) break;
    consumed += step->consumed;
    if (!step->say.empty()) say(step->say);
    if (!step->done) continue;
    handshake_.reset();
    begin_stream();
  }
  return consumed;
}

io::StreamHandler::Consumed MasterLink::on_data(ByteView data) {
  last_read_ms_ = environment_.executor.clock().monotonic_ms();
  const auto shaken = take_handshake(data);
  if (!shaken) return {data.size(), 0};
  std::size_t consumed = *shaken;
  if (handshake_) return {consumed, 0};
  const std::uint64_t attempt = attempt_;
  Status status;
  while (status) {
    auto event = decoder_.next(data.subspan(consumed));
    if (!event) {
      status = fail(std::move(event).error());
      break;
    }
    consumed += event->consumed;
    if (event->kind == PieceDecoder::Event::Kind::kNeedMore) break;
    status = take(*event);
    if (attempt != attempt_) return {data.size(), 0};
  }
  if (status) writer_.flush();
  if (attempt != attempt_) return {data.size(), 0};  // The writer gave up.
  if (!status) {
    status.error().code() == Errc::kCorrupt ? diverged(status.error()) : lost(status.error());
    return {data.size(), 0};
  }
  if (writer_.busy()) stream_->pause_reading(true);
  const std::lock_guard lock(status_mutex_);
  status_.last_read_ms = environment_.executor.clock().wall_ms();
  received_ += static_cast<std::int64_t>(consumed);
  if (const std::int64_t past_ms = last_read_ms_ - rate_since_ms_; past_ms >= 1'000) {
    status_.bytes_per_second = received_ * 1'000 / past_ms;
    received_ = 0;
    rate_since_ms_ = last_read_ms_;
  }
  status_.master_end = std::max(status_.master_end, next_);
  return {consumed, 0};
}

Status MasterLink::take(const PieceDecoder::Event& event) {
  if (event.kind == PieceDecoder::Event::Kind::kHeartbeat) return take_heartbeat(event.offset);
  return take_bytes(event.offset, event.bytes);
}

Status MasterLink::take_heartbeat(std::int64_t offset) {
  const bool comparing = !tail_.empty();
  if (comparing) {
    // The master has nothing more to send, or says where its log begins or ends.
    const std::int64_t stands = next_ < 0 ? tail_begin_ : next_;
    return fail(Errc::kCorrupt, fmt::format("our log ends at {}, the master stands at {} and has nothing at {}",
                                            tail_end_, offset, stands));
  }
  if (next_ >= 0 && offset != next_) {
    return fail(Errc::kInvalidArgument, fmt::format("the master goes on at {}, its stream at {}", offset, next_));
  }
  // A master that has these bytes sends them long before its first heartbeat.
  if (next_ < 0 && first_report_ == kReportWholeLog) ask_where_it_begins();
  return {};
}

// A master of the original does not answer a slave that asks for what its log no longer has.
void MasterLink::ask_where_it_begins() {
  if (!ask_begin_ || whole_log_begin_) return;
  ask_begin_([this, alive = alive_, attempt = attempt_](Result<std::int64_t> begin) {
    if (!*alive || attempt != attempt_ || next_ >= 0) return;
    if (!begin) {
      OGIVE_LOG(warn, "replication", "where the master's log begins is not known yet: {}", begin.error().message());
      return;
    }
    if (*begin <= 0) return;  // It has no log yet.
    whole_log_begin_ = *begin;
    lost(Error(Errc::kCancelled, fmt::format("the master's log begins at {}", *begin)));
  });
}

Status MasterLink::take_bytes(std::int64_t offset, ByteView bytes) {
  if (next_ < 0) {
    OGIVE_TRY(take_first(offset));
  } else if (offset != next_) {
    return fail(Errc::kInvalidArgument, fmt::format("the master sent offset {} behind {}", offset, next_));
  }
  next_ = offset + static_cast<std::int64_t>(bytes.size());
  if (!tail_.empty()) OGIVE_TRY(compare(offset, bytes));
  if (!bytes.empty()) writer_.add(bytes);
  return {};
}

// The stream's first bytes say whether we got what we asked for.
Status MasterLink::take_first(std::int64_t offset) {
  store::RawLog& log = environment_.store.raw_log();
  if (log.begin() != log.end()) {
    if (offset >= tail_begin_ && offset < tail_end_) {
      tail_.erase(tail_.begin(), tail_.begin() + (offset - tail_begin_));
      tail_begin_ = offset;
      return {};
    }
    return fail(Errc::kCorrupt, fmt::format("our log is {} to {}, the master's begins at {} only", log.begin().value(),
                                            log.end().value(), offset));
  }
  if (offset == kReportWholeLog && log.end().value() == 0) {
    constexpr std::byte kFirst{0};  // Of a record's size.
    writer_.add({&kFirst, 1});
    return {};
  }
  if (offset == log.end().value()) return {};
  if (log.end().value() != 0) {
    return fail(Errc::kInvalidArgument,
                fmt::format("our log begins at {}, the master sent offset {}", log.end().value(), offset));
  }
  // Once in a slave's life, before anything is in its log: worth a moment on this thread.
  OGIVE_TRY(log.begin_at(PhysicalOffset(offset)));
  writer_.start();
  OGIVE_LOG(warn, "replication", "the master's log begins at offset {}: this slave covers it from there", offset);
  return {};
}

// Takes from `bytes` what we have already.
Status MasterLink::compare(std::int64_t offset, ByteView& bytes) {
  const auto at = static_cast<std::size_t>(offset - tail_begin_);
  const std::size_t count = std::min(bytes.size(), tail_.size() - at);
  const auto [ours, theirs] = std::ranges::mismatch(std::span(tail_).subspan(at, count), bytes.first(count));
  if (theirs != bytes.begin() + static_cast<std::ptrdiff_t>(count)) {
    return fail(Errc::kCorrupt, fmt::format("the logs differ at offset {}; ours ends at {}",
                                            offset + (theirs - bytes.begin()), tail_end_));
  }
  bytes = bytes.subspan(count);
  if (at + count < tail_.size()) return {};
  tail_.clear();
  set_state(LinkState::kFollowing);
  report();
  return {};
}

// ---- Reporting ----

void MasterLink::report() {
  if (!stream_ || !tail_.empty()) return;
  store::MessageStore& store = environment_.store;
  if (!options_.report_flushed) return send_report(store.raw_log().end().value());
  const PhysicalOffset end = store.raw_log().end();
  if (store.flushed().value() >= end) return send_report(end.value());
  if (std::exchange(waits_for_flush_, true)) return;
  store.request_flush();
  store.flushed().wait(end, environment_.executor, [this, alive = alive_, attempt = attempt_](Status status) {
    if (!*alive || attempt != attempt_) return;
    waits_for_flush_ = false;
    if (!status || !stream_) return;
    send_report(environment_.store.flushed().value().value());
    report();
  });
}

void MasterLink::send_report(std::int64_t offset) {
  if (offset <= reported_) return;
  reported_ = offset;
  io::OutBuffer out;
  out.append(encode_report(offset));
  stream_->write(out);
  last_write_ms_ = environment_.executor.clock().monotonic_ms();
  const std::lock_guard lock(status_mutex_);
  status_.reported = offset;
  status_.last_write_ms = environment_.executor.clock().wall_ms();
}

void MasterLink::tick() {
  const std::int64_t now_ms = environment_.executor.clock().monotonic_ms();
  if (now_ms - last_read_ms_ > options_.silence.count()) {
    return lost(Error(Errc::kTimeout, fmt::format("nothing from the master for {} ms", now_ms - last_read_ms_)));
  }
  if (now_ms - last_write_ms_ >= options_.heartbeat.count()) {
    const std::int64_t again = std::exchange(reported_, -1);
    send_report(again);
  }
  const Milliseconds period =
      std::clamp(std::min(options_.heartbeat, options_.silence) / 2, Milliseconds(10), Milliseconds(1'000));
  timer_ = environment_.executor.run_after(period, [this] { tick(); });
}

}  // namespace ogive::replication
