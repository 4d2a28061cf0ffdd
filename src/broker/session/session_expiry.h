#pragma once
// Forgets clients that fell silent. Runs only while there are clients.

#include <atomic>
#include <functional>

#include "broker/session/consumer_registry.h"
#include "broker/session/producer_registry.h"
#include "io/executor.h"

namespace ogive::broker {

/// Lives on one executor; wake() may come from any thread. Destroy it on the executor or after it has stopped.
class SessionExpiry {
 public:
  static constexpr Milliseconds kScanInterval{10'000};
  using CloseChannel = std::function<void(remoting::ChannelId)>;

  SessionExpiry(io::Executor& executor, ConsumerRegistry& consumers, ProducerRegistry& producers, CloseChannel close);
  ~SessionExpiry();

  /// There is a client: scan from now on until there is none. Cheap when it already does.
  void wake();

 private:
  void scan();

  io::Executor& executor_;
  ConsumerRegistry& consumers_;
  ProducerRegistry& producers_;
  CloseChannel close_;
  std::atomic<bool> awake_{false};
  io::TimerId timer_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  ///< Shared with posts that may run after us.
};

}  // namespace ogive::broker
