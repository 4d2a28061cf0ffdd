#include "namesrv/name_server.h"

#include <fmt/core.h>

#include "base/log.h"
#include "protocol/codes.h"
#include "protocol/headers/namesrv.h"

namespace ogive::namesrv {
namespace {

constexpr Milliseconds kNoticeConnectTimeout{300};

RouteOptions route_options(const settings::Settings& settings) {
  return {.support_acting_master = settings.get_bool("supportActingMaster"),
          .notify_min_broker_id_changed = settings.get_bool("notifyMinBrokerIdChanged"),
          .delete_topic_with_registration = settings.get_bool("deleteTopicWithBrokerRegistration"),
          .attach_order_conf = settings.get_bool("orderMessageEnable")};
}

remoting::ServerOptions server_options(const settings::Settings& settings) {
  remoting::ServerOptions options;
  options.limits.idle_timeout = std::chrono::seconds(settings.get_int("serverChannelMaxIdleTimeSeconds"));
  options.listen.backlog = static_cast<int>(settings.get_int("serverSocketBacklog"));
  options.listen.send_buffer_bytes = static_cast<int>(settings.get_int("serverSocketSndBufSize"));
  options.listen.receive_buffer_bytes = static_cast<int>(settings.get_int("serverSocketRcvBufSize"));
  options.accept_proxy_protocol = settings.get_bool("acceptProxyProtocol");
  return options;
}

remoting::ClientOptions client_options() {
  remoting::ClientOptions options;
  options.connect_timeout = kNoticeConnectTimeout;
  options.max_waiting_per_peer = 100;
  return options;
}

Result<io::Endpoint> listen_endpoint(const settings::Settings& settings) {
  const std::string address = settings.get_string("bindAddress");
  const auto port = settings.get_int("listenPort");
  const bool v6 = address.find(':') != std::string::npos && !address.starts_with('[');
  return io::Endpoint::parse(v6 ? fmt::format("[{}]:{}", address, port) : fmt::format("{}:{}", address, port));
}

}  // namespace

NameServer::NameServer(const Environment& environment, settings::Settings& settings)
    : environment_(environment),
      settings_(settings),
      home_(*environment.reactors.front()),
      kv_(environment.files, settings.get_string("kvConfigPath")),
      routes_(route_options(settings),
              [this](const std::string& topic) { return kv_.get(kOrderTopicNamespace, topic); }),
      config_(settings, environment.files),
      readiness_(home_.clock()),
      server_(environment.network, environment.reactors, environment.blocking, server_options(settings)),
      client_(environment.network, home_, client_options()),
      services_(make_services()),
      handlers_(make_handler_table(services_)) {
  const auto capacity = static_cast<std::size_t>(settings.get_int("unRegisterBrokerQueueCapacity"));
  for (io::Executor* reactor : environment.reactors) {
    departures_.push_back(std::make_unique<DepartureBatch>(*reactor, routes_, server_, capacity,
                                                           [this](std::vector<MinBrokerNotice> notices) {
                                                             for (MinBrokerNotice& notice : notices)
                                                               notify(std::move(notice));
                                                           }));
  }
  kv_.on_change([this] { routes_.invalidate(); });
  settings.on_change([this](const std::vector<std::string>&) { apply_settings(); });
  apply_settings();
  server_.set_close_listener([this](remoting::ChannelId channel, const io::Endpoint&) {
    departures_[channel.reactor]->channel_closed(channel);
  });
}

NameServer::~NameServer() = default;

Services NameServer::make_services() {
  return {.routes = routes_,
          .kv = kv_,
          .config = config_,
          .readiness = readiness_,
          .clock = home_.clock(),
          .watch_brokers = [this] { watch_brokers(); },
          .notify = [this](MinBrokerNotice notice) { notify(std::move(notice)); },
          .unregister =
              [this](Unregistration request, const remoting::ReplyTo& reply_to) {
                return departures_[reply_to.channel.reactor]->unregister(std::move(request), reply_to);
              },
          .reply = [this](const remoting::ReplyTo& to,
                          remoting::Message message) { server_.reply(to, std::move(message)); }};
}

void NameServer::apply_settings() {
  routes_.set_options(route_options(settings_));
  readiness_.wait_for(settings_.get_bool("needWaitForService") ? settings_.get_int("waitSecondsForService") : 0);
}

Status NameServer::start() {
  OGIVE_TRY(kv_.load());
  const auto wanted = listen_endpoint(settings_);
  if (!wanted) return fail(wanted.error().code(), fmt::format("bindAddress: {}", wanted.error().message()));
  const auto bound = server_.listen(*wanted, handlers_);
  if (!bound) return fail(bound.error());
  endpoint_ = *bound;
  return {};
}

void NameServer::stop() {
  if (stopped_.exchange(true)) return;
  server_.shut_down();
  home_.post([this] { home_.cancel(scan_timer_); });
}

void NameServer::watch_brokers() {
  if (watching_.exchange(true)) return;
  home_.post([this] { schedule_scan(); });
}

void NameServer::schedule_scan() {
  if (stopped_) return;
  scan_timer_ = home_.run_after(Milliseconds(settings_.get_int("scanNotActiveBrokerInterval")), [this] { scan(); });
}

void NameServer::scan() {
  RouteTable::Expired expired = routes_.expire(home_.clock().monotonic_ms());
  for (const auto& channel : expired.channels) server_.close(channel, "no sign of life from its brokers");
  for (MinBrokerNotice& notice : expired.notices) notify(std::move(notice));
  // Off before looking: a broker that registers in between turns it on again.
  watching_ = false;
  if (routes_.live_brokers() > 0 && !watching_.exchange(true)) schedule_scan();
}

void NameServer::notify(MinBrokerNotice notice) {
  remoting::Message message(protocol::request_code::kNotifyMinBrokerIdChange);
  protocol::NotifyMinBrokerIdChangeRequestHeader header;
  header.min_broker_id = notice.min_broker_id;
  header.min_broker_addr = notice.min_address;
  if (notice.offline_address) header.offline_broker_addr = *notice.offline_address;
  if (notice.ha_address) header.ha_broker_addr = *notice.ha_address;
  protocol::encode_header(header, message);
  OGIVE_LOG(info, "namesrv", "min broker id changed to {} ({}), notify {} brokers, offline broker addr {}",
            notice.min_broker_id, notice.min_address, notice.recipients.size(),
            notice.offline_address.value_or("none"));
  home_.post([this, message = std::move(message), recipients = std::move(notice.recipients)] {
    for (const std::string& recipient : recipients) send_notice(recipient, message);
  });
}

void NameServer::send_notice(const std::string& recipient, const remoting::Message& message) {
  if (stopped_) return;
  if (const auto endpoint = io::Endpoint::parse(recipient)) {
    client_.request_one_way(*endpoint, message);
    return;
  }
  const std::size_t colon = recipient.rfind(':');
  const auto port = static_cast<std::uint16_t>(std::stoi("0" + recipient.substr(colon + 1)));
  environment_.network.resolve(
      home_, recipient.substr(0, colon), port, [this, recipient, message](Result<std::vector<io::Endpoint>> found) {
        if (found && !found->empty()) {
          client_.request_one_way(found->front(), message);
          return;
        }
        OGIVE_LOG(warn, "namesrv", "broker {} not notified: its host name has no address", recipient);
      });
}

}  // namespace ogive::namesrv
