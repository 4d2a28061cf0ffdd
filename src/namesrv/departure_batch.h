#pragma once
// Brokers that leave in one turn of a reactor leave together: topics are swept once, however many go.

#include <functional>
#include <vector>

#include "io/executor.h"
#include "namesrv/route_table.h"
#include "remoting/server.h"

namespace ogive::namesrv {

/// Belongs to one reactor; all calls on its thread.
class DepartureBatch final : private io::TurnHook {
 public:
  using Notify = std::function<void(std::vector<MinBrokerNotice>)>;

  /// At most `capacity` requests wait for the end of a turn.
  DepartureBatch(io::Executor& executor, RouteTable& routes, remoting::Server& server, std::size_t capacity,
                 Notify notify);
  ~DepartureBatch() override;

  /// Unregisters at the end of the turn and answers then. False when the batch is full.
  bool unregister(Unregistration request, const remoting::ReplyTo& reply_to);
  /// The connection is gone, and with it every broker registered over it.
  void channel_closed(remoting::ChannelId channel);

 private:
  void on_turn_end() override;

  io::Executor& executor_;
  RouteTable& routes_;
  remoting::Server& server_;
  const std::size_t capacity_;
  const Notify notify_;
  std::vector<Unregistration> requests_;
  std::vector<remoting::ReplyTo> replies_;  ///< One per request.
  std::vector<remoting::ChannelId> closed_;
};

}  // namespace ogive::namesrv
