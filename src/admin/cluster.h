#pragma once
// The cluster as a subcommand sees it: blocking calls, one after another.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/error.h"
#include "client/client.h"
#include "io/executor.h"

namespace ogive::admin {

/// Lets a caller wait for work on the client's executor: a thread's semaphore in production, turns of the simulated
/// world in tests.
class Waiter {
 public:
  virtual ~Waiter() = default;
  /// Runs `start` on the executor and returns after `start`'s argument was called there.
  virtual void run(std::move_only_function<void(io::Task finished)> start) = 0;
};

/// Blocking calls over client::Client. Used from one thread, which is not the client's.
class Cluster {
 public:
  /// `client` and `waiter` belong to the same executor and outlive this.
  Cluster(client::Client& client, Waiter& waiter, io::Executor& executor)
      : client_(client), waiter_(waiter), executor_(executor) {}

  /// One request; the reply may be a refusal.
  Result<client::Reply> call(std::string_view address, remoting::Message request,
                             std::optional<Milliseconds> timeout = {});
  /// One request whose refusal is an error.
  Result<client::Reply> ask(std::string_view address, remoting::Message request,
                            std::optional<Milliseconds> timeout = {});
  /// The same, for its JSON body.
  template <class Body>
  Result<Body> ask_json(std::string_view address, remoting::Message request, std::optional<Milliseconds> timeout = {}) {
    auto reply = ask(address, std::move(request), timeout);
    if (!reply) return fail(std::move(reply).error());
    return reply->template json<Body>();
  }
  /// The first name server that answers; a refusal is an error.
  Result<client::Reply> ask_name_server(remoting::Message request);
  /// Every name server of the list, so that all know; the first failure ends it.
  Status ask_every_name_server(const remoting::Message& request);

  Result<protocol::TopicRouteData> route(std::string_view topic);
  Result<protocol::ClusterInfo> info();
  Result<client::SendResult> send(std::string_view address, client::OutgoingMessage message);
  Result<client::PullResult> pull(std::string_view address, const client::PullRequest& request);

  const std::vector<client::HostPort>& name_servers() const { return client_.name_servers(); }
  std::int64_t now_ms() const { return executor_.clock().wall_ms(); }
  std::int64_t monotonic_ms() const { return executor_.clock().monotonic_ms(); }
  void pause(Milliseconds span);

 private:
  template <class T>
  Result<T> wait(std::move_only_function<void(client::Done<T>)> start) {
    std::optional<Result<T>> outcome;
    waiter_.run([&](io::Task finished) {
      start([&outcome, finished = std::move(finished)](Result<T> result) mutable {
        outcome.emplace(std::move(result));
        finished();
      });
    });
    return std::move(*outcome);
  }

  client::Client& client_;
  Waiter& waiter_;
  io::Executor& executor_;
};

}  // namespace ogive::admin
