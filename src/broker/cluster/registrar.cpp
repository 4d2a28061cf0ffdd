#include "broker/cluster/registrar.h"

#include <fmt/core.h>

#include <charconv>

#include "base/crc32.h"
#include "base/log.h"
#include "protocol/bodies/register_broker.h"
#include "protocol/codes.h"
#include "protocol/headers/namesrv.h"

namespace ogive::broker {
namespace {

constexpr std::int64_t kFirstRetryMs = 1'000;
constexpr std::int64_t kLastRetryMs = 16'000;

}  // namespace

Result<std::vector<std::pair<std::string, std::uint16_t>>> parse_name_servers(std::string_view text) {
  std::vector<std::pair<std::string, std::uint16_t>> servers;
  while (!text.empty()) {
    const std::size_t end = text.find(';');
    std::string_view one = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    while (!one.empty() && one.front() == ' ') one.remove_prefix(1);
    while (!one.empty() && one.back() == ' ') one.remove_suffix(1);
    if (one.empty()) continue;
    const std::size_t colon = one.rfind(':');
    std::uint16_t port = 0;
    const std::string_view digits = colon == std::string_view::npos ? std::string_view() : one.substr(colon + 1);
    const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (digits.empty() || error != std::errc() || stop != digits.data() + digits.size() || port == 0 || colon == 0) {
      return fail(Errc::kInvalidArgument, fmt::format("namesrvAddr: \"{}\" is not host:port", one));
    }
    servers.emplace_back(std::string(one.substr(0, colon)), port);
  }
  return servers;
}

Registrar::Registrar(io::Network& network, io::Executor& executor, TopicTable& topics, const BrokerIdentity& identity,
                     RegistrarOptions options)
    : network_(network),
      executor_(executor),
      topics_(topics),
      identity_(identity),
      options_(std::move(options)),
      client_(network, executor, remoting::ClientOptions{}) {
  client_.set_close_listener([this](const io::Endpoint&) { retry_soon(); });
}

Registrar::~Registrar() {
  *alive_ = false;
}

void Registrar::start() {
  running_ = true;
  tick();
}

void Registrar::tick() {
  if (!running_) return;
  register_with_all();
  period_timer_ = executor_.run_after(options_.period, [this] { tick(); });
}

void Registrar::register_soon() {
  if (posted_.exchange(true, std::memory_order_acq_rel)) return;
  executor_.post([this, alive = alive_] {
    if (!*alive) return;
    posted_.store(false, std::memory_order_release);
    if (running_) register_with_all();
  });
}

void Registrar::set_name_servers(std::string name_servers) {
  executor_.post([this, alive = alive_, name_servers = std::move(name_servers)]() mutable {
    if (!*alive) return;
    options_.name_servers = std::move(name_servers);
    if (running_) register_with_all();
  });
}

void Registrar::retry_soon() {
  if (!running_ || retry_timer_ != io::TimerId()) return;
  retry_timer_ = executor_.run_after(Milliseconds(retry_ms_), [this] {
    retry_timer_ = io::TimerId();
    if (running_) register_with_all();
  });
  retry_ms_ = std::min(retry_ms_ * 2, kLastRetryMs);
}

void Registrar::for_each_server(std::move_only_function<void(const io::Endpoint&)> visit) {
  const auto servers = parse_name_servers(options_.name_servers);
  if (!servers) {
    OGIVE_LOG(error, "broker", "{}", servers.error().message());
    return;
  }
  // Looked up each time, so that a name server may move behind its DNS name. The look-ups share the visitor.
  using Visit = std::move_only_function<void(const io::Endpoint&)>;
  auto shared = std::make_shared<Visit>(std::move(visit));
  for (const auto& [host, port] : *servers) {
    auto done = [this, alive = alive_, shared, host](Result<std::vector<io::Endpoint>> found) {
      if (*alive) on_resolved(host, found, *shared);
    };
    network_.resolve(executor_, host, port, std::move(done));
  }
}

void Registrar::on_resolved(const std::string& host, const Result<std::vector<io::Endpoint>>& found,
                            std::move_only_function<void(const io::Endpoint&)>& visit) {
  if (found && !found->empty()) return visit(found->front());
  OGIVE_LOG(warn, "broker", "name server {} cannot be looked up: {}", host,
            found ? std::string("it has no address") : found.error().message());
  retry_soon();
}

void Registrar::register_with_all() {
  registered_.store(0, std::memory_order_relaxed);
  for_each_server([this, message = registration()](const io::Endpoint& server) { register_with(server, message); });
}

void Registrar::register_with(const io::Endpoint& server, const remoting::Message& message) {
  client_.request(server, message, options_.timeout, [this, server](Result<const protocol::Frame*> reply) {
    if (running_) on_registered(server, std::move(reply));
  });
}

void Registrar::on_registered(const io::Endpoint& server, Result<const protocol::Frame*> reply) {
  if (reply && (*reply)->code == protocol::response_code::kSuccess) {
    registered_.fetch_add(1, std::memory_order_relaxed);
    retry_ms_ = kFirstRetryMs;
    OGIVE_LOG(debug, "broker", "registered with name server {}", server.to_string());
    return;
  }
  OGIVE_LOG(warn, "broker", "registering with name server {} failed: {}", server.to_string(),
            reply ? std::string((*reply)->remark) : reply.error().message());
  retry_soon();
}

remoting::Message Registrar::registration() const {
  protocol::RegisterBrokerBody body;
  auto& wrapper = body.topic_config_serialize_wrapper;
  const std::int32_t broker_permission = identity_.broker_permission.load(std::memory_order_relaxed);
  for (const TopicPtr& topic : topics_.snapshot()) {
    auto& config = wrapper.topic_config_table[topic->topic_name] = *topic;
    config.perm &= broker_permission | permission::kInherit;
  }
  wrapper.data_version = topics_.data_version();

  remoting::Message message(protocol::request_code::kRegisterBroker);
  message.body = protocol::to_json(body);
  const std::string address = identity_.store_host.to_string();
  protocol::RegisterBrokerRequestHeader header;
  header.broker_name = identity_.broker_name;
  header.broker_addr = address;
  header.cluster_name = identity_.cluster_name;
  header.ha_server_addr = options_.ha_address;
  header.broker_id = identity_.broker_id;
  if (options_.not_active_timeout_ms > 0) header.heartbeat_timeout_millis = options_.not_active_timeout_ms;
  header.enable_acting_master = false;
  header.compressed = false;
  header.body_crc32 = message_crc32(as_bytes(message.body));
  protocol::encode_header(header, message);
  return message;
}

remoting::Message Registrar::unregistration() const {
  const std::string address = identity_.store_host.to_string();
  protocol::UnRegisterBrokerRequestHeader header;
  header.broker_name = identity_.broker_name;
  header.broker_addr = address;
  header.cluster_name = identity_.cluster_name;
  header.broker_id = identity_.broker_id;
  remoting::Message message(protocol::request_code::kUnregisterBroker);
  protocol::encode_header(header, message);
  return message;
}

void Registrar::unregister(Milliseconds patience, io::Task done) {
  running_ = false;
  executor_.cancel(period_timer_);
  executor_.cancel(retry_timer_);
  const auto servers = parse_name_servers(options_.name_servers);
  /// Shared by the replies and the deadline; whoever comes last, or the deadline, ends it.
  struct Leaving {
    std::size_t left = 0;
    io::Task done;
    void finish() {
      if (auto task = std::exchange(done, nullptr)) task();
    }
  };
  auto leaving = std::make_shared<Leaving>();
  leaving->left = servers ? servers->size() : 0;
  leaving->done = std::move(done);
  if (leaving->left == 0) return leaving->finish();
  executor_.run_after(patience, [leaving] { leaving->finish(); });
  for_each_server([this, leaving, patience, message = unregistration()](const io::Endpoint& server) {
    client_.request(server, message, patience, [leaving](Result<const protocol::Frame*>) {
      if (--leaving->left == 0) leaving->finish();
    });
  });
}

}  // namespace ogive::broker
