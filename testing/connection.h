#pragma once
// One simulated connection: both ends and what is on the way between them. Internal to the simulated network.

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "io/network.h"
#include "testing/sim_network.h"

namespace ogive::sim {

class SimStream;

/// Ends are numbered 0 (who connected) and 1 (who accepted). Lives in SimInternet until both ends are closed, both
/// streams destroyed and nothing is on the way.
class Connection {
 public:
  struct Side {
    std::uint32_t host = 0;
    SimExecutor* executor = nullptr;
    io::Endpoint local;
    io::Endpoint remote;
  };
  Connection(SimInternet& internet, std::uint64_t id, Side connector, Side acceptor);
  ~Connection();

  std::uint64_t id() const { return id_; }
  std::unique_ptr<io::Stream> open_stream(int end);
  /// The accepting end was given to an executor.
  void assign(int end, SimExecutor& executor) { ends_[end].side.executor = &executor; }
  /// Nobody accepts it any more: the connecting end gets a reset.
  void refuse();

  // Calls of a SimStream.
  void start(int end, io::StreamHandler& handler);
  void write(int end, io::OutBuffer& data);
  std::size_t pending_bytes(int end) const { return ends_[end].unsent.size(); }
  void pause_reading(int end, bool paused);
  void close_after_flush(int end, Milliseconds linger);
  void stream_destroyed(int end);

  // What happens to it.
  void host_died(std::uint32_t host, bool power_lost);
  /// Both ends learn within the latency that the connection is no more.
  void reset();
  /// A way that was blocked is open again.
  void resume();
  bool between(std::uint32_t a, std::uint32_t b) const;
  bool finished() const;
  bool open() const { return ends_[0].open || ends_[1].open; }

 private:
  friend class SimStream;
  struct Segment {
    std::vector<std::byte> bytes;
    std::int64_t due_ns = 0;
    bool end_of_stream = false;
  };
  struct End {
    Side side;
    SimStream* stream = nullptr;
    io::StreamHandler* handler = nullptr;
    bool awaiting_stream = true;
    bool open = true;  ///< The socket sends and receives.
    bool paused = false;
    bool reread = false;      ///< Offer `input` again although nothing arrived.
    bool must_drain = false;  ///< on_drained is owed.
    bool closing = false;     ///< close_after_flush was called.
    bool read_posted = false;
    bool close_posted = false;
    bool socket_busy = false;
    std::optional<Error> failure;  ///< Why the socket closed, until on_closed has said so.
    io::OutBuffer unsent;
    std::deque<Segment> in_flight;
    std::size_t in_flight_bytes = 0;
    std::int64_t last_due_ns = 0;
    bool cut = false;       ///< A segment of ours was lost, and with it the connection; the ends hear of it later.
    bool breaking = false;  ///< A break timer runs.
    std::vector<std::byte> arrived;  ///< In the receiving socket, not read.
    bool end_arrived = false;
    std::vector<std::byte> input;  ///< Read, not consumed by the handler.
    std::size_t wanted = 0;
  };

  void pump(int end);
  void send_segment(int end, std::vector<std::byte> bytes, bool end_of_stream);
  void schedule_arrival(int end, std::int64_t at_ns);
  void arrive(int from);
  void start_break_timer(int end);
  void send_reset(int from);
  void fail_end(int end, Error reason);
  void finish_close(int end);
  void post_read(int end);
  void read(int end);
  bool hand_over(int end);
  void post_closed(int end);
  void deliver_closed(int end);
  void erase_when_finished();
  /// Runs `action` on this connection if it still exists then.
  template <class Action>
  void at(std::int64_t time_ns, Action action);
  template <class Action>
  void on_executor(int end, Action action);

  SimInternet& internet_;
  const std::uint64_t id_;
  End ends_[2];
};

/// The application's side of one end.
class SimStream final : public io::Stream {
 public:
  SimStream(Connection& connection, int end) : connection_(connection), end_(end) {}
  ~SimStream() override;

  void start(io::StreamHandler& handler) override;
  void write(io::OutBuffer& data) override;
  std::size_t pending_bytes() const override { return connection_.pending_bytes(end_); }
  void pause_reading(bool paused) override;
  void close_after_flush(Milliseconds linger) override;
  const io::Endpoint& local() const override { return connection_.ends_[end_].side.local; }
  const io::Endpoint& remote() const override { return connection_.ends_[end_].side.remote; }

 private:
  void check_thread() const;
  Connection& connection_;
  const int end_;
};

}  // namespace ogive::sim
