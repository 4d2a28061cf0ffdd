#include "namesrv/departure_batch.h"

#include "protocol/codes.h"

namespace ogive::namesrv {

DepartureBatch::DepartureBatch(io::Executor& executor, RouteTable& routes, remoting::Server& server,
                               std::size_t capacity, Notify notify)
    : executor_(executor), routes_(routes), server_(server), capacity_(capacity), notify_(std::move(notify)) {}

DepartureBatch::~DepartureBatch() {
  executor_.disarm(*this);
}

bool DepartureBatch::unregister(Unregistration request, const remoting::ReplyTo& reply_to) {
  if (requests_.size() >= capacity_) return false;
  requests_.push_back(std::move(request));
  replies_.push_back(reply_to);
  executor_.at_turn_end(*this, io::TurnPhase::kCommit);
  return true;
}

void DepartureBatch::channel_closed(remoting::ChannelId channel) {
  closed_.push_back(channel);
  executor_.at_turn_end(*this, io::TurnPhase::kCommit);
}

void DepartureBatch::on_turn_end() {
  // Requests first: a broker that says goodbye and closes in one turn has left by its own word.
  const auto requests = std::exchange(requests_, {});
  const auto replies = std::exchange(replies_, {});
  const auto closed = std::exchange(closed_, {});
  if (!requests.empty()) notify_(routes_.unregister(requests));
  if (!closed.empty()) notify_(routes_.remove_channels(closed));
  for (const auto& reply : replies) server_.reply(reply, remoting::Message(protocol::response_code::kSuccess));
}

}  // namespace ogive::namesrv
