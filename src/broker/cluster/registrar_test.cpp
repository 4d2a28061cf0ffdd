// A registrar and its name servers in the simulated world.

#include "broker/cluster/registrar.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/bodies/register_broker.h"
#include "protocol/codes.h"
#include "protocol/headers/namesrv.h"
#include "remoting/server.h"
#include "testing/sim_node.h"
#include "testing/sim_world.h"

namespace ogive::broker {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using ::testing::ElementsAre;
namespace request = protocol::request_code;
namespace response = protocol::response_code;

constexpr std::uint16_t kPort = 9'876;

/// Notes what it is told; answers as `mode` says.
class FakeNameServer {
 public:
  enum class Mode { kAnswer, kSilent, kRefuse };

  explicit FakeNameServer(sim::SimWorld& world, const std::string& name) : node(world.add_node(name)) {
    for (const std::int32_t code : {request::kRegisterBroker, request::kUnregisterBroker, request::kQueryDataVersion,
                                    request::kBrokerHeartbeat}) {
      table_.add({.code = code,
                  .name = "CODE",
                  .lane = remoting::Lane::kReactor,
                  .handler = remoting::AnswerLater([this](const remoting::Request& r) { take(r); })});
    }
    node.run([this](sim::SimNode& self) {
      reactors_ = self.reactors();
      auto made =
          std::make_shared<remoting::Server>(self.network(), reactors_, self.tasks(), remoting::ServerOptions{});
      EXPECT_TRUE(made->listen(self.endpoint(kPort), table_).has_value());
      return made;
    });
  }

  std::size_t count(std::int32_t code) const { return static_cast<std::size_t>(std::ranges::count(codes, code)); }
  std::size_t registrations() const { return count(request::kRegisterBroker); }

  sim::SimNode& node;
  Mode mode = Mode::kAnswer;
  bool changed = false;    ///< Answer to QUERY_DATA_VERSION.
  std::string reply_body;  ///< Of a registration.
  std::vector<std::int32_t> codes;
  std::vector<std::int64_t> times_ms;  ///< Of the registrations.
  std::set<std::string> topics;        ///< Of the last registration.
  std::map<std::string, std::string> fields;
  std::int32_t permission = 0;  ///< Of the topic "T" in the last registration.

 private:
  void take(const remoting::Request& r) {
    codes.push_back(r.frame.code);
    if (r.frame.code == request::kRegisterBroker) take_registration(r.frame);
    if (mode == Mode::kSilent) return;
    remoting::Message answer(mode == Mode::kRefuse ? response::kSystemError : response::kSuccess);
    if (r.frame.code == request::kRegisterBroker) answer.body = reply_body;
    if (r.frame.code == request::kQueryDataVersion) {
      protocol::encode_header(protocol::QueryDataVersionResponseHeader{.changed = changed}, answer);
    }
    r.channel->reply(r.reply_to, answer);
  }
  void take_registration(const protocol::Frame& frame) {
    times_ms.push_back(node.world().now_ms());
    fields.clear();
    for (const auto& field : frame.fields) fields[std::string(field.name)] = field.value;
    const auto body = protocol::decode_registration(frame.body, fields["compressed"] == "true", frame.version);
    ASSERT_TRUE(body.has_value()) << body.error().message();
    topics.clear();
    for (const auto& [name, config] : body->topic_config_serialize_wrapper.topic_config_table) {
      topics.insert(name);
      if (name == "T") permission = config.perm;
    }
  }

  remoting::HandlerTable table_;
  std::vector<io::Executor*> reactors_;
};

class RegistrarTest : public ::testing::Test {
 protected:
  RegistrarTest() : a_(world_, "ns-a"), b_(world_, "ns-b"), broker_(world_.add_node("broker")) {
    options_.name_servers = "ns-a:9876;ns-b:9876";
    options_.link.registration.ha_address = "10.0.0.9:10912";
  }

