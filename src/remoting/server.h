#pragma once
// Accepts connections, hands their requests to a handler table, and is the way back to any of them from any thread.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "io/network.h"
#include "io/stream_upgrade.h"
#include "io/task_pool.h"
#include "remoting/channel.h"
#include "remoting/handler_table.h"
#include "remoting/owed_answers.h"

namespace ogive::remoting {

struct ServerOptions {
  ChannelLimits limits;
  std::size_t max_connections = 65'536;  ///< Over all reactors; further ones are closed at once, counted.
  io::ListenOptions listen;
  /// Connections may begin with a PROXY header: only where every peer is a trusted load balancer.
  bool accept_proxy_protocol = false;
  io::StreamUpgrade* upgrade = nullptr;  ///< Every accepted connection goes through it; must outlive the server.
};

class ReactorChannels;

/// Thread-safe unless said otherwise. Executors, network, pool and handler tables must outlive it. Destroy it only
/// after shut_down() and with its executors stopped or idle.
class Server {
 public:
  Server(io::Network& network, std::span<io::Executor* const> reactors, io::TaskPool& blocking, ServerOptions options);
  ~Server();

  /// Serves `table` at `endpoint`; may be called for several endpoints (main port, fast port) before or while running.
  Result<io::Endpoint> listen(const io::Endpoint& endpoint, const HandlerTable& table);

  /// Called on the channel's executor when a channel ends. Set before the first listen.
  using CloseListener = std::function<void(ChannelId, const io::Endpoint& remote)>;
  void set_close_listener(CloseListener listener);

  /// Sends an answer; quietly dropped when the channel is gone or the request was one-way.
  void reply(const ReplyTo& to, Message message);
  /// Asks the peer of `channel`; `done` runs on the channel's executor, with kClosed when it is gone.
  void request(ChannelId channel, Message message, Milliseconds timeout, ReplyHandler done);
  void request_one_way(ChannelId channel, Message message);
  void close(ChannelId channel, std::string_view reason);

  /// The live channel, on its own executor only.
  Channel* find(ChannelId channel);
  io::Executor& executor(ChannelId channel) { return *reactors_[channel.reactor]; }
  std::size_t reactor_count() const { return reactors_.size(); }
  io::Executor& reactor(std::size_t index) { return *reactors_[index]; }

  /// From now on nothing is accepted, and requests are answered GO_AWAY where the client understands it, else busy.
  void drain();
  /// What `reactor` owes, for handlers that answer later. On its thread.
  OwedAnswers& owed(std::size_t reactor);
  /// After drain(): `done` runs on the first reactor once every request that was accepted has been answered.
  void when_answered(io::Task done);
  /// Closes every connection after its pending output. Ends with the executors' next turns.
  void shut_down();

  std::size_t connection_count() const { return connections_.load(std::memory_order_relaxed); }
  std::uint64_t refused_connections() const { return refused_.load(std::memory_order_relaxed); }

 private:
  friend class ReactorChannels;
  void on_accept(io::Executor& executor, std::unique_ptr<io::Stream> stream, const HandlerTable& table);
  void on_reactor(ChannelId channel, io::Task task);

  io::Network& network_;
  std::vector<io::Executor*> reactors_;
  io::TaskPool& blocking_;
  const ServerOptions options_;
  CloseListener close_listener_;
  std::vector<std::unique_ptr<ReactorChannels>> channels_;
  std::vector<std::unique_ptr<io::Listener>> listeners_;
  std::atomic<std::size_t> connections_{0};
  std::atomic<std::uint64_t> refused_{0};
  std::atomic<bool> draining_{false};
};

}  // namespace ogive::remoting
