#pragma once
// Requests of a workload given to a server in this process, round by round, and its replies looked at.

#include <string>
#include <string_view>
#include <vector>

#include "bench/instructions/memory_network.h"
#include "bench/instructions/one_thread.h"
#include "bench/workload.h"

namespace ogive::bench {

/// Files in memory where the machine has such a place: what is counted does not depend on it.
std::string scratch_directory();

/// Where a server runs: everything on one thread, files in a directory of its own that goes with it.
struct Stage {
  Stage();
  ~Stage();
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  /// Lets time pass and everything run that is due, uncounted.
  void settle();

  const std::string directory;
  StoppedClock clock;
  OneThread reactor{clock};
  OneThread others{clock};  ///< Flusher, background work, delivery, blocking work.
  OneThreadPool pool{others};
  MemoryNetwork network;
};

/// Connections to one server, each with a number of requests in every round.
class ServerLoad {
 public:
  ServerLoad(Stage& stage, std::uint16_t port, unsigned connections, unsigned in_flight);

  /// Gives the server every connection's next requests, and counts until it has nothing left to do in the turn. Aborts
  /// when a request is refused or not answered.
  void round(Workload& workload);
  /// What does not count: the first requests make topics, tables and buffers.
  void warm_up(Workload& workload, unsigned rounds);
  unsigned requests_per_round() const { return static_cast<unsigned>(streams_.size()) * in_flight_; }

 private:
  std::vector<std::string> next_requests(Workload& workload);
  std::size_t count_replies();

  Stage& stage_;
  const unsigned in_flight_;
  std::vector<MemoryStream*> streams_;
  protocol::Frame scratch_;
};

}  // namespace ogive::bench
