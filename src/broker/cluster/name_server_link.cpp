#include "broker/cluster/name_server_link.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "protocol/codes.h"
#include "protocol/headers/namesrv.h"

namespace ogive::broker {
namespace {

constexpr std::int64_t kFirstRetryMs = 1'000;
constexpr std::int64_t kLastRetryMs = 16'000;

}  // namespace

NameServerLink::NameServerLink(remoting::Client& client, io::Executor& executor, Registration& registration,
                               const LinkOptions& options, const io::Endpoint& server, Events events)
    : client_(client),
      executor_(executor),
      registration_(registration),
      options_(options),
      server_(server),
      events_(std::move(events)),
      failures_logged_(executor.clock()),
      retry_ms_(kFirstRetryMs) {}

NameServerLink::~NameServerLink() {
  *alive_ = false;
  executor_.cancel(retry_timer_);
}

void NameServerLink::register_now() {
  if (leaving_) return;
  if (asking_) {
    asked_for_ = true;
  } else {
    send_registration();
  }
}

void NameServerLink::refresh() {
  if (leaving_ || asking_) return;
  if (options_.force || !registered_) {
    send_registration();
  } else {
    ask_whether_changed();
  }
}

void NameServerLink::send_registration() {
  executor_.cancel(std::exchange(retry_timer_, io::TimerId()));
  asking_ = true;
  asked_for_ = false;
  client_.request(server_, registration_.registration(options_.registration), options_.timeout,
                  [this, alive = alive_](Result<const protocol::Frame*> reply) {
                    if (*alive) on_registration(std::move(reply));
                  });
}

void NameServerLink::ask_whether_changed() {
  asking_ = true;
  client_.request(server_, registration_.version_query(), options_.timeout,
                  [this, alive = alive_](Result<const protocol::Frame*> reply) {
                    if (*alive) on_version(std::move(reply));
                  });
}

std::string NameServerLink::refusal(const Result<const protocol::Frame*>& reply) {
  if (!reply) return reply.error().message();
  if ((*reply)->code == protocol::response_code::kSuccess) return {};
  return fmt::format("it answered code {}: {}", (*reply)->code, (*reply)->remark);
}

void NameServerLink::on_registration(Result<const protocol::Frame*> reply) {
  asking_ = false;
  // A connection on which nothing comes back may be dead without anybody knowing: the next attempt takes a fresh one.
  if (!reply && reply.error().code() == Errc::kTimeout) client_.close(server_);
  if (const std::string reason = refusal(reply); !reason.empty()) return fail(reason);
  if (!registered_) OGIVE_LOG(info, "broker", "registered with name server {}", server_.to_string());
  registered_ = true;
  retry_ms_ = kFirstRetryMs;
  if (asked_for_ && !leaving_) send_registration();
  events_.registered(**reply);
}

void NameServerLink::on_version(Result<const protocol::Frame*> reply) {
  asking_ = false;
  if (leaving_) return;
  if (refusal(reply).empty()) {
    const auto header = protocol::decode_header<protocol::QueryDataVersionResponseHeader>(**reply);
    if (header && !header->changed && !asked_for_) return;
  }
  // Changed, or it does not know the question: registering is right in any case.
  send_registration();
}

void NameServerLink::fail(const std::string& reason) {
  registered_ = false;
  if (const auto times = failures_logged_.allow(); times > 0) {
    OGIVE_LOG(warn, "broker", "registering with name server {} failed ({} times since last reported): {}",
              server_.to_string(), times, reason);
  }
  if (leaving_) return;
  retry_later();
  events_.failed();
}

void NameServerLink::retry_later() {
  if (asking_ || retry_timer_ != io::TimerId()) return;
  retry_timer_ = executor_.run_after(Milliseconds(retry_ms_), [this] {
    retry_timer_ = io::TimerId();
    register_now();
  });
  retry_ms_ = std::min(retry_ms_ * 2, kLastRetryMs);
}

void NameServerLink::send_heartbeat() {
  // Before it is registered a heartbeat keeps nothing alive.
  if (!leaving_ && registered_) {
    client_.request_one_way(server_, registration_.heartbeat(options_.registration));
  }
}

void NameServerLink::on_disconnected() {
  registered_ = false;
  if (!leaving_) retry_later();  // With a request under way, its failure follows and does the same.
}

void NameServerLink::unregister(Milliseconds patience, io::Task done) {
  leaving_ = true;
  executor_.cancel(std::exchange(retry_timer_, io::TimerId()));
  if (!registered_ && !asking_) return done();
  client_.request(server_, registration_.unregistration(), patience,
                  [done = std::move(done)](Result<const protocol::Frame*>) mutable { done(); });
}

}  // namespace ogive::broker
