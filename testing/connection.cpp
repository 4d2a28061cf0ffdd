#include "testing/connection.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>

#include "base/check.h"
#include "testing/sim_world.h"

namespace ogive::sim {
namespace {

constexpr std::size_t kMaxSegmentBytes = 64 << 10;

Error closed(int os_error, const Connection::Side& side) {
  return Error::from_errno(
      os_error, fmt::format("connection {} - {} (simulated)", side.local.to_string(), side.remote.to_string()));
}

}  // namespace

Connection::Connection(SimInternet& internet, std::uint64_t id, Side connector, Side acceptor)
    : internet_(internet), id_(id) {
  ends_[0].side = std::move(connector);
  ends_[1].side = std::move(acceptor);
}

Connection::~Connection() = default;

template <class Action>
void Connection::at(std::int64_t time_ns, Action action) {
  internet_.world().at_ns(time_ns, [internet = &internet_, id = id_, action] {
    if (Connection* connection = internet->find(id)) action(*connection);
  });
}

template <class Action>
void Connection::on_executor(int end, Action action) {
  SimExecutor* executor = ends_[end].side.executor;
  if (executor == nullptr) return;
  executor->post([internet = &internet_, id = id_, action] {
    if (Connection* connection = internet->find(id)) action(*connection);
  });
}

std::unique_ptr<io::Stream> Connection::open_stream(int end) {
  auto stream = std::make_unique<SimStream>(*this, end);
  ends_[end].stream = stream.get();
  ends_[end].awaiting_stream = false;
  return stream;
}

void Connection::refuse() {
  End& acceptor = ends_[1];
  acceptor.awaiting_stream = false;
  acceptor.open = false;
  acceptor.arrived.clear();
  send_reset(1);
  erase_when_finished();
}

void Connection::start(int end, io::StreamHandler& handler) {
  End& self = ends_[end];
  self.handler = &handler;
  if (self.failure) {
    post_closed(end);
  } else {
    post_read(end);
  }
}

void Connection::write(int end, io::OutBuffer& data) {
  End& self = ends_[end];
  if (!self.open || self.closing) {
    data.clear();
    return;
  }
  const LinkOptions& link = internet_.link(self.side.host, ends_[1 - end].side.host);
  self.unsent.splice(data);
  if (!self.socket_busy && internet_.random_.chance(link.busy_socket_percent)) {
    self.socket_busy = true;
    at(internet_.world().now_ns() + 50'000, [end](Connection& connection) {
      connection.ends_[end].socket_busy = false;
      connection.pump(end);
    });
  }
  pump(end);
  if (!self.unsent.empty()) self.must_drain = true;
}

void Connection::pump(int end) {
  End& self = ends_[end];
  const End& peer = ends_[1 - end];
  if (!self.open || self.socket_busy) return;
  const LinkOptions& link = internet_.link(self.side.host, peer.side.host);
  while (!self.unsent.empty()) {
    const std::size_t used = self.in_flight_bytes + peer.arrived.size();
    if (used >= link.socket_bytes) return;
    std::size_t take = std::min({self.unsent.size(), link.socket_bytes - used, kMaxSegmentBytes});
    if (take > 1 && internet_.random_.chance(link.split_percent)) take = 1 + internet_.random_.below(take);
    std::vector<std::byte> bytes;
    bytes.reserve(take);
    while (bytes.size() < take) {
      ByteView piece;
      self.unsent.peek({&piece, 1});
      const std::size_t part = std::min(piece.size(), take - bytes.size());
      bytes.insert(bytes.end(), piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(part));
      self.unsent.consume(part);
    }
    send_segment(end, std::move(bytes), false);
  }
  if (self.closing) {
    finish_close(end);
  } else if (self.must_drain) {
    self.must_drain = false;
    on_executor(end, [end](Connection& connection) {
      End& drained = connection.ends_[end];
      if (drained.open && drained.stream != nullptr && drained.handler != nullptr && drained.unsent.empty()) {
        drained.handler->on_drained();
      }
    });
  }
}

