#pragma once
// Outgoing requests: one connection per address, opened on demand, reopened after a failure.

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "io/network.h"
#include "io/stream_upgrade.h"
#include "remoting/channel.h"
#include "remoting/handler_table.h"

namespace ogive::remoting {

struct ClientOptions {
  ChannelLimits limits;
  Milliseconds connect_timeout{3'000};
  std::size_t max_waiting_per_peer = 10'000;  ///< Requests queued while a connection is being opened.
  io::StreamUpgrade* upgrade = nullptr;       ///< Every connection opened goes through it; must outlive the client.
};

/// Lives on one executor; all calls there. Peers' own requests (broker → client calls) go to `table` when given, else
/// are answered "not supported".
class Client final : private ChannelOwner {
 public:
  Client(io::Network& network, io::Executor& executor, ClientOptions options, const HandlerTable* table = nullptr);
  ~Client() override;

  /// Sends to `remote` and calls `done` with the reply or why there is none, always later; not at all when the client
  /// is destroyed before. The timeout covers connecting.
  void request(const io::Endpoint& remote, Message message, Milliseconds timeout, ReplyHandler done);
  void request_one_way(const io::Endpoint& remote, Message message);
  /// Drops the connection to `remote`, if any.
  void close(const io::Endpoint& remote);
  /// Called when an open connection ends, whoever ended it; set before the first request.
  using CloseListener = std::function<void(const io::Endpoint& remote)>;
  void set_close_listener(CloseListener listener) { close_listener_ = std::move(listener); }
  std::size_t connection_count() const { return peers_.size(); }

 private:
  struct Waiting {
    Message message;
    bool one_way = false;
    std::int64_t deadline_ms = 0;
    ReplyHandler done;
  };
  struct Peer {
    io::Endpoint remote;
    std::uint64_t generation = 0;
    std::unique_ptr<Channel> channel;  ///< Null while connecting.
    std::vector<Waiting> waiting;
    io::TimerId waiting_timer;  ///< Ends the first of them that is too late.
    std::int64_t waiting_timer_ms = 0;
  };

  void on_request(Channel& channel, const protocol::Frame& frame) override;
  void on_channel_closed(Channel& channel, const Error& reason) override;
  protocol::Frame& scratch_frame() override { return scratch_; }

  void submit(const io::Endpoint& remote, Waiting waiting);
  void connect(Peer& peer);
  void on_connected(const std::string& key, std::uint64_t generation, Result<std::unique_ptr<io::Stream>> stream);
  void send(Peer& peer, Waiting waiting);
  /// Makes sure that expire_waiting runs by `deadline_ms`.
  void watch_waiting(Peer& peer, std::int64_t deadline_ms);
  /// Ends the waiting requests whose time is over.
  void expire_waiting(const std::string& key, std::uint64_t generation);
  /// Takes the peer's waiting requests out, with their timer.
  std::vector<Waiting> take_waiting(Peer& peer);
  void schedule_sweep();
  void sweep_idle();

  io::Network& network_;
  io::Executor& executor_;
  const ClientOptions options_;
  const HandlerTable* table_;
  CloseListener close_listener_;
  protocol::Frame scratch_;
  std::uint64_t next_generation_ = 1;
  io::TimerId sweep_timer_;                                        ///< Runs while there are connections.
  absl::flat_hash_map<std::string, std::unique_ptr<Peer>> peers_;  ///< By remote address text.
  std::shared_ptr<bool> alive_ =
      std::make_shared<bool>(true);  ///< Shared with connects under way, which may end after us.
};

}  // namespace ogive::remoting
