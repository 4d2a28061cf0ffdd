// What a store promises across power loss when an earlier process was killed at the wrong moment, or its disk had
// failed.

#include <gtest/gtest.h>

#include "message/record.h"
#include "store/message_store.h"
#include "store/queue/consume_queue.h"
#include "testing/sim_node.h"

namespace ogive::store {
namespace {

/// A machine whose processes open one store after the other.
class SimPowerTest : public ::testing::Test, public AppendListener {
 protected:
  void make_world(std::uint64_t seed) {
    store_.reset();
    world_ = std::make_unique<sim::SimWorld>(seed);
    node_ = &world_->add_node("broker");
  }
  void TearDown() override { store_.reset(); }

  void open() {
    StoreOptions options;
    options.root = "/store";
    options.segment_bytes = 64 << 10;
    options.prewrite_bytes = 16 << 10;
    options.consume_queue_file_bytes = 2000;
    options.checkpoint_interval = Milliseconds(100);
    auto store = MessageStore::open({node_->files(), node_->clock(), node_->flusher(), node_->background()}, options);
    ASSERT_TRUE(store) << store.error().message();
    store_ = std::move(*store);
  }
  void crash(bool power) {
    if (power) {
      node_->power_loss();
    } else {
      node_->kill();
    }
    store_.reset();
    node_->restart();
    world_->run_for(Milliseconds(1));
  }
  Status append(std::string_view topic, std::size_t bytes, std::size_t count = 1, std::string_view properties = {}) {
    outcome_.reset();
    node_->reactor().run_here([&] {
      const std::string body(bytes, 'b');
      message::RecordFields fields;
      fields.topic = topic;
      fields.properties = properties;
      fields.body = as_bytes(body);
      auto batch = std::make_unique<AppendBatch>();
      for (std::size_t i = 0; i < count; ++i) {
        auto* out = batch->add(store_->queue(topic, QueueId(0)), message::encoded_size(fields), 0);
        message::encode_record(fields, out);
      }
      store_->submit(std::move(batch), node_->reactor(), *this);
    });
    world_->run_until([&] { return outcome_.has_value(); }, Milliseconds(1'000));
    return outcome_ ? *outcome_ : Status(fail(Errc::kTimeout, "no answer"));
  }
  void on_appended(std::unique_ptr<AppendBatch>, Status status) override { outcome_ = std::move(status); }
  std::int64_t count(std::string_view topic) {
    auto* queue = store_->find_queue(topic, QueueId(0));
    if (queue == nullptr) return 0;
    ReadRequest request;
    request.max_messages = 1'000;
    request.max_bytes = 10u << 20;
    return store_->read(*queue, request).message_count;
  }

  std::unique_ptr<sim::SimWorld> world_;
  sim::SimNode* node_ = nullptr;
  std::unique_ptr<MessageStore> store_;
  std::optional<Status> outcome_;
};

TEST_F(SimPowerTest, NamesThatAKilledProcessMadeAreMadeDurableByTheNext) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(seed);
    make_world(seed);
    open();
    // Killed at some change of the disk while the queues' directories are made and not yet durable.
    ASSERT_TRUE(append("TopicA", 100));
    node_->kill_at_disk_change(1 + seed % 20, false);
    world_->run_for(Milliseconds(300));
    node_->disk().watch({});
    store_.reset();
    if (!node_->alive()) node_->restart();
    world_->run_for(Milliseconds(1));
    open();
    ASSERT_TRUE(append("TopicB", 100));
    world_->run_for(Milliseconds(2'000));  // Flushed, and a checkpoint says so.
    crash(true);
    open();
    EXPECT_EQ(count("TopicA"), 1);
    EXPECT_EQ(count("TopicB"), 1);
  }
}

TEST_F(SimPowerTest, WhatCouldNotBeSyncedIsWrittenAgainByTheNextProcess) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    SCOPED_TRACE(seed);
    make_world(seed);
    open();
    ASSERT_TRUE(append("TopicA", 100));
    world_->run_for(Milliseconds(2'000));
    ASSERT_TRUE(append("TopicA", 100));
    node_->disk().add_fault({sim::DiskOp::kSync, "/commitlog/"});
    world_->run_for(Milliseconds(2'000));
    ASSERT_TRUE(store_->failure().has_value());
    crash(false);  // The page cache still shows the second message; the device may not have it.
    open();
    EXPECT_EQ(count("TopicA"), 2);
    ASSERT_TRUE(append("TopicA", 100));
    world_->run_for(Milliseconds(2'000));
    crash(true);
    open();
    EXPECT_EQ(count("TopicA"), 3);
  }
}

TEST_F(SimPowerTest, ARecordTornInItsPropertiesIsNoRecord) {
  make_world(1);
  open();
  ASSERT_TRUE(append("TopicA", 100));
  ASSERT_TRUE(append("TopicA", 100, 1, "TAGS\x01TagA\x02KEYS\x01some key\x02"));
  world_->run_for(Milliseconds(10));
  {
    auto file = node_->files().open("/store/commitlog/00000000000000000000", io::OpenMode::kReadWrite);
    ASSERT_TRUE(file);
    const auto end = static_cast<std::uint64_t>(store_->max_physical_offset().value());
    ASSERT_TRUE((*file)->write_at(end - 10, std::span<const std::byte>(std::vector<std::byte>(10))));
  }
  crash(false);
  open();
  EXPECT_EQ(count("TopicA"), 1);
}

TEST_F(SimPowerTest, ABatchLargerThanTheSegmentsThereAreIsStoredAtTheNextTry) {
  make_world(1);
  open();
  world_->run_for(Milliseconds(100));
  Status stored = append("TopicA", 20'000, 12);
  EXPECT_FALSE(stored);
  EXPECT_EQ(stored.error().code(), Errc::kLimit);
  world_->run_for(Milliseconds(100));
  stored = append("TopicA", 20'000, 12);
  EXPECT_TRUE(stored) << stored.error().message();
  EXPECT_EQ(count("TopicA"), 12);
}

}  // namespace
}  // namespace ogive::store
