#include "remoting/server.h"

#include <fmt/core.h>

#include "base/check.h"
#include "base/log.h"
#include "base/rate_limit.h"
#include "remoting/proxy_stream.h"
#include "remoting/reactor_channels.h"

namespace ogive::remoting {

Server::Server(io::Network& network, std::span<io::Executor* const> reactors, io::TaskPool& blocking,
               ServerOptions options)
    : network_(network), reactors_(reactors.begin(), reactors.end()), blocking_(blocking), options_(options) {
  OGIVE_CHECK(!reactors_.empty());
  for (std::uint32_t i = 0; i < reactors_.size(); ++i) channels_.push_back(std::make_unique<ReactorChannels>(*this, i));
}

Server::~Server() = default;

Result<io::Endpoint> Server::listen(const io::Endpoint& endpoint, const HandlerTable& table) {
  auto listener = network_.listen(
      endpoint, reactors_,
      [this, &table](io::Executor& executor, std::unique_ptr<io::Stream> stream) {
        on_accept(executor, std::move(stream), table);
      },
      options_.listen);
  if (!listener) return fail(listener.error());
  const io::Endpoint bound = (*listener)->local();
  listeners_.push_back(std::move(*listener));
  return bound;
}

void Server::set_close_listener(CloseListener listener) {
  close_listener_ = std::move(listener);
}

void Server::on_accept(io::Executor& executor, std::unique_ptr<io::Stream> stream, const HandlerTable& table) {
  if (draining_.load(std::memory_order_relaxed)) return;
  if (connections_.fetch_add(1, std::memory_order_relaxed) >= options_.max_connections) {
    connections_.fetch_sub(1, std::memory_order_relaxed);
    refused_.fetch_add(1, std::memory_order_relaxed);
    static RateLimit limit(system_clock());
    if (const auto times = limit.allow(); times > 0) {
      OGIVE_LOG(warn, "remoting", "{} connections refused: {} are open, which is the limit", times,
                options_.max_connections);
    }
    return;
  }
  if (options_.accept_proxy_protocol) stream = std::make_unique<ProxyStream>(std::move(stream));
  if (options_.upgrade != nullptr) {
    stream = options_.upgrade->upgrade(executor, std::move(stream), io::StreamSide::kAccepted);
  }
  for (std::size_t i = 0; i < reactors_.size(); ++i) {
    if (reactors_[i] == &executor) {
      channels_[i]->add(std::move(stream), table);
      return;
    }
  }
  OGIVE_CHECK_MSG(false, "a connection was accepted on an executor that is not a reactor");
}

Channel* Server::find(ChannelId channel) {
  return channels_[channel.reactor]->find(channel);
}

void Server::on_reactor(ChannelId channel, io::Task task) {
  if (channel.generation == 0 || channel.reactor >= reactors_.size()) return;
  io::Executor& executor = *reactors_[channel.reactor];
  if (executor.on_own_thread()) {
    task();
  } else {
    executor.post(std::move(task));
  }
}

void Server::reply(const ReplyTo& to, Message message) {
  if (to.one_way) return;
  on_reactor(to.channel, [this, to, message = std::move(message)] {
    if (Channel* channel = find(to.channel)) channel->reply(to, message);
  });
}

void Server::request(ChannelId channel, Message message, Milliseconds timeout, ReplyHandler done) {
  if (channel.generation == 0 || channel.reactor >= reactors_.size()) {
    return done(fail(Errc::kClosed, "the connection is gone"));
  }
  on_reactor(channel, [this, channel, message = std::move(message), timeout, done = std::move(done)]() mutable {
    if (Channel* found = find(channel)) {
      found->request(message, timeout, std::move(done));
    } else {
      done(fail(Errc::kClosed, "the connection is gone"));
    }
  });
}

void Server::request_one_way(ChannelId channel, Message message) {
  on_reactor(channel, [this, channel, message = std::move(message)] {
    if (Channel* found = find(channel)) found->request_one_way(message);
  });
}

void Server::close(ChannelId channel, std::string_view reason) {
  on_reactor(channel, [this, channel, reason = std::string(reason)] {
    if (Channel* found = find(channel)) found->close(reason);
  });
}

void Server::drain() {
  draining_.store(true, std::memory_order_relaxed);
}

OwedAnswers& Server::owed(std::size_t reactor) {
  return channels_[reactor]->owed();
}

void Server::when_answered(io::Task done) {
  /// Shared by the reactors' waits; used on the first reactor only.
  struct Waiting {
    std::size_t reactors;
    io::Task done;
  };
  auto waiting = std::make_shared<Waiting>(Waiting{reactors_.size(), std::move(done)});
  for (std::size_t i = 0; i < reactors_.size(); ++i) {
    reactors_[i]->post([this, i, waiting] {
      owed(i).when_none([this, waiting] {
        reactors_.front()->post([waiting] {
          if (--waiting->reactors == 0) std::exchange(waiting->done, nullptr)();
        });
      });
    });
  }
}

void Server::shut_down() {
  drain();
  listeners_.clear();
  for (std::size_t i = 0; i < reactors_.size(); ++i) {
    reactors_[i]->post([side = channels_[i].get()] { side->close_all(); });
  }
}

}  // namespace ogive::remoting
