// Delayed delivery over a store on a simulated disk.

#include "broker/delay/delay_service.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "broker/delay/schedule.h"
#include "broker/topic/names.h"
#include "message/record.h"
#include "store/queue/consume_queue.h"
#include "testing/sim_node.h"
#include "testing/sim_world.h"

namespace ogive::broker {
namespace {

constexpr std::int64_t kLevelMs = 1'000;

/// A store and its delay service, opened afresh by each visit, as a broker's restarts do.
class DelayedStore final : public AppendObserver {
 public:
  explicit DelayedStore(sim::SimNode& node) : node_(node) {
    store::StoreOptions options;
    options.root = "/store";
    options.segment_bytes = 1 << 20;
    options.prewrite_bytes = 64 << 10;
    options.delay_level_ms = {kLevelMs};
    auto opened = store::MessageStore::open({node.files(), node.clock(), node.flusher(), node.background()}, options);
    EXPECT_TRUE(opened) << opened.error().message();
    store_ = std::move(*opened);
    delay_ = std::make_unique<DelayService>(*store_, node.reactor(), identity_, std::vector{kLevelMs},
                                            StateFile(node.files(), node.tasks(), "/store/config/delayOffset.json"),
                                            traffic_);
    EXPECT_TRUE(delay_->load());
    store_->set_arrival_listener([this](store::ConsumeQueue& queue) { delay_->note_arrival(queue); });
    lane_ = std::make_unique<AppendLane>(*store_, node.reactor(), AppendLane::Options{});
  }

  void send_delayed(std::string_view body) {
    node_.reactor().run_here([this, body] {
      message::RecordFields fields;
      fields.topic = "TopicA";
      fields.body = as_bytes(body);
      lane_->begin();
      add_delayed(*lane_, *store_, {kLevelMs}, fields, 1);
      lane_->commit(AppendLevel{}, *this, 0);
    });
    node_.world().run_for(Milliseconds(5));
  }

  /// Bodies that have arrived under the real topic.
  std::vector<std::string> delivered() {
    std::vector<std::string> bodies;
    auto* queue = store_->find_queue("TopicA", QueueId(0));
    for (std::int64_t i = 0; queue != nullptr && i < queue->max_offset().value(); ++i) {
      store::ReadRequest request;
      request.offset = QueueOffset(i);
      request.max_messages = 1;
      auto result = store_->read(*queue, request);
      std::vector<ByteView> pieces(4);
      const std::size_t count = result.records.peek(pieces);
      std::vector<std::byte> bytes;
      for (std::size_t p = 0; p < count; ++p) bytes.insert(bytes.end(), pieces[p].begin(), pieces[p].end());
      auto record = message::decode_record(bytes);
      EXPECT_TRUE(record);
      if (record) bodies.emplace_back(as_chars(record->body));
    }
    return bodies;
  }

  DelayService& delay() { return *delay_; }
  store::MessageStore& store() { return *store_; }

 private:
  void on_append_done(std::uint64_t, const AppendOutcome& outcome) override {
    EXPECT_EQ(outcome.kind, AppendOutcome::Kind::kOk);
  }

  sim::SimNode& node_;
  TrafficShard traffic_;
  BrokerIdentity identity_;
  std::unique_ptr<store::MessageStore> store_;
  std::unique_ptr<DelayService> delay_;
  std::unique_ptr<AppendLane> lane_;
};

void damage_body(sim::SimNode& node, std::string_view body) {
  auto file = node.files().open("/store/commitlog/00000000000000000000", io::OpenMode::kReadWrite);
  ASSERT_TRUE(file) << file.error().message();
  std::vector<std::byte> bytes(64 << 10);
  ASSERT_TRUE((*file)->read_at(0, bytes));
  const std::size_t at = as_chars(bytes).find(body);
  ASSERT_NE(at, std::string_view::npos);
  ASSERT_TRUE((*file)->write_at(at, as_bytes("X")));
}

TEST(DelayService, ADamagedMessageDoesNotHoldUpItsLevel) {
  sim::SimWorld world(1);
  sim::SimNode& node = world.add_node("broker");
  node.run([](sim::SimNode&) { return std::make_shared<int>(0); });
  world.run_for(Milliseconds(1));
  {
    DelayedStore before(node);
    for (const auto* body : {"first", "second", "third"}) before.send_delayed(body);
    EXPECT_TRUE(before.delivered().empty());
    world.run_for(Milliseconds(5));
    ASSERT_TRUE(before.store().close());
  }
  damage_body(node, "second");
  DelayedStore after(node);
  node.reactor().run_here([&] { after.delay().start(); });
  world.run_for(Milliseconds(3 * kLevelMs));
  EXPECT_EQ(after.delivered(), (std::vector<std::string>{"first", "third"}));
  EXPECT_EQ(after.delay().offset(1), 3);
  node.reactor().run_here([&] { after.delay().stop(); });
}

TEST(DelayService, AFailedReadIsTriedAgain) {
  sim::SimWorld world(1);
  sim::SimNode& node = world.add_node("broker");
  node.run([](sim::SimNode&) { return std::make_shared<int>(0); });
  world.run_for(Milliseconds(1));
  {
    DelayedStore before(node);
    before.send_delayed("only");
    ASSERT_TRUE(before.store().close());
  }
  // A new store has nothing in memory: the delivery must read the disk.
  DelayedStore after(node);
  node.disk().add_fault({sim::DiskOp::kRead, "/commitlog/"});
  node.reactor().run_here([&] { after.delay().start(); });
  world.run_for(Milliseconds(100));
  EXPECT_TRUE(after.delivered().empty());
  world.run_for(Milliseconds(3 * kLevelMs));
  EXPECT_EQ(after.delivered(), std::vector<std::string>{"only"});
}

TEST(DelayService, TheNoteOfADeliveryDoesNotOutliveTheDeliveredMessage) {
  constexpr int kMessages = 24;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    SCOPED_TRACE(seed);
    sim::SimWorld world(seed);
    sim::SimNode& node = world.add_node("broker");
    const auto run_store = [&node](std::unique_ptr<DelayedStore>& store) {
      store = std::make_unique<DelayedStore>(node);
      node.reactor().run_here([&] { store->delay().start(); });
    };
    std::unique_ptr<DelayedStore> store;
    run_store(store);
    node.disk().set_sync_time(10'000, 120'000);
    std::size_t sent = 0;
    // Power goes while offsets are being saved (every ten seconds) and deliveries go on.
    for (; sent < kMessages && world.now_ms() < 12'000; ++sent) {
      store->send_delayed("m" + std::to_string(sent));
      world.run_for(Milliseconds(495));
    }
    world.run_for(Milliseconds(world.random().below(600)));
    auto* schedule = store->store().find_queue(system_topic::kSchedule, QueueId(0));
    const std::int64_t flushed = store->store().flushed().value().value();
    ASSERT_NE(schedule, nullptr);
    ASSERT_GT(flushed, 0);
    node.power_loss();
    store.reset();
    node.restart();
    world.run_for(Milliseconds(1));
    run_store(store);
    world.run_for(Milliseconds(5 * kLevelMs));
    const auto* kept = store->store().find_queue(system_topic::kSchedule, QueueId(0));
    const auto delivered = store->delivered();
    // Whatever is in the schedule queue has been delivered.
    for (std::int64_t i = 0; kept != nullptr && i < kept->max_offset().value(); ++i) {
      EXPECT_NE(std::ranges::find(delivered, "m" + std::to_string(i)), delivered.end()) << "message " << i;
    }
    store.reset();
  }
}

}  // namespace
}  // namespace ogive::broker
