#include "replication/master_port.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace ogive::replication {

Result<std::vector<std::string>> parse_addresses(std::string_view text) {
  std::vector<std::string> addresses;
  while (!text.empty()) {
    const std::size_t end = text.find_first_of(",; ");
    const std::string_view one = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (one.empty()) continue;
    const bool v6 = one.find(':') != std::string_view::npos;
    auto parsed = io::Endpoint::parse(v6 ? fmt::format("[{}]:1", one) : fmt::format("{}:1", one));
    if (!parsed) return fail(Errc::kInvalidArgument, fmt::format("\"{}\" is no address", one));
    addresses.push_back(parsed->host());
  }
  return addresses;
}

MasterPort::MasterPort(const MasterEnvironment& environment, MasterOptions options)
    : environment_(environment),
      options_(std::move(options)),
      secret_(options_.secret),
      replicas_(environment.executor.clock(), environment.store.appended(), environment.store.replicated()),
      refusals_(environment.executor.clock()),
      ports_{environment.store.raw_log(),
             environment.blocking,
             environment.executor,
             replicas_,
             options_.session,
             refusals_,
             secret_.get(),
             options_.only_flushed ? &environment.store.flushed() : nullptr,
             [this] { wait_for_more(); }} {
  replicas_.set_rule(options_.rule);
}

MasterPort::~MasterPort() {
  *alive_ = false;
  // A port that was never used, or is stopped, may go on any thread.
  if (tick_ != io::TimerId()) environment_.executor.cancel(tick_);
  if (grown_) environment_.executor.disarm(*this);
}

Result<io::Endpoint> MasterPort::listen(const io::Endpoint& local) {
  auto listener = environment_.network.listen(
      local, {&environment_.executor},
      [this](io::Executor&, std::unique_ptr<io::Stream> stream) { on_accept(std::move(stream)); });
  if (!listener) return fail(std::move(listener).error());
  listener_ = std::move(*listener);
  return listener_->local();
}

void MasterPort::configure(MasterOptions options) {
  environment_.executor.post([this, alive = alive_, options = std::move(options)]() mutable {
    if (!*alive) return;
    options_ = std::move(options);
    replicas_.set_rule(options_.rule);
  });
}

void MasterPort::stop() {
  environment_.executor.cancel(std::exchange(tick_, io::TimerId()));
  if (std::exchange(grown_, false)) environment_.executor.disarm(*this);
  listener_.reset();
  sessions_.clear();
  connection_count_.store(0, std::memory_order_relaxed);
}

bool MasterPort::admits(const io::Endpoint& remote) {
  const auto& allowed = options_.allowed;
  if (!allowed.empty() && std::ranges::find(allowed, remote.host()) == allowed.end()) {
    if (const auto times = refusals_.allow(); times > 0) {
      OGIVE_LOG(warn, "replication",
                "{} may not replicate from here: it is not in haAllowedAddresses ({} refused since last reported)",
                remote.to_string(), times);
    }
    return false;
  }
  std::size_t proven = 0;
  for (const auto& [key, session] : sessions_) proven += session->proven() ? 1 : 0;
  return proven < kMaxSlaves && sessions_.size() - proven < kMaxUnproven;
}

void MasterPort::on_accept(std::unique_ptr<io::Stream> stream) {
  if (!listener_ || !admits(stream->remote())) {
    refused_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  auto session =
      std::make_unique<SlaveSession>(ports_, std::move(stream), [this](SlaveSession& ended) { on_end(ended); });
  SlaveSession& started = *session;
  sessions_.emplace(&started, std::move(session));
  connection_count_.store(sessions_.size(), std::memory_order_relaxed);
  arm_tick();
  started.start();
}

void MasterPort::on_end(SlaveSession& session) {
  // Its own callback is still running.
  environment_.executor.post([this, alive = alive_, key = &session] {
    if (!*alive) return;
    sessions_.erase(key);
    connection_count_.store(sessions_.size(), std::memory_order_relaxed);
  });
}

// One wait for all slaves that are at the log's end. Its end may come in the middle of an append.
void MasterPort::wait_for_more() {
  if (std::exchange(waiting_, true)) return;
  store::MessageStore& store = environment_.store;
  store::Watermark& growing = ports_.limit == nullptr ? store.appended() : store.flushed();
  const PhysicalOffset next = ports_.end() + 1;
  growing.wait_in_turn(next, environment_.executor, [this, alive = alive_](Status status) {
    if (!*alive) return;
    waiting_ = false;
    if (status) on_grown();  // A log that has failed grows no more.
  });
}

void MasterPort::on_grown() {
  if (sessions_.empty()) return;
  // Each place is a record's end that a slave's report may count for, however many there are in a turn.
  for (auto& [key, session] : sessions_) session->note_end();
  grown_ = true;
  environment_.executor.at_turn_end(*this, io::TurnPhase::kFlush);
  wait_for_more();
}

void MasterPort::send_grown() {
  if (!grown_) return;
  environment_.executor.disarm(*this);
  on_turn_end();
}

void MasterPort::on_turn_end() {
  grown_ = false;
  for (auto& [key, session] : sessions_) session->pump();
}

void MasterPort::arm_tick() {
  if (tick_ != io::TimerId()) return;
  const SessionOptions& session = options_.session;
  const Milliseconds period =
      std::clamp(std::min(session.heartbeat, session.silence) / 2, Milliseconds(10), Milliseconds(1'000));
  tick_ = environment_.executor.run_after(period, [this] { tick(); });
}

void MasterPort::tick() {
  tick_ = io::TimerId();
  if (sessions_.empty()) return;
  for (auto& [key, session] : sessions_) session->tick();
  replicas_.refresh();
  arm_tick();
}

}  // namespace ogive::replication
