// readFlushedOnly: what a consumer has seen survives power loss, and waiting consumers hear of a flush.

#include <gtest/gtest.h>

#include "base/clock.h"
#include "store/sim_store_for_test.h"

namespace ogive::store {
namespace {

/// Reads queues to their visible ends as a consumer does and keeps what it has seen.
class Witness {
 public:
  void look(SimStore& process) {
    for (const auto& [topic, id] : process.store->queues()) {
      const std::int64_t end = process.store->find_queue(topic, id)->max_offset().value();
      std::int64_t& next = next_[{topic, id.value()}];
      for (; next < end; ++next) {
        seen_[{topic, id.value(), next}] = process.record_at(topic, id.value(), next);
      }
    }
  }
  /// How many of the messages seen are no longer there, or others are in their place.
  int lost(SimStore& process) const {
    int count = 0;
    for (const auto& [place, record] : seen_) {
      count += process.record_at(place.topic, place.queue, place.offset) != record;
    }
    return count;
  }
  std::size_t seen() const { return seen_.size(); }

 private:
  std::map<std::pair<std::string, std::int32_t>, std::int64_t> next_;
  std::map<SimLedger::Place, std::string> seen_;
};

StoreOptions options(bool read_flushed_only) {
  StoreOptions made = SimStore::small_options();
  made.read_flushed_only = read_flushed_only;
  made.flush_interval = Milliseconds(20);
  return made;
}

struct Story {
  int lost = 0;
  std::size_t seen = 0;
};

/// Three lives on one disk, each ended by a power loss amid traffic while a consumer reads along.
Story live(std::uint64_t seed, bool read_flushed_only) {
  sim::SimDisk disk(seed);
  disk.set_sync_time(500, 6'000);
  Random random(seed);
  Witness witness;
  Story story;
  int number = 0;
  for (int life = 0; life < 4; ++life) {
    {
      SimStore process(disk, seed * 8 + static_cast<std::uint64_t>(life));
      EXPECT_TRUE(process.open(options(read_flushed_only)));
      story.lost += witness.lost(process);
      const auto steps = 10 + random.below(40);
      for (std::uint64_t i = 0; i < steps; ++i) {
        std::vector<SimMessage> batch(1 + random.below(4));
        for (SimMessage& message : batch) {
          message.topic = random.below(3) == 0 ? "TopicB" : "TopicA";
          message.queue = static_cast<std::int32_t>(random.below(2));
          message.body = "message " + std::to_string(number++);
        }
        EXPECT_TRUE(process.append_all(batch));
        if (random.below(4) == 0) process.world.run_for(Milliseconds(static_cast<std::int64_t>(random.below(30))));
        witness.look(process);
      }
    }
    disk.power_loss();
  }
  SimStore process(disk, seed);
  EXPECT_TRUE(process.open(options(read_flushed_only)));
  story.lost += witness.lost(process);
  story.seen = witness.seen();
  return story;
}

TEST(ReadFlushed, WhatAConsumerSawIsThereAfterPowerLoss) {
  std::size_t seen = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const Story story = live(seed, true);
    EXPECT_EQ(story.lost, 0) << "seed " << seed;
    seen += story.seen;
  }
  EXPECT_GT(seen, 2'000u);
}

TEST(ReadFlushed, WithoutTheKeyConsumersSeeWhatIsLost) {
  int lost = 0;
  for (std::uint64_t seed = 1; seed <= 40 && lost == 0; ++seed) lost += live(seed, false).lost;
  EXPECT_GT(lost, 0) << "the test above could not fail";
}

/// A store whose disk takes 100 ms for a sync and is synced only when asked.
class SlowSync : public ::testing::Test {
 protected:
  void SetUp() override {
    StoreOptions made = options(true);
    made.flush_interval = Milliseconds(60'000);
    made.checkpoint_interval = Milliseconds(60'000);
    ASSERT_TRUE(process_.open(made));
    process_.store->set_arrival_listener([this](ConsumeQueue& queue) { arrived_.push_back(&queue); });
    process_.world.run_for(Milliseconds(500));
    disk_.set_sync_time(100'000, 100'000);
  }
  ConsumeQueue& queue(const std::string& topic = "TopicA") { return process_.store->queue(topic, QueueId(0)); }

  sim::SimDisk disk_{1};
  SimStore process_{disk_};
  std::vector<ConsumeQueue*> arrived_;
};

TEST_F(SlowSync, EveryAnswerTellsOfTheSameMark) {
  const auto first = process_.append({.body = "one", .properties = "KEYS\x01k\x02"});
  ASSERT_TRUE(first);
  EXPECT_EQ(queue().max_offset(), QueueOffset(0));
  EXPECT_EQ(queue().end_place(), 0);
  EXPECT_EQ(process_.record_at("TopicA", 0, 0).substr(0, 11), "read status");
  EXPECT_FALSE(process_.store->queue_entry(queue(), QueueOffset(0)));
  EXPECT_EQ(*process_.store->offset_by_time(queue(), 0, false), QueueOffset(0));
  EXPECT_FALSE(process_.store->read_record(first->physical_offset));
  EXPECT_TRUE(process_.store->find_by_key({.topic = "TopicA", .key = "k"})->records.empty());

  ASSERT_TRUE(process_.flush());
  EXPECT_EQ(queue().max_offset(), QueueOffset(1));
  EXPECT_EQ(process_.body_at("TopicA", 0, 0), "one");
  EXPECT_TRUE(process_.store->read_record(first->physical_offset));
  EXPECT_EQ(process_.store->find_by_key({.topic = "TopicA", .key = "k"})->records.size(), 1u);
}

TEST_F(SlowSync, AParkedPollIsWokenByTheFlush) {
  ASSERT_TRUE(process_.append({.topic = "TopicB", .body = "other"}));
  process_.store->request_flush();  // Its 100 ms keep the next one waiting.
  process_.world.run_for(Milliseconds(1));
  queue().parked_polls = 1;
  ASSERT_TRUE(process_.append({.body = "one"}));
  process_.world.run_for(Milliseconds(90));
  EXPECT_TRUE(arrived_.empty()) << "nothing can be read yet";
  EXPECT_EQ(queue().max_offset(), QueueOffset(0));
  process_.world.run_for(Milliseconds(20));  // It asked for the flush itself.
  EXPECT_EQ(arrived_, std::vector<ConsumeQueue*>{&queue()});
  EXPECT_EQ(queue().max_offset(), QueueOffset(1));
}

TEST_F(SlowSync, APollThatParksBehindAMessageAsksForItsFlush) {
  ASSERT_TRUE(process_.append({.body = "one"}));
  process_.world.run_for(Milliseconds(1'000));
  EXPECT_EQ(queue().max_offset(), QueueOffset(0));
  process_.store->note_parked(queue("TopicB"));
  process_.world.run_for(Milliseconds(1'000));
  EXPECT_EQ(queue().max_offset(), QueueOffset(0)) << "its own queue has nothing";
  queue().parked_polls = 1;
  process_.store->note_parked(queue());
  process_.world.run_for(Milliseconds(110));
  EXPECT_EQ(arrived_, std::vector<ConsumeQueue*>{&queue()});
}

TEST_F(SlowSync, ADeletedTopicBeginsAnewWhateverWaits) {
  ASSERT_TRUE(process_.append({.body = "old"}));
  ASSERT_TRUE(process_.store->delete_topic("TopicA"));
  ASSERT_TRUE(process_.flush());
  EXPECT_EQ(queue().max_offset(), QueueOffset(0));
  ASSERT_TRUE(process_.append({.body = "new"}));
  ASSERT_TRUE(process_.flush());
  EXPECT_EQ(process_.body_at("TopicA", 0, 0), "new");
  EXPECT_EQ(queue().max_offset(), QueueOffset(1));
}

TEST_F(SlowSync, AfterAFailedSyncNothingNewIsSeen) {
  ASSERT_TRUE(process_.append({.body = "one"}));
  disk_.add_fault({.op = sim::DiskOp::kSync, .path_contains = "commitlog"});
  EXPECT_FALSE(process_.flush());
  process_.world.run_for(Milliseconds(5'000));
  EXPECT_EQ(queue().max_offset(), QueueOffset(0));
}

}  // namespace
}  // namespace ogive::store
