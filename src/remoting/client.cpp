#include "remoting/client.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "protocol/codes.h"

namespace ogive::remoting {

Client::Client(io::Network& network, io::Executor& executor, ClientOptions options, const HandlerTable* table)
    : network_(network), executor_(executor), options_(options), table_(table) {}

Client::~Client() {
  *alive_ = false;
  executor_.cancel(sweep_timer_);
  for (auto& [key, peer] : peers_) executor_.cancel(peer->waiting_timer);
}

void Client::request(const io::Endpoint& remote, Message message, Milliseconds timeout, ReplyHandler done) {
  submit(remote,
         Waiting{std::move(message), false, executor_.clock().monotonic_ms() + timeout.count(), std::move(done)});
}

void Client::request_one_way(const io::Endpoint& remote, Message message) {
  const std::int64_t deadline = executor_.clock().monotonic_ms() + options_.connect_timeout.count();
  submit(remote, Waiting{std::move(message), true, deadline, nullptr});
}

void Client::submit(const io::Endpoint& remote, Waiting waiting) {
  auto& slot = peers_[remote.to_string()];
  if (!slot) {
    slot = std::make_unique<Peer>();
    slot->remote = remote;
    connect(*slot);
  }
  Peer& peer = *slot;
  if (peer.channel && peer.channel->closing()) {
    peer.channel->fail_pending(Error(Errc::kClosed, "the connection is closing"));
    peer.channel.reset();  // A fresh connection takes over.
    connect(peer);
  }
  if (peer.channel) {
    send(peer, std::move(waiting));
  } else if (peer.waiting.size() < options_.max_waiting_per_peer) {
    watch_waiting(peer, waiting.deadline_ms);
    peer.waiting.push_back(std::move(waiting));
  } else if (waiting.done) {
    executor_.post([done = std::move(waiting.done)]() mutable {
      done(fail(Errc::kLimit, "too many requests wait for the connection to open"));
    });
  }
}

void Client::connect(Peer& peer) {
  peer.generation = next_generation_++;
  network_.connect(executor_, peer.remote, options_.connect_timeout,
                   [this, alive = alive_, key = peer.remote.to_string(),
                    generation = peer.generation](Result<std::unique_ptr<io::Stream>> stream) {
                     if (*alive) on_connected(key, generation, std::move(stream));
                   });
}

void Client::on_connected(const std::string& key, std::uint64_t generation,
                          Result<std::unique_ptr<io::Stream>> stream) {
  const auto found = peers_.find(key);
  if (found == peers_.end() || found->second->generation != generation) return;  // close() came first.
  Peer& peer = *found->second;
  auto waiting = take_waiting(peer);
  if (!stream) {
    peers_.erase(found);
    for (auto& one : waiting) {
      if (one.done) one.done(fail(stream.error()));
    }
    return;
  }
  if (options_.upgrade != nullptr) {
    *stream = options_.upgrade->upgrade(executor_, std::move(*stream), io::StreamSide::kOpened);
  }
  peer.channel = std::make_unique<Channel>(ChannelId{0, 0, generation}, executor_, std::move(*stream),
                                           static_cast<ChannelOwner&>(*this), options_.limits);
  schedule_sweep();
  peer.channel->start();
  for (auto& one : waiting) send(peer, std::move(one));
}

void Client::send(Peer& peer, Waiting waiting) {
  if (waiting.one_way) {
    peer.channel->request_one_way(waiting.message);
    return;
  }
  const std::int64_t left = waiting.deadline_ms - executor_.clock().monotonic_ms();
  peer.channel->request(waiting.message, Milliseconds(std::max<std::int64_t>(left, 1)), std::move(waiting.done));
}

std::vector<Client::Waiting> Client::take_waiting(Peer& peer) {
  executor_.cancel(std::exchange(peer.waiting_timer, io::TimerId()));
  return std::exchange(peer.waiting, {});
}

void Client::watch_waiting(Peer& peer, std::int64_t deadline_ms) {
  if (peer.waiting_timer != io::TimerId()) {
    if (peer.waiting_timer_ms <= deadline_ms) return;
    executor_.cancel(peer.waiting_timer);
  }
  const std::int64_t left = deadline_ms - executor_.clock().monotonic_ms();
  peer.waiting_timer_ms = deadline_ms;
  peer.waiting_timer = executor_.run_after(
      Milliseconds(std::max<std::int64_t>(left, 1)),
      [this, key = peer.remote.to_string(), generation = peer.generation] { expire_waiting(key, generation); });
}

void Client::expire_waiting(const std::string& key, std::uint64_t generation) {
  const auto found = peers_.find(key);
  if (found == peers_.end() || found->second->generation != generation) return;
  Peer& peer = *found->second;
  peer.waiting_timer = io::TimerId();
  const std::int64_t now = executor_.clock().monotonic_ms();
  const auto late_begin =
      std::ranges::stable_partition(peer.waiting, [now](const Waiting& one) { return one.deadline_ms > now; }).begin();
  std::vector<Waiting> late(std::make_move_iterator(late_begin), std::make_move_iterator(peer.waiting.end()));
  peer.waiting.erase(late_begin, peer.waiting.end());
  if (const auto next = std::ranges::min_element(peer.waiting, {}, &Waiting::deadline_ms); next != peer.waiting.end()) {
    watch_waiting(peer, next->deadline_ms);
  }
  for (auto& one : late) {
    if (!one.done) continue;
    one.done(fail(Errc::kTimeout,
                  fmt::format("request code {}: the connection to {} did not open in time", one.message.code, key)));
  }
}

void Client::schedule_sweep() {
  if (sweep_timer_ != io::TimerId() || options_.limits.idle_timeout <= Milliseconds(0)) return;
  sweep_timer_ = executor_.run_after(options_.limits.idle_timeout / 4, [this] {
    sweep_timer_ = io::TimerId();
    sweep_idle();
  });
}

void Client::sweep_idle() {
  const std::int64_t limit = executor_.clock().monotonic_ms() - options_.limits.idle_timeout.count();
  for (auto& [key, peer] : peers_) {
    if (peer->channel && peer->channel->idle_since(limit)) peer->channel->close("idle");
  }
  if (!peers_.empty()) schedule_sweep();
}

void Client::close(const io::Endpoint& remote) {
  const auto found = peers_.find(remote.to_string());
  if (found == peers_.end()) return;
  if (found->second->channel) {
    found->second->channel->close("closed by its owner");
  } else {
    auto waiting = take_waiting(*found->second);
    peers_.erase(found);
    for (auto& one : waiting) {
      if (one.done) one.done(fail(Errc::kCancelled, "the connection was closed by its owner"));
    }
  }
}

void Client::on_request(Channel& channel, const protocol::Frame& frame) {
  const ReplyTo to{channel.id(), frame.opaque, frame.serialization, frame.is_one_way()};
  const HandlerRow* row = table_ == nullptr ? nullptr : table_->find(frame.code);
  if (row == nullptr) {
    channel.reply(to, Message(protocol::response_code::kRequestCodeNotSupported,
                              fmt::format(" request type {} not supported", frame.code)));
    return;
  }
  const Request request{frame, to, channel.remote(), channel.local(), &channel};
  if (const auto* later = std::get_if<AnswerLater>(&row->handler)) {
    (*later)(request);
  } else {
    channel.reply(to, std::get<Answer>(row->handler)(request));
  }
}

void Client::on_channel_closed(Channel& channel, const Error&) {
  const auto found = peers_.find(channel.remote().to_string());
  if (found == peers_.end() || found->second->channel.get() != &channel) return;
  const io::Endpoint remote = found->second->remote;
  peers_.erase(found);
  if (close_listener_) close_listener_(remote);
}

}  // namespace ogive::remoting
