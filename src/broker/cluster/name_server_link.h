#pragma once
// One broker's standing with one name server: registered or not, asked at present or not, tried again when.

#include <cstdint>
#include <functional>
#include <memory>

#include "base/clock.h"
#include "base/rate_limit.h"
#include "broker/cluster/registration.h"
#include "io/network.h"
#include "remoting/client.h"

namespace ogive::broker {

struct LinkOptions {
  RegistrationOptions registration;
  Milliseconds timeout{24'000};  ///< registerBrokerTimeoutMills
  bool force = true;             ///< forceRegister; false asks first whether anything changed.
};

/// One request to its name server at a time; what changes meanwhile is sent by the next one. After a failure it tries
/// again by itself after 1, 2, 4, 8 and from then on 16 seconds; success resets that. Links know nothing of each other,
/// so a name server that hangs delays nobody. One executor's thread.
class NameServerLink {
 public:
  /// What a link tells its owner. Neither call may destroy the link.
  struct Events {
    std::function<void(const protocol::Frame& reply)> registered;
    std::function<void()> failed;
  };

  /// The references must outlive it.
  NameServerLink(remoting::Client& client, io::Executor& executor, Registration& registration,
                 const LinkOptions& options, const io::Endpoint& server, Events events);
  ~NameServerLink();
  NameServerLink(const NameServerLink&) = delete;
  NameServerLink& operator=(const NameServerLink&) = delete;

  /// Something changed, or nothing is known of our registration there: registers now, or after the request under way.
  void register_now();
  /// A period is over: registers, or with force=false asks first whether that is needed.
  void refresh();
  void send_heartbeat();
  /// The connection is gone, and with it our registration.
  void on_disconnected();
  /// Tells the name server that we leave; `done` when it answered or the time is over. Nothing is registered after.
  void unregister(Milliseconds patience, io::Task done);

  const io::Endpoint& server() const { return server_; }
  bool registered() const { return registered_; }

 private:
  void send_registration();
  void ask_whether_changed();
  void on_registration(Result<const protocol::Frame*> reply);
  void on_version(Result<const protocol::Frame*> reply);
  /// Why a reply is none; empty for a good one.
  static std::string refusal(const Result<const protocol::Frame*>& reply);
  void fail(const std::string& reason);
  void retry_later();

  remoting::Client& client_;
  io::Executor& executor_;
  Registration& registration_;
  const LinkOptions& options_;
  const io::Endpoint server_;
  const Events events_;
  RateLimit failures_logged_;
  io::TimerId retry_timer_;
  std::int64_t retry_ms_;
  bool registered_ = false;
  bool asking_ = false;     ///< A request is under way.
  bool asked_for_ = false;  ///< Register again after it.
  bool leaving_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  ///< Shared with replies, which may come after us.
};

}  // namespace ogive::broker
