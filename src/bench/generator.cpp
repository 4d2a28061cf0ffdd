#include "bench/generator.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace ogive::bench {
namespace {

constexpr Milliseconds kConnectTimeout{5'000};
constexpr Milliseconds kShortestSlice{100};
constexpr int kMostSlices = 3'600;
constexpr std::size_t kMostPending = 1u << 20;  ///< Bytes of one-way requests that wait for a socket.
constexpr std::int64_t kAwakeNs = 100'000;      ///< Timers may be late by as much: nearer times are waited for awake.
constexpr std::int64_t kNapNs = 100'000;        ///< At least, where it is to sleep.
constexpr std::int64_t kNoSlotNs = 1'000'000;   ///< Until it is looked again where every slot is taken.

}  // namespace

/// One connection's requests, by slot. Requests answering one read leave in one write.
class Generator::Connection final : public io::StreamHandler {
 public:
  Connection(Generator& owner, unsigned index, std::unique_ptr<io::Stream> stream)
      : owner_(owner), index_(index), stream_(std::move(stream)), sent_ns_(owner.plan_.in_flight) {}

  void begin() {
    stream_->start(*this);
    if (owner_.plan_.rate != 0) {
      for (std::size_t slot = sent_ns_.size(); slot-- > 0;) free_.push_back(static_cast<std::int32_t>(slot));
      return;
    }
    burst();
  }
  void stop() { stream_.reset(); }

  /// At a rate: sends a request that was due at `due`, with the next flush(); false when none may be sent now.
  bool send(std::int64_t due) {
    if (free_.empty() || !stream_) return false;
    if (owner_.plan_.one_way) {
      if (stream_->pending_bytes() + out_.size() > kMostPending) return false;
      ask(0, due);
      return true;
    }
    const std::int32_t slot = free_.back();
    free_.pop_back();
    ask(slot, due);
    return true;
  }
  void flush() {
    if (!out_.empty() && stream_) stream_->write(out_);
  }

  Consumed on_data(ByteView data) override {
    if (owner_.plan_.one_way) return {data.size(), 0};  // Some servers answer all the same.
    const std::int64_t now = owner_.executor_.clock().monotonic_ns();
    std::size_t used = 0;
    while (used < data.size()) {
      const ByteView rest = data.subspan(used);
      const auto size = protocol::frame_size(rest);
      if (!size) {
        owner_.fail_with(size.error());
        return {data.size(), 0};
      }
      if (*size == 0 || *size > rest.size()) {
        answered(now);
        return {used, *size};
      }
      if (!take(rest.first(*size), now)) return {data.size(), 0};
      used += *size;
    }
    answered(now);
    return {used, 0};
  }
  void on_drained() override {
    if (!owner_.plan_.one_way || owner_.over_) return;
    if (owner_.plan_.rate == 0) return burst();
    owner_.send_due(owner_.executor_.clock().monotonic_ns());
    flush();
  }
  void on_closed(const Error& reason) override { owner_.fail_with(reason); }

 private:
  /// Without a rate: a request in every slot; one-way ones again and again, as the socket takes them.
  void burst() {
    const std::int64_t now = owner_.executor_.clock().monotonic_ns();
    for (std::size_t slot = 0; slot < sent_ns_.size(); ++slot) ask(static_cast<std::int32_t>(slot), now);
    stream_->write(out_);
    if (!owner_.plan_.one_way || stream_->pending_bytes() > 0) return;
    const auto again = [&owner = owner_, alive = owner_.alive_, this] {
      if (*alive && !owner.over_) burst();
    };
    // A simulated clock stands still until we sleep.
    if (now == std::exchange(last_burst_ns_, now)) {
      owner_.executor_.run_after(Milliseconds(1), again);
    } else {
      owner_.executor_.post(again);
    }
  }

  void answered(std::int64_t now) {
    if (owner_.plan_.rate != 0 && !owner_.over_) owner_.send_due(now);
    flush();
  }

