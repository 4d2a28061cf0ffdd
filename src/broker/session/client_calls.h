#pragma once
// The broker asks online consumers on behalf of somebody else: 307, 309, 220, 221.

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "broker/session/consumer_registry.h"
#include "remoting/server.h"

namespace ogive::broker {

/// From these versions on (ordinals of the protocol's version table) consumers understand the calls.
inline constexpr std::int32_t kResetOffsetSince = 28;  ///< 3.0.7: 220 and 221.
inline constexpr std::int32_t kRunningInfoSince = 62;  ///< 3.1.8: 307 and 309.

/// Thread-safe; registry and server outlive it. Every call ends by an answer, the client's or ours, within its timeout.
class ClientCalls {
 public:
  static constexpr Milliseconds kRelayTimeout{10'000};
  static constexpr Milliseconds kStatusTimeout{5'000};

  ClientCalls(ConsumerRegistry& consumers, remoting::Server& server) : consumers_(consumers), server_(server) {}

  /// Sends `request` to the member `client_id` of `group` and its answer, as it comes, to `to`. Offline or too old: 1;
  /// no answer in time: 207.
  void relay(const remoting::ReplyTo& to, std::string_view group, std::string_view client_id,
             remoting::Message request);

  /// Sends every member its request, one-way. False, with nothing sent, when none is online; kUnsupported names a
  /// member that is too old (members before it have been told).
  using MessageFor = std::function<const remoting::Message&(const ClientSession&)>;
  Result<bool> tell_all(std::string_view group, const MessageFor& request_for);

  using Answers = std::map<std::string, remoting::Message>;
  /// Asks every member, or only `client_id` when it is not empty; `done` gets the answers that came in time, by client
  /// id, on some reactor or here. kNotFound when nobody is online, kUnsupported names a member that is too old.
  Status ask_all(std::string_view group, std::string_view client_id, const remoting::Message& request,
                 std::move_only_function<void(Answers)> done);

  void reply(const remoting::ReplyTo& to, remoting::Message message) { server_.reply(to, std::move(message)); }

 private:
  ConsumerRegistry& consumers_;
  remoting::Server& server_;
};

}  // namespace ogive::broker
