// Who is online: joining, leaving, falling silent, and who hears of it.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "broker/session/consumer_registry.h"
#include "broker/session/producer_registry.h"
#include "broker/session/queue_locks.h"
#include "message/record.h"

namespace ogive::broker {
namespace {

class ManualClock final : public Clock {
 public:
  std::int64_t wall_ms() const override { return 1'700'000'000'000 + now_ms + jump_ms; }
  std::int64_t monotonic_ns() const override { return now_ms * 1'000'000; }
  std::int64_t now_ms = 0;
  std::int64_t jump_ms = 0;  ///< By how much somebody has set the wall clock.
};

ClientSession client(std::uint64_t number) {
  ClientSession session;
  session.channel.generation = number;
  session.client_id = "client-" + std::to_string(number);
  return session;
}

protocol::SubscriptionData wants(std::string topic, std::string expression, std::int64_t version) {
  protocol::SubscriptionData data;
  data.topic = std::move(topic);
  data.sub_string = std::move(expression);
  data.sub_version = version;
  return data;
}

ConsumerRegistration joins(std::vector<protocol::SubscriptionData> subscriptions) {
  ConsumerRegistration registration;
  registration.group = "g";
  registration.consume_type = "CONSUME_PASSIVELY";
  registration.message_model = "CLUSTERING";
  registration.consume_from_where = "CONSUME_FROM_LAST_OFFSET";
  registration.subscriptions = std::move(subscriptions);
  return registration;
}

struct Watched {
  ManualClock clock;
  ConsumerRegistry consumers{clock};
  std::vector<std::size_t> notices;  ///< How many members each notice went to.
  Watched() {
    consumers.set_ids_changed([this](const std::string&, const auto& members) { notices.push_back(members.size()); });
  }
};

TEST(ConsumerRegistry, TellsMembersOfArrivalsAndDeparturesOnly) {
  Watched world;
  const auto registration = joins({wants("t", "*", 1)});
  EXPECT_TRUE(world.consumers.register_consumer(client(1), registration).changed);
  EXPECT_TRUE(world.consumers.register_consumer(client(2), registration).changed);
  const auto generation = world.consumers.generation();
  EXPECT_FALSE(world.consumers.register_consumer(client(1), registration).changed);
  EXPECT_EQ(world.consumers.generation(), generation) << "a repeated heartbeat must not empty the pull caches";
  world.consumers.on_channel_closed(client(1).channel);
  EXPECT_EQ(world.notices, (std::vector<std::size_t>{1, 2, 1}));
  EXPECT_EQ(world.consumers.client_ids("g"), std::vector<std::string>{"client-2"});
  world.consumers.unregister_consumer(client(2).channel, "g");
  EXPECT_FALSE(world.consumers.find("g"));
  EXPECT_EQ(world.consumers.session_count(), 0U);
  EXPECT_EQ(world.notices.size(), 3U) << "nobody is left to be told";
}

TEST(ConsumerRegistry, BroadcastingAndSilencedGroupsAreNotTold) {
  Watched world;
  auto registration = joins({wants("t", "*", 1)});
  registration.message_model = "BROADCASTING";
  world.consumers.register_consumer(client(1), registration);
  registration.group = "quiet";
  registration.message_model = "CLUSTERING";
  registration.notify_ids_changed = false;
  world.consumers.register_consumer(client(1), registration);
  EXPECT_TRUE(world.notices.empty());
}

TEST(ConsumerRegistry, TheNewestSubscriptionWinsAndMissingTopicsGo) {
  Watched world;
  world.consumers.register_consumer(client(1), joins({wants("t", "A || B", 5), wants("u", "*", 5)}));
  auto found = world.consumers.find_subscription("g", "t");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->tag_codes, (std::vector<std::int64_t>{'A', 'B'}));
  world.consumers.register_consumer(client(1), joins({wants("t", "C", 4), wants("u", "*", 5)}));
  EXPECT_EQ(world.consumers.find_subscription("g", "t")->data.sub_string, "A || B");
  world.consumers.register_consumer(client(1), joins({wants("t", "C", 6)}));
  EXPECT_EQ(world.consumers.find_subscription("g", "t")->data.sub_string, "C");
  EXPECT_FALSE(world.consumers.find_subscription("g", "u"));
}

TEST(ConsumerRegistry, AShortHeartbeatForAnUnknownGroupAsksForTheWholeOne) {
  Watched world;
  auto brief = joins({});
  brief.keep_subscriptions = true;
  brief.fingerprint = 7;
  EXPECT_TRUE(world.consumers.register_consumer(client(1), brief).subscriptions_wanted);
  auto whole = joins({wants("t", "*", 1)});
  whole.fingerprint = 7;
  EXPECT_FALSE(world.consumers.register_consumer(client(1), whole).subscriptions_wanted);
  EXPECT_FALSE(world.consumers.register_consumer(client(1), brief).subscriptions_wanted);
  EXPECT_TRUE(world.consumers.find_subscription("g", "t"));
  brief.fingerprint = 8;
  EXPECT_TRUE(world.consumers.register_consumer(client(2), brief).subscriptions_wanted);
}

TEST(ConsumerRegistry, ForgetsWhoFellSilent) {
  Watched world;
  world.consumers.register_consumer(client(1), joins({wants("t", "*", 1)}));
  world.clock.now_ms = kSessionExpiryMs / 2;
  world.consumers.register_consumer(client(2), joins({wants("t", "*", 1)}));
  world.clock.now_ms = kSessionExpiryMs + 1;
  EXPECT_EQ(world.consumers.remove_expired(), std::vector{client(1).channel});
  EXPECT_EQ(world.consumers.client_ids("g"), std::vector<std::string>{"client-2"});
}

TEST(ConsumerRegistry, AWallClockThatJumpsEndsNoSession) {
  Watched world;
  world.consumers.register_consumer(client(1), joins({wants("t", "*", 1)}));
  ProducerRegistry producers(world.clock);
  producers.register_producer(client(1), "p");
  world.clock.jump_ms = 10 * kSessionExpiryMs;
  EXPECT_TRUE(world.consumers.remove_expired().empty());
  EXPECT_TRUE(producers.remove_expired().empty());
  world.clock.jump_ms = 0;
  world.clock.now_ms = kSessionExpiryMs + 1;
  EXPECT_EQ(producers.remove_expired(), std::vector{client(1).channel});
}

TEST(ProducerRegistry, PicksLiveMembersInTurn) {
  ManualClock clock;
  ProducerRegistry producers(clock);
  EXPECT_FALSE(producers.pick_channel("p").has_value());
  producers.register_producer(client(1), "p");
  producers.register_producer(client(2), "p");
  EXPECT_NE(producers.pick_channel("p"), producers.pick_channel("p"));
  producers.on_channel_closed(client(1).channel);
  EXPECT_EQ(producers.pick_channel("p"), client(2).channel);
  producers.unregister_producer(client(2).channel, "p");
  EXPECT_TRUE(producers.all().empty());
  EXPECT_EQ(producers.session_count(), 0U);
}

TEST(QueueLocks, OneClientHoldsAQueueUntilItLetsGoOrTheLockRunsOut) {
  ManualClock clock;
  QueueLocks locks(clock);
  const std::vector<protocol::MessageQueue> queues = {{"t", "broker-a", 0}, {"t", "broker-a", 1}};
  EXPECT_EQ(locks.lock("g", "one", queues).size(), 2U);
  EXPECT_TRUE(locks.lock("g", "two", queues).empty());
  EXPECT_EQ(locks.lock("other", "two", queues).size(), 2U) << "groups do not share locks";
  locks.unlock("g", "two", queues);
  EXPECT_TRUE(locks.locked("g", queues[0]));
  locks.unlock("g", "one", {queues[0]});
  EXPECT_EQ(locks.lock("g", "two", queues), std::vector{queues[0]});
  clock.now_ms = QueueLocks::kDefaultLifetimeMs + 1;
  EXPECT_FALSE(locks.any_locked("g"));
  EXPECT_EQ(locks.lock("g", "two", queues).size(), 2U);
}

}  // namespace
}  // namespace ogive::broker