  void ask(std::int32_t slot, std::int64_t now) {
    const std::size_t before = out_.size();
    owner_.workload_.write(out_, index_, slot, now);
    sent_ns_[static_cast<std::size_t>(slot)] = now;
    if (!owner_.measuring_) return;
    owner_.result_.sent_bytes += out_.size() - before;
    if (owner_.plan_.one_way) {
      ++owner_.result_.requests;
      owner_.result_.messages += owner_.workload_.messages_per_request();
    }
  }

  bool take(ByteView frame, std::int64_t now) {
    const auto reply = scan_reply(frame, owner_.scratch_);
    if (!reply) {
      owner_.fail_with(reply.error());
      return false;
    }
    const std::int64_t slot = std::int64_t{reply->opaque} - RequestTemplate::kFirstOpaque;
    if (slot < 0 || slot >= static_cast<std::int64_t>(sent_ns_.size())) {
      owner_.fail_with(
          Error(Errc::kCorrupt, fmt::format("a reply has opaque {}, which was never sent", reply->opaque)));
      return false;
    }
    const auto at = static_cast<std::int32_t>(slot);
    const ReplyNote note = owner_.workload_.take(index_, at, *reply, frame);
    if (note.answer >= Answer::kBusy) [[unlikely]]
      owner_.note_refusal(note.answer, reply->code, frame);
    if (owner_.measuring_) {
      owner_.result_.received_bytes += frame.size();
      owner_.note(note, now - sent_ns_[static_cast<std::size_t>(slot)]);
    }
    if (owner_.plan_.rate == 0) {
      ask(at, now);  // Leaves with the flush at the end of what was read.
    } else {
      free_.push_back(at);
    }
    return true;
  }

