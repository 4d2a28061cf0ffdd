#include "store/queue/queue_persister.h"

#include <gtest/gtest.h>

#include "testing/sim_disk.h"
#include "testing/sim_file_system.h"
#include "testing/sim_world.h"

namespace ogive::store {
namespace {

class Persisting : public ::testing::Test {
 protected:
  void push(ConsumeQueue& queue, std::int64_t physical_offset) {
    const auto lock = queue.lock();
    queue.push(lock, queue.pushed(lock).offset, {physical_offset, 100, 0});
    if (queue.publish(lock)) persister_.add(queue);
  }

  sim::SimWorld world_{1};
  sim::SimDisk disk_{1};
  sim::SimFileSystem files_{disk_, world_.clock(), &world_};
  sim::SimExecutor background_{world_, world_.clock(), "background"};
  TailCache cache_{1 << 20};
  QueueFiles queue_files_{files_, {"/queues", 2000}, {"/batch", 4600}};
  std::int64_t flushed_ = INT64_MAX;
  int checkpoints_ = 0;
  QueuePersister persister_{background_,
                            queue_files_,
                            cache_,
                            Milliseconds(100),
                            {[] {}, [this]() -> Result<std::int64_t> { return flushed_; },
                             [this] {
                               ++checkpoints_;
                               return Status();
                             }}};
  ConsumeQueue queue_{"T", QueueId(0)};
};

TEST_F(Persisting, WhatADeadlineLeavesTheNextRoundWrites) {
  persister_.start(0);
  std::vector<std::unique_ptr<ConsumeQueue>> queues;  // More than a slice of a round.
  for (int i = 0; i < 200; ++i) {
    queues.push_back(std::make_unique<ConsumeQueue>("T", QueueId(i)));
    push(*queues.back(), 100 * i);
  }
  world_.run_until([&] { return queues.front()->persisted() == 1; }, Milliseconds(1'000));
  const auto written = persister_.persist_until(0);  // Takes the round over.
  ASSERT_TRUE(written.has_value());
  EXPECT_FALSE(*written);
  EXPECT_EQ(queues.back()->persisted(), 0);
  EXPECT_EQ(checkpoints_, 0);
  world_.run_for(Milliseconds(500));
  EXPECT_EQ(queues.back()->persisted(), 1);
  EXPECT_EQ(checkpoints_, 1);
}

TEST_F(Persisting, EntriesWaitForTheFlushOfTheirRecords) {
  persister_.start(0);
  push(queue_, 0);
  push(queue_, 100);
  flushed_ = 150;
  world_.run_for(Milliseconds(150));
  EXPECT_EQ(queue_.persisted(), 1) << "the second record ends behind what is flushed";
  flushed_ = 200;
  world_.run_for(Milliseconds(150));
  EXPECT_EQ(queue_.persisted(), 2) << "nobody has to push for it";
}

TEST_F(Persisting, ManyQueuesAreWrittenForDozensOfEntriesEach) {
  persister_.start(0);
  constexpr int kQueues = 8'000;
  std::vector<std::unique_ptr<ConsumeQueue>> queues;
  for (int i = 0; i < kQueues; ++i) {
    queues.push_back(std::make_unique<ConsumeQueue>("T" + std::to_string(i), QueueId(0)));
    push(*queues.back(), 100 * i);
  }
  persister_.note_written(120 * kQueues, 0);
  world_.run_for(Milliseconds(50));  // The round that time brings comes later.
  EXPECT_EQ(queues.front()->persisted(), 0);
  persister_.note_written(8 * kQueues, 0);
  world_.run_for(Milliseconds(40));
  EXPECT_EQ(queues.front()->persisted(), 1);
}

TEST_F(Persisting, AFewQueuesAreWrittenAtTheLimitOfAll) {
  persister_.start(0);
  push(queue_, 0);
  persister_.note_written(256 << 10, 0);
  world_.run_for(Milliseconds(50));
  EXPECT_EQ(queue_.persisted(), 1);
}

TEST_F(Persisting, AStartNeverHasMuchOfTheLogToReadAgain) {
  persister_.start(std::int64_t{3} << 30);
  push(queue_, std::int64_t{3} << 30);
  persister_.note_written(1, (std::int64_t{3} << 30) + (500 << 20));
  world_.run_for(Milliseconds(20));
  EXPECT_EQ(checkpoints_, 0) << "a round that only time brings";
  persister_.note_written(1, (std::int64_t{3} << 30) + (512 << 20));
  world_.run_for(Milliseconds(20));
  EXPECT_EQ(checkpoints_, 1);
  push(queue_, std::int64_t{5} << 30);
  persister_.note_written(1, (std::int64_t{3} << 30) + (1'000 << 20));
  world_.run_for(Milliseconds(20));
  EXPECT_EQ(checkpoints_, 1) << "counted from the round before";
}

TEST_F(Persisting, VeryManyQueuesMayBeFurtherBehindTheLog) {
  persister_.start(0);
  std::vector<std::unique_ptr<ConsumeQueue>> queues;
  for (int i = 0; i < 8'000; ++i) {
    queues.push_back(std::make_unique<ConsumeQueue>("T" + std::to_string(i), QueueId(0)));
    push(*queues.back(), 100 * i);
  }
  persister_.note_written(8'000, std::int64_t{1} << 30);
  world_.run_for(Milliseconds(50));
  EXPECT_EQ(checkpoints_, 0);
  persister_.note_written(1, std::int64_t{2} << 30);
  world_.run_for(Milliseconds(45));
  EXPECT_EQ(checkpoints_, 1);
}

TEST_F(Persisting, NothingIsWrittenBeforeTheStart) {
  push(queue_, 0);
  world_.run_for(Milliseconds(500));
  EXPECT_EQ(queue_.persisted(), 0);
  persister_.start(0);
  world_.run_for(Milliseconds(500));
  EXPECT_EQ(queue_.persisted(), 1);
}

}  // namespace
}  // namespace ogive::store
