#include "remoting/client.h"

#include <fmt/core.h>

#include "protocol/codes.h"

namespace ogive::remoting {

Client::Client(io::Network& network, io::Executor& executor, ClientOptions options, const HandlerTable* table)
    : network_(network), executor_(executor), options_(options), table_(table) {}

Client::~Client() {
  *alive_ = false;
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
  auto waiting = std::move(peer.waiting);
  peer.waiting.clear();
  if (!stream) {
    peers_.erase(found);
    for (auto& one : waiting) {
      if (one.done)
        one.done(fail(stream.error().code(), fmt::format("connect to {}: {}", key, stream.error().message())));
    }
    return;
  }
  peer.channel = std::make_unique<Channel>(ChannelId{0, 0, generation}, executor_, std::move(*stream),
                                           static_cast<ChannelOwner&>(*this), options_.limits);
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

void Client::close(const io::Endpoint& remote) {
  const auto found = peers_.find(remote.to_string());
  if (found == peers_.end()) return;
  if (found->second->channel) {
    found->second->channel->close("closed by its owner");
  } else {
    auto waiting = std::move(found->second->waiting);
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