  void start() {
    broker_.run([this](sim::SimNode& node) {
      struct Process {
        BrokerIdentity identity;
        std::unique_ptr<TopicTable> topics;
        std::unique_ptr<Registrar> registrar;
      };
      auto process = std::make_shared<Process>();
      process->identity.cluster_name = "C";
      process->identity.broker_name = "a";
      process->identity.store_host = node.endpoint(10'911);
      process->topics = std::make_unique<TopicTable>(topic_options(), node.clock(),
                                                     StateFile(node.files(), node.tasks(), "/config/topics.json"));
      process->registrar =
          std::make_unique<Registrar>(node.network(), node.reactor(), *process->topics, process->identity, options_);
      process->topics->set_change_listener(
          [registrar = process->registrar.get()](std::span<const TopicPtr>) { registrar->register_soon(); });
      process->registrar->start();
      identity_ = &process->identity;
      topics_ = process->topics.get();
      registrar_ = process->registrar.get();
      return process;
    });
  }
  void start_and_register() {
    start();
    ASSERT_TRUE(world_.run_until([&] { return registrar_ && registrar_->registered_count() == 2; }, 2s));
  }
  static TopicTableOptions topic_options() {
    TopicTableOptions options;
    options.cluster_name = "C";
    options.broker_name = "a";
    return options;
  }
  void create_topic(const std::string& name) {
    broker_.reactor().run_here([&] {
      protocol::TopicConfig config;
      config.topic_name = name;
      EXPECT_TRUE(topics_->create_or_update(config).has_value());
    });
  }
  bool leaves_within(Milliseconds patience, Milliseconds limit) {
    bool left = false;
    broker_.reactor().run_here([&] { registrar_->unregister(patience, [&] { left = true; }); });
    return world_.run_until([&] { return left; }, limit);
  }

  sim::SimWorld world_{11};
  FakeNameServer a_, b_;
  sim::SimNode& broker_;
  RegistrarOptions options_;
  BrokerIdentity* identity_ = nullptr;
  TopicTable* topics_ = nullptr;
  Registrar* registrar_ = nullptr;
};

TEST_F(RegistrarTest, RegistersWithEveryNameServerAtOnceAndEveryPeriod) {
  start_and_register();
  EXPECT_EQ(a_.fields["brokerName"], "a");
  EXPECT_EQ(a_.fields["clusterName"], "C");
  EXPECT_EQ(a_.fields["brokerAddr"], broker_.endpoint(10'911).to_string());
  EXPECT_EQ(a_.fields["haServerAddr"], "10.0.0.9:10912");
  EXPECT_EQ(a_.fields["brokerId"], "0");
  EXPECT_FALSE(a_.fields.contains("heartbeatTimeoutMillis"));
  world_.run_for(95s);
  EXPECT_EQ(a_.registrations(), 4u);
  EXPECT_EQ(b_.registrations(), 4u);
  EXPECT_NEAR(static_cast<double>(a_.times_ms[2] - a_.times_ms[1]), 30'000, 20);
}

TEST_F(RegistrarTest, AChangeIsRegisteredAtOnceAndABurstIsFew) {
  start_and_register();
  create_topic("T");
  ASSERT_TRUE(world_.run_until([&] { return a_.topics.contains("T") && b_.topics.contains("T"); }, 50ms));
  const std::size_t before = a_.registrations();
  broker_.reactor().run_here([&] {
    for (int i = 0; i < 100; ++i) {
      protocol::TopicConfig config;
      config.topic_name = "burst" + std::to_string(i);
      EXPECT_TRUE(topics_->create_or_update(config).has_value());
    }
  });
  world_.run_for(1s);
  EXPECT_TRUE(a_.topics.contains("burst99"));
  EXPECT_LE(a_.registrations() - before, 2u);
}

TEST_F(RegistrarTest, AChangeDuringARegistrationFollowsIt) {
  start();
  ASSERT_TRUE(world_.run_until([&] { return registrar_ != nullptr; }, 1s));
  world_.run_for(2ms);  // The first is under way.
  create_topic("T");
  ASSERT_TRUE(world_.run_until([&] { return a_.topics.contains("T") && b_.topics.contains("T"); }, 100ms));
}

TEST_F(RegistrarTest, AHangingNameServerDelaysNobody) {
  a_.mode = FakeNameServer::Mode::kSilent;
  start();
  ASSERT_TRUE(world_.run_until([&] { return b_.registrations() == 1; }, 100ms));
  create_topic("T");
  ASSERT_TRUE(world_.run_until([&] { return b_.topics.contains("T"); }, 100ms));
  world_.run_for(60s);
  EXPECT_EQ(b_.registrations(), 4u);  // At the start, after the change, and two periods.
  EXPECT_EQ(registrar_->registered_count(), 1u);
  a_.mode = FakeNameServer::Mode::kAnswer;
  EXPECT_TRUE(world_.run_until([&] { return registrar_->registered_count() == 2; }, 42s));
  EXPECT_TRUE(a_.topics.contains("T"));
}

TEST_F(RegistrarTest, AnUnreachableOneIsTriedAgainSoonerThanTheNextPeriodAndTheOtherIsLeftInPeace) {
  world_.internet().partition({"ns-a"}, {"broker"});
  start();
  ASSERT_TRUE(world_.run_until([&] { return b_.registrations() == 1; }, 100ms));
  world_.run_for(10s);
  world_.internet().heal();
  EXPECT_TRUE(world_.run_until([&] { return a_.registrations() == 1; }, 12s));
  EXPECT_EQ(b_.registrations(), 1u);
}

TEST_F(RegistrarTest, ARefusalIsRetriedWithGrowingPauses) {
  a_.mode = FakeNameServer::Mode::kRefuse;
  start();
  world_.run_for(25s);
  ASSERT_GE(a_.times_ms.size(), 5u);
  for (std::size_t i = 1; i < 5; ++i) {
    EXPECT_NEAR(static_cast<double>(a_.times_ms[i] - a_.times_ms[i - 1]), 1'000.0 * (1 << (i - 1)), 20);
  }
  world_.run_for(300s);
  EXPECT_LT(a_.registrations(), 32u);  // Every 16 seconds and with the periods, no faster.
  EXPECT_EQ(registrar_->registered_count(), 1u);
}

TEST_F(RegistrarTest, ALostConnectionRegistersAgain) {
  start_and_register();
  world_.internet().reset_connections("broker", "ns-a");
  ASSERT_TRUE(world_.run_until([&] { return a_.registrations() == 2; }, 1'100ms));
  EXPECT_EQ(b_.registrations(), 1u);
}

TEST_F(RegistrarTest, AllNameServersMayGoAndComeBack) {
  start_and_register();
  a_.node.kill();
  b_.node.power_loss();
  world_.run_for(120s);
  EXPECT_EQ(registrar_->registered_count(), 0u);
  create_topic("T");
  world_.run_for(1s);
  a_.node.restart();
  b_.node.restart();
  ASSERT_TRUE(world_.run_until([&] { return registrar_->registered_count() == 2; }, 45s));
  EXPECT_TRUE(a_.topics.contains("T"));
  EXPECT_TRUE(b_.topics.contains("T"));
}

TEST_F(RegistrarTest, WithoutForceItAsksFirstAndRegistersOnlyWhatChanged) {
  options_.link.force = false;
  start_and_register();
  world_.run_for(61s);
  EXPECT_EQ(a_.registrations(), 1u);
  EXPECT_EQ(a_.count(request::kQueryDataVersion), 2u);
  a_.changed = true;
  world_.run_for(30s);
  EXPECT_EQ(a_.registrations(), 2u);
  EXPECT_EQ(b_.registrations(), 1u);
  create_topic("T");
  ASSERT_TRUE(world_.run_until([&] { return a_.topics.contains("T") && b_.topics.contains("T"); }, 100ms));
}

TEST_F(RegistrarTest, HeartbeatsGoOutBetweenRegistrationsWhenAskedFor) {
  options_.heartbeat_period = 1s;
  options_.link.registration.enable_acting_master = true;
  options_.link.registration.not_active_timeout_ms = 10'000;
  start_and_register();
  world_.run_for(20s);
  EXPECT_GE(a_.count(request::kBrokerHeartbeat), 19u);
  EXPECT_EQ(a_.registrations(), 1u);
  EXPECT_EQ(a_.fields["heartbeatTimeoutMillis"], "10000");
  EXPECT_EQ(a_.fields["enableActingMaster"], "true");
}

TEST_F(RegistrarTest, ACompressedRegistrationSaysSo) {
  options_.link.registration.compressed = true;
  start_and_register();
  create_topic("T");
  ASSERT_TRUE(world_.run_until([&] { return a_.topics.contains("T"); }, 100ms));
  EXPECT_EQ(a_.fields["compressed"], "true");
}

TEST_F(RegistrarTest, TheListMayChangeAndWhoLeavesItIsTold) {
  FakeNameServer c(world_, "ns-c");
  start_and_register();
  options_.name_servers = " ns-b:9876 ; ns-c:9876;";
  broker_.reactor().run_here([&] { registrar_->apply(options_); });
  ASSERT_TRUE(world_.run_until([&] { return c.registrations() == 1; }, 100ms));
  world_.run_for(2s);
  EXPECT_EQ(a_.count(request::kUnregisterBroker), 1u);
  EXPECT_EQ(b_.count(request::kUnregisterBroker), 0u);
  const std::size_t before = a_.registrations();
  world_.run_for(60s);
  EXPECT_EQ(a_.registrations(), before);
  EXPECT_EQ(registrar_->registered_count(), 2u);
  options_.name_servers = "not an address";
  broker_.reactor().run_here([&] { registrar_->apply(options_); });
  world_.run_for(10s);
  EXPECT_EQ(registrar_->registered_count(), 2u);  // Stays with what it had.
}

TEST_F(RegistrarTest, AServerMayMoveBehindItsName) {
  world_.internet().add_name("names", {a_.node.endpoint()});
  options_.name_servers = "names:9876";
  start();
  ASSERT_TRUE(world_.run_until([&] { return a_.registrations() == 1; }, 1s));
  world_.internet().add_name("names", {b_.node.endpoint()});
  ASSERT_TRUE(world_.run_until([&] { return b_.registrations() == 1; }, 31s));
  world_.run_for(1s);
  EXPECT_EQ(a_.count(request::kUnregisterBroker), 1u);
  EXPECT_EQ(registrar_->registered_count(), 1u);
}

TEST_F(RegistrarTest, ANameThatIsNotKnownYetIsAskedForAgain) {
  options_.name_servers = "late:9876;ns-b:9876";
  start();
  ASSERT_TRUE(world_.run_until([&] { return b_.registrations() == 1; }, 1s));
  world_.run_for(11s);
  world_.internet().add_name("late", {a_.node.endpoint()});
  EXPECT_TRUE(world_.run_until([&] { return a_.registrations() == 1; }, 6s));
}

TEST_F(RegistrarTest, ANameWithSeveralAddressesIsOneServerThatFailsOver) {
  world_.internet().add_name("names", {a_.node.endpoint(), b_.node.endpoint()});
  options_.name_servers = "names:9876";
  start();
  ASSERT_TRUE(world_.run_until([&] { return a_.registrations() == 1; }, 1s));
  world_.run_for(10s);
  EXPECT_EQ(b_.registrations(), 0u);
  a_.node.kill();
  EXPECT_TRUE(world_.run_until([&] { return b_.registrations() == 1; }, 10s));
}

TEST_F(RegistrarTest, OrAServerAtEachOfItsAddressesWhenSaidSo) {
  world_.internet().add_name("names", {a_.node.endpoint(), b_.node.endpoint()});
  options_.name_servers = "names:9876";
  options_.all_addresses = true;
  start_and_register();
  EXPECT_EQ(a_.registrations(), 1u);
  EXPECT_EQ(b_.registrations(), 1u);
}

TEST_F(RegistrarTest, LeavingTellsEverybodyAndNothingIsRegisteredAfter) {
  start_and_register();
  EXPECT_TRUE(leaves_within(500ms, 100ms));
  EXPECT_EQ(a_.codes.back(), request::kUnregisterBroker);
  EXPECT_EQ(b_.codes.back(), request::kUnregisterBroker);
  create_topic("T");
  world_.run_for(120s);
  EXPECT_EQ(a_.registrations(), 1u);
}

TEST_F(RegistrarTest, LeavingWaitsNoLongerThanItsPatience) {
  start_and_register();
  a_.mode = FakeNameServer::Mode::kSilent;
  world_.internet().partition({"broker"}, {"ns-b"});
  const std::int64_t begin = world_.now_ms();
  EXPECT_TRUE(leaves_within(500ms, 2s));
  EXPECT_NEAR(static_cast<double>(world_.now_ms() - begin), 500, 5);
}

TEST_F(RegistrarTest, WithoutNameServersItIsContent) {
  options_.name_servers = "";
  start();
  world_.run_for(100s);
  EXPECT_EQ(registrar_->registered_count(), 0u);
  EXPECT_TRUE(leaves_within(500ms, 10ms));
}

TEST_F(RegistrarTest, TheBrokersPermissionMasksThatOfItsTopics) {
  start_and_register();
  create_topic("T");
  ASSERT_TRUE(world_.run_until([&] { return a_.topics.contains("T"); }, 100ms));
  EXPECT_EQ(a_.permission, 6);
  identity_->broker_permission = permission::kRead;
  registrar_->register_soon();
  world_.run_for(100ms);
  EXPECT_EQ(a_.permission, permission::kRead);
}

TEST_F(RegistrarTest, TopicsWithAnOrderConfigurationBecomeOrdered) {
  a_.reply_body = R"({"table":{"T":"a:4"}})";
  b_.reply_body = "no json";
  start_and_register();
  create_topic("T");
  world_.run_for(1s);
  EXPECT_TRUE(topics_->is_order_topic("T"));
}

TEST(RegistrarOptions, ComeFromTheSettings) {
  settings::Settings settings(settings::broker_scopes(), settings::Machine{});
  settings.assign("brokerIP2", "10.1.1.1");
  settings.assign("haListenPort", "10912");
  settings.assign("registerNameServerPeriod", "1");
  RegistrarOptions options = registrar_options(settings);
  EXPECT_EQ(options.period, 10s);
  EXPECT_EQ(options.heartbeat_period, 0ms);
  EXPECT_EQ(options.link.registration.ha_address, "10.1.1.1:10912");
  EXPECT_EQ(options.link.registration.not_active_timeout_ms, 0);
  EXPECT_TRUE(options.link.force);
  settings.assign("enableSlaveActingMaster", "true");
  settings.assign("registerNameServerPeriod", "100000");
  settings.assign("compressedRegister", "true");
  options = registrar_options(settings);
  EXPECT_EQ(options.period, 60s);
  EXPECT_EQ(options.heartbeat_period, 1s);
  EXPECT_EQ(options.link.registration.not_active_timeout_ms, 10'000);
  EXPECT_TRUE(options.link.registration.compressed);
}

}  // namespace
}  // namespace ogive::broker
