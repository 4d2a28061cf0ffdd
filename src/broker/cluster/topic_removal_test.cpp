// A slave does what its master was asked to delete, and spares what lives again.

#include "broker/cluster/topic_removal.h"

#include <gtest/gtest.h>

#include "broker/whole_broker_for_test.h"
#include "message/record.h"
#include "store/queue/consume_queue.h"
#include "testing/sim_node.h"
#include "testing/sim_world.h"

namespace ogive::broker {
namespace {

/// The tables and the log of a slave, without the rest of its broker.
class TopicRemovalTest : public ::testing::Test, private store::AppendListener {
 protected:
  void SetUp() override {
    node_.run([](sim::SimNode&) { return std::make_shared<int>(0); });
    world_.run_for(Milliseconds(1));
    settings_.assign("brokerRole", "SLAVE");
    store::StoreOptions options;
    options.root = "/store";
    options.segment_bytes = 1 << 20;
    options.prewrite_bytes = 64 << 10;
    auto opened =
        store::MessageStore::open({node_.files(), node_.clock(), node_.flusher(), node_.background()}, options);
    ASSERT_TRUE(opened) << opened.error().message();
    store_ = std::move(*opened);
    auto made = Replication::make({node_.network(), node_.reactor(), node_.tasks(), *store_}, settings_);
    ASSERT_TRUE(made) << made.error().message();
    replication_ = std::move(*made);
    const auto file = [this](const char* path) { return StateFile(node_.files(), node_.tasks(), path); };
    topics_ = std::make_unique<TopicTable>(TopicTableOptions(), node_.clock(), file("/store/config/topics.json"));
    offsets_ = std::make_unique<OffsetTable>(node_.clock(), file("/store/config/consumerOffset.json"));
    removal_ = std::make_unique<TopicRemoval>(TopicRemoval::Ports{*topics_, *offsets_, *store_, *replication_});
    append();
    protocol::TopicConfig config;
    config.topic_name = "T";
    ASSERT_TRUE(topics_->create_or_update(config));
    ASSERT_TRUE(offsets_->commit("G", "T", 0, 1));
  }
  void TearDown() override {
    node_.reactor().run_here([this] { replication_.reset(); });
  }
  void on_appended(std::unique_ptr<store::AppendBatch>, Status status) override { EXPECT_TRUE(status.has_value()); }

  /// A record of T.
  void append() {
    message::RecordFields fields;
    fields.topic = "T";
    fields.body = as_bytes("body");
    node_.reactor().run_here([&] {
      auto batch = std::make_unique<store::AppendBatch>();
      message::encode_record(fields, batch->add(store_->queue("T", QueueId(0)), message::encoded_size(fields), 0));
      store_->submit(std::move(batch), node_.reactor(), *this);
    });
    world_.run_for(Milliseconds(1));
  }
  void remove_as_of(std::int64_t log_end) {
    EXPECT_TRUE(removal_->remove_as_of("T", log_end, false));
    world_.run_for(Milliseconds(10));
  }
  std::int64_t end() const { return store_->max_physical_offset().value(); }
  bool has_queue() const { return store_->find_queue("T", QueueId(0)) != nullptr; }

  sim::SimWorld world_{1};
  sim::SimNode& node_ = world_.add_node("slave");
  settings::Settings settings_{settings::broker_scopes(), {}};
  std::unique_ptr<store::MessageStore> store_;
  std::unique_ptr<Replication> replication_;
  std::unique_ptr<TopicTable> topics_;
  std::unique_ptr<OffsetTable> offsets_;
  std::unique_ptr<TopicRemoval> removal_;
};

TEST_F(TopicRemovalTest, WhatEndsBeforeTheDeletionGoes) {
  remove_as_of(end());
  EXPECT_FALSE(topics_->find("T"));
  EXPECT_EQ(offsets_->committed("G", "T", 0), kNoOffset);
  EXPECT_FALSE(has_queue());
}

// The master's answer may be overtaken by the first message of a new topic of that name. Without its topic nobody could
// read what is here, and the master that would tell of it again may be gone. Consumers begin with it.
TEST_F(TopicRemovalTest, WhatWasMadeAnewStays) {
  const std::int64_t deleted_at = end();
  append();
  remove_as_of(deleted_at);
  EXPECT_TRUE(topics_->find("T"));
  EXPECT_EQ(offsets_->committed("G", "T", 0), kNoOffset);
  EXPECT_TRUE(has_queue());
}

// That message may come at any moment of the removal, as one of a topic that is known.
TEST_F(TopicRemovalTest, WhatIsMadeAnewMeanwhileStays) {
  EXPECT_TRUE(removal_->remove_as_of("T", end(), false));
  append();
  world_.run_for(Milliseconds(10));
  EXPECT_TRUE(topics_->find("T"));
  EXPECT_TRUE(has_queue());
}

}  // namespace
}  // namespace ogive::broker
