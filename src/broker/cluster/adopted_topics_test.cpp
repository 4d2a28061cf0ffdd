// What a slave asks its master about topics that it has never heard of.

#include "broker/cluster/adopted_topics.h"

#include <gtest/gtest.h>

#include "store/message_store.h"
#include "testing/sim_node.h"
#include "testing/sim_world.h"

namespace ogive::broker {
namespace {

class AdoptedTopicsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    node_.run([](sim::SimNode&) { return std::make_shared<int>(0); });
    world_.run_for(Milliseconds(1));
    store::StoreOptions options;
    options.root = "/store";
    options.segment_bytes = 1 << 20;
    options.prewrite_bytes = 64 << 10;
    auto opened =
        store::MessageStore::open({node_.files(), node_.clock(), node_.flusher(), node_.background()}, options);
    ASSERT_TRUE(opened) << opened.error().message();
    store_ = std::move(*opened);
    topics_ = std::make_unique<TopicTable>(TopicTableOptions(), node_.clock(),
                                           StateFile(node_.files(), node_.tasks(), "/store/config/topics.json"));
    adopted_ = std::make_unique<AdoptedTopics>(*topics_, *store_);
    adopted_->set_master([this] { ++asked_; }, [] {});
  }
  bool knows(const char* topic, std::int64_t place) { return adopted_->knows(topic, PhysicalOffset(place)); }

  sim::SimWorld world_{1};
  sim::SimNode& node_ = world_.add_node("slave");
  std::unique_ptr<store::MessageStore> store_;
  std::unique_ptr<TopicTable> topics_;
  std::unique_ptr<AdoptedTopics> adopted_;
  int asked_ = 0;
};

TEST_F(AdoptedTopicsTest, ATableThatIsOlderThanTheRecordSaysNothing) {
  adopted_->settle({}, 1'000);
  EXPECT_TRUE(knows("Deleted", 999));
  EXPECT_EQ(asked_, 0);
  EXPECT_FALSE(knows("Young", 1'000));
  EXPECT_EQ(asked_, 1);
}

// It is asked every minute, and may die before.
TEST_F(AdoptedTopicsTest, ARocketMqMasterIsAskedAtOnceAndNotWaitedFor) {
  adopted_->settle({}, AdoptedTopics::kNoPlace);
  EXPECT_TRUE(knows("Young", 1'000));
  EXPECT_EQ(asked_, 1);
  EXPECT_TRUE(knows("Younger", 2'000));
  EXPECT_EQ(asked_, 1) << "the table that is on its way says it";
  adopted_->settle({}, AdoptedTopics::kNoPlace);
  EXPECT_TRUE(knows("Youngest", 3'000));
  EXPECT_EQ(asked_, 2);
  protocol::TopicConfig config;
  config.topic_name = "Youngest";
  ASSERT_TRUE(topics_->create_or_update(config));
  adopted_->settle({"Youngest"}, AdoptedTopics::kNoPlace);
  EXPECT_TRUE(knows("Youngest", 4'000));
  EXPECT_EQ(asked_, 2);
}

}  // namespace
}  // namespace ogive::broker