  Generator& owner_;
  const unsigned index_;
  std::unique_ptr<io::Stream> stream_;
  std::vector<std::int64_t> sent_ns_;  ///< By slot; at a rate when the request was due.
  std::vector<std::int32_t> free_;     ///< At a rate: slots without a request under way.
  io::OutBuffer out_;
  std::int64_t last_burst_ns_ = 0;
};

Generator::Generator(io::Network& network, io::Executor& executor, Workload& workload, const LoadPlan& plan)
    : network_(network), executor_(executor), workload_(workload), plan_(plan), connections_(plan.connections) {}

Generator::~Generator() {
  *alive_ = false;
}

void Generator::start(std::function<void()> on_measure, Done done) {
  on_measure_ = std::move(on_measure);
  done_ = std::move(done);
  for (unsigned i = 0; i < plan_.connections; ++i) {
    network_.connect(executor_, plan_.server, kConnectTimeout,
                     [this, alive = alive_, i](Result<std::unique_ptr<io::Stream>> stream) {
                       if (*alive) on_connected(i, std::move(stream));
                     });
  }
}

void Generator::on_connected(unsigned index, Result<std::unique_ptr<io::Stream>> stream) {
  if (over_) return;
  if (!stream) return fail_with(stream.error());
  connections_[index] = std::make_unique<Connection>(*this, index, std::move(*stream));
  if (++connected_ == plan_.connections) begin();
}

void Generator::begin() {
  for (auto& connection : connections_) {
    connection->begin();
    if (over_) return;
  }
  timer_ = executor_.run_after(plan_.warm_up, [this] { begin_measuring(); });
  began_ns_ = executor_.clock().monotonic_ns();
  if (plan_.rate != 0) pump();
}

std::int64_t Generator::due_ns(std::uint64_t number) const {
  return began_ns_ + static_cast<std::int64_t>(static_cast<double>(number) * 1e9 / plan_.rate);
}

// A request that finds every slot taken waits for a reply, and its latency with it.
void Generator::send_due(std::int64_t now) {
  const std::uint64_t before = next_request_;
  std::size_t refused = 0;
  while (refused < connections_.size() && due_ns(next_request_) <= now) {
    if (connections_[next_connection_]->send(due_ns(next_request_))) {
      ++next_request_;
      refused = 0;
    } else {
      ++refused;
    }
    if (++next_connection_ == connections_.size()) next_connection_ = 0;
  }
  if (next_request_ == before) return;
  for (auto& connection : connections_) connection->flush();
}

void Generator::pump() {
  if (over_) return;
  const std::int64_t now = executor_.clock().monotonic_ns();
  send_due(now);
  if (over_) return;
  const std::int64_t wait = due_ns(next_request_) - now;
  // What could not be sent is sent by the replies, not here. And a simulated clock stands still until we sleep.
  std::int64_t sleep = wait <= 0 || now == std::exchange(last_pump_ns_, now) ? kNoSlotNs : wait - kAwakeNs;
  if (plan_.asleep && wait > 0) sleep = std::max(wait, kNapNs);
  if (sleep > 0) {
    pump_timer_ = executor_.run_after(Microseconds(sleep / 1'000), [this] { pump(); });
  } else {
    executor_.post([this, alive = alive_] {
      if (*alive) pump();
    });
  }
}

void Generator::begin_measuring() {
  if (on_measure_) on_measure_();
  measuring_ = true;
  measured_from_ns_ = executor_.clock().monotonic_ns();
  timer_ = executor_.run_after(plan_.measured, [this] { finish(); });
  begin_slice();
}

void Generator::begin_slice() {
  slice_began_at_ = result_.messages;
  slice_timer_ = executor_.run_after(std::max(kShortestSlice, plan_.measured / kMostSlices), [this] {
    end_slice();
    begin_slice();
  });
}

void Generator::end_slice() {
  const std::int64_t passed_ns = executor_.clock().monotonic_ns() - measured_from_ns_;
  const LoadSlice slice{static_cast<double>(passed_ns) / 1e9, result_.messages - slice_began_at_,
                        slice_latency_ns_.quantile(0.5), slice_latency_ns_.quantile(0.99), slice_latency_ns_.max()};
  result_.latency_ns.merge(slice_latency_ns_);
  slice_latency_ns_.clear();
  result_.slices.push_back(slice);
  if (watch_) watch_(slice);
}

void Generator::finish() {
  measuring_ = false;
  over_ = true;
  const std::int64_t now = executor_.clock().monotonic_ns();
  executor_.cancel(pump_timer_);
  executor_.cancel(slice_timer_);
  end_slice();
  if (plan_.rate != 0) {
    const std::int64_t looked_ns = plan_.asleep ? now - kNapNs : now;  // It may have slept since.
    const auto due = static_cast<std::uint64_t>(static_cast<double>(looked_ns - began_ns_) * plan_.rate / 1e9);
    result_.backlog = due > next_request_ ? due - next_request_ : 0;
  }
  result_.seconds = static_cast<double>(now - measured_from_ns_) / 1e9;
  done_(std::move(result_));
  for (auto& connection : connections_) connection->stop();
}

void Generator::fail_with(const Error& error) {
  if (over_) return;
  over_ = true;
  measuring_ = false;
  executor_.cancel(timer_);
  executor_.cancel(pump_timer_);
  executor_.cancel(slice_timer_);
  // Posted: connections may be in the middle of a callback.
  executor_.post([this, alive = alive_, error] {
    if (!*alive) return;
    for (auto& connection : connections_) {
      if (connection) connection->stop();
    }
    done_(fail(error));
  });
}

void Generator::note(const ReplyNote& note, std::int64_t latency_ns) {
  ++result_.requests;
  result_.messages += note.messages;
  switch (note.answer) {
    case Answer::kDone:
      return slice_latency_ns_.record(static_cast<std::uint64_t>(latency_ns));
    case Answer::kEmpty:
      ++result_.empty;
      return;
    case Answer::kBusy:
      ++result_.busy;
      return;
    case Answer::kRefused:
      ++result_.refused;
      return;
  }
}

void Generator::note_refusal(Answer answer, std::int32_t code, ByteView frame) {
  const bool refused = answer == Answer::kRefused;
  if (!result_.first_refusal.empty() && (first_was_refused_ || !refused)) return;
  first_was_refused_ = refused;
  protocol::Frame whole;
  const bool decoded = whole.decode(frame).has_value();
  result_.first_refusal = fmt::format("code {}: {}", code, decoded ? whole.remark : "");
}

}  // namespace ogive::bench