void Connection::send_segment(int end, std::vector<std::byte> bytes, bool end_of_stream) {
  End& self = ends_[end];
  const std::int64_t latency = internet_.latency_ns(self.side.host, ends_[1 - end].side.host);
  self.last_due_ns = std::max(self.last_due_ns, internet_.world().now_ns() + latency);
  self.in_flight_bytes += bytes.size();
  self.in_flight.push_back({std::move(bytes), self.last_due_ns, end_of_stream});
  schedule_arrival(end, self.last_due_ns);
}

void Connection::schedule_arrival(int end, std::int64_t at_ns) {
  at(at_ns, [end](Connection& connection) { connection.arrive(end); });
}

void Connection::arrive(int from) {
  End& sender = ends_[from];
  End& receiver = ends_[1 - from];
  const std::uint32_t sender_host = sender.side.host;
  const std::uint32_t receiver_host = receiver.side.host;
  // Without acknowledgements the sender gives up, even though its data arrive.
  if (!internet_.reachable(receiver_host, sender_host)) start_break_timer(from);
  if (!internet_.reachable(sender_host, receiver_host)) {
    start_break_timer(from);
    return;
  }
  const unsigned fragility = internet_.link(sender_host, receiver_host).break_per_100k_segments;
  bool unwelcome = false;
  while (!sender.in_flight.empty() && sender.in_flight.front().due_ns <= internet_.world().now_ns()) {
    Segment segment = std::move(sender.in_flight.front());
    sender.in_flight.pop_front();
    sender.in_flight_bytes -= segment.bytes.size();
    internet_.world().mix(segment.bytes.size());
    if (sender.cut || (fragility != 0 && internet_.random_.below(100'000) < fragility)) {
      // Whatever was sent behind a lost segment is lost as well: a stream has no gaps.
      if (!std::exchange(sender.cut, true)) reset();
      sender.in_flight.clear();
      sender.in_flight_bytes = 0;
      erase_when_finished();
      return;
    }
    if (!receiver.open) {
      unwelcome = unwelcome || !segment.end_of_stream;
      continue;
    }
    internet_.bytes_delivered_ += segment.bytes.size();
    receiver.arrived.insert(receiver.arrived.end(), segment.bytes.begin(), segment.bytes.end());
    receiver.end_arrived = receiver.end_arrived || segment.end_of_stream;
  }
  if (unwelcome && sender.open) send_reset(1 - from);
  if (receiver.open) post_read(1 - from);
  erase_when_finished();
}

void Connection::start_break_timer(int end) {
  End& self = ends_[end];
  if (self.breaking || !self.open) return;
  self.breaking = true;
  const std::int64_t patience =
      internet_.link(self.side.host, ends_[1 - end].side.host).break_after.count() * 1'000'000;
  at(internet_.world().now_ns() + patience, [end, epoch = internet_.link_epoch_, patience](Connection& connection) {
    connection.ends_[end].breaking = false;
    SimInternet& internet = connection.internet_;
    if (internet.link_epoch_ != epoch) return;
    connection.fail_end(end, closed(ETIMEDOUT, connection.ends_[end].side));
    // The other end learns it later, from its own keep-alive, unless the way is free again before.
    const auto later = static_cast<std::int64_t>(internet.random_.below(static_cast<std::uint64_t>(patience) + 1));
    connection.at(internet.world().now_ns() + later, [end](Connection& half_open) {
      half_open.fail_end(1 - end, closed(ETIMEDOUT, half_open.ends_[1 - end].side));
    });
  });
}

void Connection::send_reset(int from) {
  const int to = 1 - from;
  const std::uint32_t sender = ends_[from].side.host;
  const std::uint32_t receiver = ends_[to].side.host;
  at(internet_.world().now_ns() + internet_.latency_ns(sender, receiver),
     [to, sender, receiver](Connection& connection) {
       if (!connection.internet_.reachable(sender, receiver)) return;
       connection.fail_end(to, closed(ECONNRESET, connection.ends_[to].side));
     });
}

void Connection::reset() {
  for (const int end : {0, 1}) {
    const std::int64_t latency = internet_.latency_ns(ends_[1 - end].side.host, ends_[end].side.host);
    at(internet_.world().now_ns() + latency,
       [end](Connection& connection) { connection.fail_end(end, closed(ECONNRESET, connection.ends_[end].side)); });
  }
}

void Connection::fail_end(int end, Error reason) {
  End& self = ends_[end];
  if (!self.open) return;
  self.open = false;
  self.failure = std::move(reason);
  self.unsent.clear();
  self.in_flight.clear();
  self.in_flight_bytes = 0;
  self.arrived.clear();
  post_closed(end);
}

void Connection::pause_reading(int end, bool paused) {
  End& self = ends_[end];
  if (self.paused == paused) return;
  self.paused = paused;
  // What was left over during the pause may be complete frames: no further byte need arrive.
  self.reread = !paused && !self.input.empty();
  if (!paused) post_read(end);
}

void Connection::close_after_flush(int end, Milliseconds linger) {
  End& self = ends_[end];
  if (!self.open || self.closing) return;
  self.closing = true;
  if (self.unsent.empty()) {
    finish_close(end);
    return;
  }
  at(internet_.world().now_ns() + linger.count() * 1'000'000,
     [end](Connection& connection) { connection.finish_close(end); });
}

void Connection::finish_close(int end) {
  End& self = ends_[end];
  if (!self.open) return;
  self.open = false;
  self.failure = self.unsent.empty()
                     ? Error(Errc::kCancelled, fmt::format("closed the connection to {}", self.side.remote.to_string()))
                     : Error(Errc::kTimeout, fmt::format("closed the connection to {} with {} bytes unsent",
                                                         self.side.remote.to_string(), self.unsent.size()));
  self.unsent.clear();
  self.arrived.clear();
  send_segment(end, {}, true);
  post_closed(end);
}

void Connection::stream_destroyed(int end) {
  End& self = ends_[end];
  self.stream = nullptr;
  self.handler = nullptr;
  if (self.open) {
    self.open = false;
    self.unsent.clear();
    if (self.arrived.empty()) {
      send_segment(end, {}, true);
    } else {
      // Closing with unread data aborts the connection, also what is on the way.
      self.arrived.clear();
      self.in_flight.clear();
      self.in_flight_bytes = 0;
      send_reset(end);
    }
  }
  erase_when_finished();
}

void Connection::host_died(std::uint32_t host, bool power_lost) {
  for (const int end : {0, 1}) {
    End& self = ends_[end];
    if (self.side.host != host) continue;
    if (power_lost) {
      self.open = false;
      self.unsent.clear();
      self.arrived.clear();
      self.in_flight.clear();
      self.in_flight_bytes = 0;
    } else if (self.open) {
      SimStream* const stream = self.stream;
      stream_destroyed(end);
      self.stream = stream;  // Still there, until the dead process is cleared away.
    }
    self.awaiting_stream = false;
    self.handler = nullptr;
  }
  erase_when_finished();
}

void Connection::resume() {
  for (const int end : {0, 1}) {
    End& self = ends_[end];
    if (self.in_flight.empty()) continue;
    const std::int64_t latency = internet_.latency_ns(self.side.host, ends_[1 - end].side.host);
    const std::int64_t earliest = internet_.world().now_ns() + latency;
    for (Segment& segment : self.in_flight) segment.due_ns = std::max(segment.due_ns, earliest);
    self.last_due_ns = std::max(self.last_due_ns, earliest);
    for (const Segment& segment : self.in_flight) schedule_arrival(end, segment.due_ns);
  }
}

bool Connection::between(std::uint32_t a, std::uint32_t b) const {
  const std::uint32_t first = ends_[0].side.host;
  const std::uint32_t second = ends_[1].side.host;
  return (first == a && second == b) || (first == b && second == a);
}

bool Connection::finished() const {
  for (const End& end : ends_) {
    if (end.open || end.stream != nullptr || end.awaiting_stream || !end.in_flight.empty()) return false;
  }
  return true;
}

void Connection::erase_when_finished() {
  if (!finished()) return;
  // Not here: a method of this object is running.
  internet_.world().at_ns(internet_.world().now_ns(), [internet = &internet_, id = id_] {
    if (Connection* connection = internet->find(id); connection != nullptr && connection->finished()) {
      internet->connections_.erase(id);
    }
  });
}

void Connection::post_read(int end) {
  End& self = ends_[end];
  if (self.read_posted || self.paused || self.handler == nullptr || !self.open || self.closing) return;
  if (self.arrived.empty() && !self.end_arrived && !self.reread) return;
  self.read_posted = true;
  on_executor(end, [end](Connection& connection) { connection.read(end); });
}

void Connection::read(int end) {
  End& self = ends_[end];
  self.read_posted = false;
  if (self.paused || self.handler == nullptr || !self.open || self.closing) return;
  const bool reread = std::exchange(self.reread, false);
  if (!self.arrived.empty() || reread) {
    self.input.insert(self.input.end(), self.arrived.begin(), self.arrived.end());
    self.arrived.clear();
    pump(1 - end);
    if (self.input.size() >= self.wanted && !hand_over(end)) return;
  }
  if (self.end_arrived && self.arrived.empty() && !self.paused && self.open && !self.closing) {
    self.open = false;
    self.unsent.clear();
    send_segment(end, {}, true);
    self.failure = Error(Errc::kClosed, fmt::format("connection closed by {}", self.side.remote.to_string()));
    deliver_closed(end);
  }
}

bool Connection::hand_over(int end) {
  End& self = ends_[end];
  // Kept alive here: the handler may destroy the stream while it looks at the bytes.
  std::vector<std::byte> input;
  input.swap(self.input);
  const io::StreamHandler::Consumed consumed = self.handler->on_data(input);
  OGIVE_CHECK_MSG(consumed.bytes <= input.size(), "consumed={} given={}", consumed.bytes, input.size());
  if (self.handler == nullptr || !self.open) return false;
  input.erase(input.begin(), input.begin() + static_cast<std::ptrdiff_t>(consumed.bytes));
  self.input = std::move(input);
  self.wanted = consumed.wanted;
  // Resumed within the call: what was kept is offered once more.
  self.reread = self.reread && !self.paused && !self.input.empty();
  return true;
}

void Connection::post_closed(int end) {
  End& self = ends_[end];
  if (self.close_posted || self.handler == nullptr) return;
  self.close_posted = true;
  on_executor(end, [end](Connection& connection) { connection.deliver_closed(end); });
}

void Connection::deliver_closed(int end) {
  End& self = ends_[end];
  if (!self.failure || self.handler == nullptr) return;
  const Error reason = *std::move(self.failure);
  self.failure.reset();
  io::StreamHandler* const handler = self.handler;
  self.handler = nullptr;
  handler->on_closed(reason);
}

SimStream::~SimStream() {
  check_thread();
  connection_.stream_destroyed(end_);
}

void SimStream::start(io::StreamHandler& handler) {
  check_thread();
  connection_.start(end_, handler);
}

void SimStream::write(io::OutBuffer& data) {
  check_thread();
  connection_.write(end_, data);
}

void SimStream::pause_reading(bool paused) {
  check_thread();
  connection_.pause_reading(end_, paused);
}

void SimStream::close_after_flush(Milliseconds linger) {
  check_thread();
  connection_.close_after_flush(end_, linger);
}

void SimStream::check_thread() const {
  const SimExecutor* own = connection_.ends_[end_].side.executor;
  const SimExecutor* current = own->world().current();
  OGIVE_CHECK_MSG(own->retired() || current == nullptr || current == own, "a stream of {} was used on {} (seed {})",
                  own->name(), current->name(), own->world().seed());
}

}  // namespace ogive::sim
