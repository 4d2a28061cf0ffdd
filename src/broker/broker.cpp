#include "broker/broker.h"

#include <fmt/core.h>

#include "base/log.h"
#include "broker/delay/schedule.h"
#include "broker/handlers/handler_table.h"
#include "broker/store_settings.h"
#include "broker/wiring/options.h"
#include "protocol/codes.h"
#include "store/queue/consume_queue.h"

namespace ogive::broker {
namespace {

constexpr std::size_t kReplicatedBatchBytes = 512 << 10;
constexpr Milliseconds kLeavePatience{500};
constexpr Milliseconds kAnswerPatience{1'000};  // From the beginning of the stop.

}  // namespace

Broker::Broker(const BrokerEnvironment& environment, settings::Settings& settings)
    : environment_(environment),
      settings_(settings),
      root_(settings.get_string("storePathRootDir")),
      config_file_(settings, environment.files, config_file("broker.properties")),
      consumers_(environment.clock, settings.get_int("channelExpiredTimeout")),
      producers_(environment.clock, settings.get_int("channelExpiredTimeout")),
      locks_(environment.clock) {
  for (std::size_t i = 0; i <= environment.reactors.size(); ++i) shards_.push_back(std::make_unique<TrafficShard>());
}

Broker::~Broker() = default;

Result<std::unique_ptr<Broker>> Broker::open(const BrokerEnvironment& environment, settings::Settings& settings) {
  std::unique_ptr<Broker> broker(new Broker(environment, settings));
  BrokerIdentity& identity = broker->identity_;
  identity.cluster_name = settings.get_string("brokerClusterName");
  identity.broker_name = settings.get_string("brokerName");
  identity.broker_id = settings.get_int("brokerId");
  identity.region_id = settings.get_string("regionId");
  identity.sync_flush = settings.get_string("flushDiskType") == "SYNC_FLUSH";
  identity.accept_sends_from_ms = settings.get_int("startAcceptSendRequestTimeStamp");
  identity.started_ms = environment.clock.wall_ms();
  identity.ip = settings.get_string("brokerIP1");
  auto host = io::Endpoint::parse(fmt::format("{}:{}", identity.ip, settings.get_int("listenPort")));
  if (!host) return fail(Errc::kInvalidArgument, "brokerIP1: " + host.error().message());
  identity.store_host = *host;
  identity.slave = settings.get_string("brokerRole") == "SLAVE";
  OGIVE_TRY(broker->open_databases());  // They bring up to date what is loaded next.
  OGIVE_TRY(broker->load_topics());     // Before the store, which asks what kind of queues a topic has.
  OGIVE_TRY(broker->open_store());
  OGIVE_TRY(broker->load_metadata());
  broker->build_sides();
  broker->build_traffic();
  broker->build_handlers();
  broker->follow_settings();
  return broker;
}

std::string Broker::config_file(std::string_view name) const {
  return fmt::format("{}/config/{}", root_, name);
}

StateFile Broker::state_file(std::string_view name) const {
  return StateFile(environment_.files, environment_.blocking, config_file(name));
}

Status Broker::open_databases() {
  auto opened = rocks::RocksStore::open(
      environment_.files, root_,
      {settings_.get_string("storeType") == "defaultRocksDB", settings_.get_bool("useSeparateStorePathForRocksdbCQ"),
       settings_.get_bool("useSingleRocksDBForAllConfigs")});
  if (!opened) return fail(std::move(opened).error());
  rocks_ = std::move(*opened);
  return {};
}

Status Broker::open_store() {
  auto levels = parse_delay_levels(settings_.get_string("messageDelayLevel"));
  if (!levels) return fail(levels.error());
  delay_level_ms_ = std::move(*levels);
  auto given = store_options(settings_);
  if (!given) return fail(given.error());
  store::StoreOptions& options = *given;
  options.is_batch_topic = [this](std::string_view topic) {
    const TopicPtr found = topics_->find(topic);
    if (!found) return false;
    const auto type = found->attributes.find("queue.type");
    return type != found->attributes.end() && type->second == "BatchCQ";
  };
  options.delay_level_ms = delay_level_ms_;
  options.replica = identity_.slave;
  if (rocks_) rocks_->prepare(options);
  auto store = store::MessageStore::open(
      {environment_.files, environment_.clock, environment_.flusher, environment_.background}, options);
  if (!store) return fail(store.error());
  store_ = std::move(*store);
  for (const std::string& repair : store_->recovery().repairs) OGIVE_LOG(warn, "store", "{}", repair);
  if (rocks_) OGIVE_TRY(rocks_->attach(*store_, environment_.background, delay_level_ms_));
  auto replication = Replication::make(
      {environment_.network, *environment_.reactors.back(), environment_.blocking, *store_}, settings_);
  if (!replication) return fail(std::move(replication).error());
  replication_ = std::move(*replication);
  return {};
}

Status Broker::load_topics() {
  topics_ = std::make_unique<TopicTable>(topic_options(settings_), environment_.clock, state_file("topics.json"));
  return topics_->load();
}

Status Broker::load_metadata() {
  GroupTableOptions group_options;
  group_options.auto_create_group = settings_.get_bool("autoCreateSubscriptionGroup");
  groups_ = std::make_unique<GroupTable>(group_options, environment_.clock, state_file("subscriptionGroup.json"));
  OGIVE_TRY(groups_->load());
  offsets_ =
      std::make_unique<OffsetTable>(environment_.clock, state_file("consumerOffset.json"),
                                    static_cast<std::uint32_t>(settings_.get_int("consumerOffsetUpdateVersionStep")));
  OGIVE_TRY(offsets_->load());
  if (identity_.slave) {
    offset_handover_ = std::make_unique<OffsetHandover>(*offsets_, state_file("ogiveUntoldOffsets.json"));
  }
  deletions_ = std::make_unique<Deletions>(environment_.clock, *store_, state_file("ogiveDeletions.json"));
  OGIVE_TRY(deletions_->load());
  topic_removal_ = std::make_unique<TopicRemoval>(TopicRemoval::Ports{*topics_, *offsets_, *store_, *replication_});
  if (!identity_.slave) limit_offsets();  // A slave's log may come later than its master's offsets.
  delay_ = std::make_unique<DelayService>(*store_, environment_.delivery, identity_, delay_level_ms_,
                                          state_file("delayOffset.json"), *shards_.back(),
                                          Milliseconds(settings_.get_int("flushDelayOffsetInterval")));
  return delay_->load();
}

// After power loss a group may have committed what is gone. Standing behind the queue's end it would miss what is
// stored there next.
void Broker::limit_offsets() {
  const auto repairs = offsets_->limit([this](std::string_view topic, std::int32_t queue) -> std::int64_t {
    if (!topics_->find(topic)) return INT64_MAX;
    const store::ConsumeQueue* found = store_->find_queue(topic, QueueId(queue));
    return found == nullptr ? 0 : found->max_offset().value();
  });
  for (const std::string& repair : repairs) OGIVE_LOG(warn, "broker", "{}", repair);
}

void Broker::build_sides() {
  server_ = std::make_unique<remoting::Server>(environment_.network, environment_.reactors, environment_.blocking,
                                               server_options(settings_));
  server_->set_close_listener([this](remoting::ChannelId channel, const io::Endpoint&) { on_channel_closed(channel); });
  expiry_ =
      std::make_unique<SessionExpiry>(*environment_.reactors.front(), consumers_, producers_,
                                      [this](remoting::ChannelId channel) { server_->close(channel, "no heartbeat"); });
  consumers_.set_ids_changed([this](const std::string& group, const std::vector<remoting::ChannelId>& members) {
    if (!settings_.get_bool("notifyConsumerIdsChangedEnable")) return;
    remoting::Message notice(protocol::request_code::kNotifyConsumerIdsChanged);
    notice.field("consumerGroup", std::string_view(group));
    for (const auto& member : members) server_->request_one_way(member, notice);
  });
  client_calls_ = std::make_unique<ClientCalls>(consumers_, *server_);
  offset_reset_ = std::make_unique<OffsetReset>(*offsets_, *store_);
  dead_letters_ = std::make_unique<DeadLetterRule>(*groups_, locks_);

  AppendLane::Options lane;
  lane.flush_timeout = Milliseconds(settings_.get_int("syncFlushTimeout"));
  lane.replica_timeout = Milliseconds(settings_.get_int("slaveTimeout"));
  lane.replicas = replication_->replicas();
  // Who waits for a slave is answered as the slave gets on, not when it has a whole turn's messages; and it begins
  // while the turn goes on.
  const bool waits = settings_.get_string("brokerRole") == "SYNC_MASTER";
  if (waits) lane.max_batch_bytes = kReplicatedBatchBytes;
  const SendPorts send{*topics_, *store_, *server_, identity_, *dead_letters_, delay_level_ms_};
  const SendBackPorts back{*topics_, *groups_, *store_, *server_, identity_, delay_level_ms_};
  const PullPorts pull{*topics_, *groups_, consumers_, *offsets_, *store_, *server_};
  for (std::uint32_t i = 0; i < environment_.reactors.size(); ++i) {
    io::Executor& executor = *environment_.reactors[i];
    ReactorSide side;
    if (waits && &executor == environment_.reactors.back()) {
      lane.after_early_submit = [this] { replication_->send_grown(); };
    }
    side.send = std::make_unique<SendPath>(send, executor, lane, i, *shards_[i]);
    side.send_back = std::make_unique<SendBackPath>(back, side.send->lane(), environment_.blocking, *shards_[i]);
    side.pull = std::make_unique<PullPath>(pull, identity_, pull_options(settings_, environment_.memory_bytes),
                                           environment_.blocking, executor, *shards_[i]);
    sides_.push_back(std::move(side));
  }
  store_->set_arrival_listener([this](store::ConsumeQueue& queue) { on_arrival(queue); });
}

void Broker::follow_settings() {
  const auto take = [this] {
    identity_.broker_permission = static_cast<std::int32_t>(settings_.get_int("brokerPermission"));
    identity_.max_message_bytes = static_cast<std::int32_t>(settings_.get_int("maxMessageSize"));
    identity_.trace_on = settings_.get_bool("traceOn");
    topics_->set_auto_create(settings_.get_bool("autoCreateTopicEnable"));
    groups_->set_auto_create(settings_.get_bool("autoCreateSubscriptionGroup"));
    identity_.sync_slaves =
        settings_.get_string("brokerRole") == "SYNC_MASTER" && !settings_.get_bool("duplicationEnable");
    identity_.slave_read = settings_.get_bool("slaveReadEnable");
    identity_.offset_check_in_slave = settings_.get_bool("offsetCheckInSlave");
  };
  take();
  settings_.on_change([this, take](const std::vector<std::string>& keys) {
    take();
    const PullOptions pull = pull_options(settings_, environment_.memory_bytes);
    for (std::size_t i = 0; i < sides_.size(); ++i) {
      environment_.reactors[i]->post([side = sides_[i].pull.get(), pull] { side->set_options(pull); });
    }
    store_->set_retention(retention_settings(settings_));
    replication_->apply(settings_);
    if (!registrar_) return;
    // The name servers take a registration for news only when its version is.
    if (std::ranges::find(keys, "brokerPermission") != keys.end()) topics_->touch();
    registrar_->apply(registrar_options(settings_));
    registrar_->register_soon();
  });
}

Result<io::Endpoint> Broker::bind_address() const {
  const std::string bind = settings_.get_string("bindAddress");
  auto parsed = io::Endpoint::parse((bind.empty() ? "0.0.0.0" : bind) + ":0");
  if (!parsed) return fail(Errc::kInvalidArgument, "bindAddress: " + parsed.error().message());
  return *parsed;
}

Status Broker::start() {
  const auto port = static_cast<std::uint16_t>(settings_.get_int("listenPort"));
  auto local = bind_address();
  if (!local) return fail(std::move(local).error());
  io::Endpoint any = *local;
  any.port = port;
  auto main_port = server_->listen(any, handlers_);
  if (!main_port) return fail(main_port.error());
  any.port = static_cast<std::uint16_t>(port - 2);
  auto fast_port = server_->listen(any, fast_handlers_);
  if (!fast_port) return fail(fast_port.error());
  endpoint_ = *main_port;
  const std::int64_t ha_port = settings_.get_int("haListenPort");
  any.port = ha_port > 0 ? static_cast<std::uint16_t>(ha_port) : static_cast<std::uint16_t>(port + 1);

  io::Executor& control = *environment_.reactors.front();
  registrar_ =
      std::make_unique<Registrar>(environment_.network, control, *topics_, identity_, registrar_options(settings_));
  topics_->set_change_listener([this](std::span<const TopicPtr>) { registrar_->register_soon(); });
  if (identity_.slave) follow_master();
  OGIVE_TRY(replication_->start(any));
  control.post([this] {
    if (identity_.slave) look_for_master();
    registrar_->start();
    save_offsets_regularly();
  });
  environment_.background.post([this] { traffic_->start(); });
  // Whatever the log is to get by itself, it gets on the master.
  if (!identity_.slave) environment_.delivery.post([this] { delay_->start(); });
  return {};
}

void Broker::save_offsets_regularly() {
  offset_timer_ =
      environment_.reactors.front()->run_after(Milliseconds(settings_.get_int("flushConsumerOffsetInterval")), [this] {
        offsets_->save_if_dirty();
        offsets_->retry_save();
        topics_->retry_save();
        groups_->retry_save();
        save_offsets_regularly();
      });
}

void Broker::on_arrival(store::ConsumeQueue& queue) {
  if (queue.topic() == system_topic::kSchedule) delay_->note_arrival(queue);
  for (ReactorSide& side : sides_) {
    // A poll parked on another reactor a moment ago is seen there: parking looks at the queue again.
    if (side.pull->parked() != 0) side.pull->note_arrival(queue);
  }
}

void Broker::on_channel_closed(remoting::ChannelId channel) {
  consumers_.on_channel_closed(channel);
  producers_.on_channel_closed(channel);
}

void Broker::stop(io::Task done) {
  io::Executor& control = *environment_.reactors.front();
  control.post([this, &control, done = std::move(done)]() mutable {
    control.cancel(offset_timer_);
    stop_began_ms_ = control.clock().monotonic_ms();
    control.cancel(master_timer_);
    if (metadata_sync_) metadata_sync_->stop();
    registrar_->unregister(kLeavePatience, [this, done = std::move(done)]() mutable {
      server_->drain();
      for (std::size_t i = 0; i < sides_.size(); ++i) {
        environment_.reactors[i]->post([pull = sides_[i].pull.get()] { pull->release_all(); });
      }
      answer_and_shut_down(std::move(done));
    });
  });
}

// What was accepted is answered before its connection goes, unless the disk is too slow for that. The flushed watermark
// would not do: it passes before the waiters of other reactors have heard of it.
void Broker::answer_and_shut_down(io::Task done) {
  /// Shared by the last answer and the deadline; whoever comes first closes.
  struct Closing {
    io::Task close;
    void finish() {
      if (auto task = std::exchange(close, nullptr)) task();
    }
  };
  io::Executor& control = *environment_.reactors.front();
  auto closing = std::make_shared<Closing>();
  closing->close = [this, &control, done = std::move(done)]() mutable {
    // The last to go: sends waited for slaves until now.
    environment_.reactors.back()->post([this, &control, done = std::move(done)]() mutable {
      replication_->stop();
      control.post([this, done = std::move(done)]() mutable {
        server_->shut_down();
        done();
      });
    });
  };
  const Milliseconds spent(control.clock().monotonic_ms() - stop_began_ms_);
  control.run_after(kAnswerPatience - spent, [closing] { closing->finish(); });
  server_->when_answered([closing] { closing->finish(); });
}

void Broker::stop_delivery() {
  delay_->stop();
}

Status Broker::close() {
  Status result;
  const auto note = [&result](Status status) {
    if (!status && result) result = status;
  };
  note(topics_->save_now());
  note(groups_->save_now());
  note(offsets_->save_now());
  Status closed = store_->close();
  // Only what is flushed may be noted as delivered.
  if (closed) note(delay_->save());
  note(std::move(closed));
  if (rocks_) note(rocks_->save());
  return result;
}

std::size_t Broker::parked_polls() const {
  std::size_t parked = 0;
  for (const ReactorSide& side : sides_) parked += side.pull->parked();
  return parked;
}

std::string Broker::boot_line() const {
  std::string line = fmt::format("The broker[{}, {}] boot success. serializeType=JSON", identity_.broker_name,
                                 identity_.store_host.to_string());
  if (const std::string servers = settings_.get_string("namesrvAddr"); !servers.empty()) {
    line += " and name server is " + servers;
  }
  return line;
}

}  // namespace ogive::broker
