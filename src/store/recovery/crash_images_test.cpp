// Every state in which a crash can leave the store's files recovers to what was acknowledged.
//
// OGIVE_FULL_TESTS=1 visits every image; otherwise a sample.

#include "testing/crash_images.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <map>
#include <set>

#include "store/local_message_store.h"
#include "store/sim_store_for_test.h"

namespace ogive::store {
namespace {

struct Acknowledged {
  SimMessage message;
  std::int64_t offset = 0;
  std::uint64_t appended_at = 0;  ///< Changes of the disk when it was acknowledged.
  std::uint64_t flushed_at = UINT64_MAX;
};

/// A store's life with everything that changes files: several queues and topics, records of all sizes, files that end,
/// flushes, checkpoints, orderly stops and other starts, a stop without time, a deleted topic.
class Scenario {
 public:
  /// `walked`: StoreOptions::queues_walked_at_start; with 0 starts rely on the noted ends of queues.
  Scenario(sim::SimDisk& disk, std::size_t walked) : disk_(disk) { options_.queues_walked_at_start = walked; }

  void run(std::uint64_t base) {
    base_ = base;
    for (int life = 0; life < 6; ++life) {
      SimStore process(disk_, static_cast<std::uint64_t>(life));
      ASSERT_TRUE(process.open(options_));
      for (int i = 0; i < 70; ++i) send(process);
      process.world.run_for(Milliseconds(500));
      for (int i = 0; i < 20; ++i) send(process);
      if (life == 1) {
        ASSERT_TRUE(process.store->delete_topic("Gone"));
        deleted_at_ = changes();
      }
      for (int i = 0; i < 20; ++i) send(process);
      if (life % 2 == 0) {
        ASSERT_TRUE(process.close());
      } else if (life == 3) {
        ASSERT_TRUE(static_cast<LocalMessageStore&>(*process.store).close_within(Milliseconds(0)));
      }
    }
  }

  std::uint64_t changes() const { return disk_.changes() - base_; }

  /// Checks the store that `image` recovers to.
  void check(const sim::CrashImage& image) {
    SimStore process(image.disk, image.seed);
    const Status opened = process.open(options_);
    ASSERT_TRUE(opened) << opened.error().message();
    const bool power = image.kind == sim::CrashKind::kPowerLoss;
    for (const Acknowledged& sent : messages_) {
      if ((power ? sent.flushed_at : sent.appended_at) > image.changes || sent.message.topic == "Gone") continue;
      ASSERT_EQ(process.body_at(sent.message.topic, sent.message.queue, sent.offset), sent.message.body)
          << sent.message.topic << " " << sent.message.queue << " offset " << sent.offset;
    }
    // Whatever else is there was really sent, and every offset in between can be read.
    for (const auto& [topic, id] : process.store->queues()) {
      ConsumeQueue* queue = process.store->find_queue(topic, id);
      for (std::int64_t at = queue->min_offset().value(); at < queue->max_offset().value(); ++at) {
        ASSERT_TRUE(bodies_.contains(process.body_at(topic, id.value(), at)))
            << topic << " " << id.value() << " " << at;
      }
    }
    // It takes messages, at offsets nothing promised has.
    SimLedger ledger;
    for (int i = 0; i < 3; ++i) {
      const SimMessage message{.queue = i % 2, .body = "after the crash " + std::to_string(i)};
      auto entry = process.append(message);
      ASSERT_TRUE(entry) << entry.error().message();
      for (const Acknowledged& sent : messages_) {
        if ((power ? sent.flushed_at : sent.appended_at) > image.changes) continue;
        ASSERT_FALSE(sent.message.topic == message.topic && sent.message.queue == message.queue &&
                     sent.offset == entry->queue_offset.value());
      }
      ledger.appended(message, entry->queue_offset.value());
    }
    ledger.expect_all(process);
    expect_files_as_known(process, image.disk);
  }

 private:
  /// Whoever looks at the files, as another server does, finds what the process that relied on notes went by.
  void expect_files_as_known(SimStore& process, sim::SimDisk& disk) {
    std::map<std::pair<std::string, QueueId>, std::int64_t> ends;
    for (const auto& [topic, id] : process.store->queues()) {
      ends[{topic, id}] = process.store->find_queue(topic, id)->max_offset().value();
    }
    ASSERT_TRUE(process.close());
    process.store.reset();
    SimStore walker(disk);
    ASSERT_TRUE(walker.open());
    ASSERT_TRUE(walker.store->recovery().repairs.empty()) << walker.store->recovery().repairs.front();
    for (const auto& [topic, id] : walker.store->queues()) {
      ConsumeQueue* queue = walker.store->find_queue(topic, id);
      // A deleted topic may come back with a crash in the middle of its deletion.
      if (topic == "Gone" && !ends.contains({topic, id})) continue;
      ASSERT_EQ(queue->max_offset().value(), (ends[{topic, id}])) << topic << " " << id.value();
    }
  }

  void send(SimStore& process) {
    const int number = number_++;
    SimMessage message;
    message.topic = number % 7 == 0 ? "TopicB" : number % 11 == 0 ? "Gone" : "TopicA";
    message.queue = number % 2;
    message.body = "body " + std::to_string(number) + std::string(static_cast<std::size_t>(number * 37 % 900), 'x');
    message.properties = "TAGS\x01t\x02";
    bodies_.insert(message.body);
    auto entry = process.append(message);
    ASSERT_TRUE(entry) << entry.error().message();
    messages_.push_back({message, entry->queue_offset.value(), changes()});
    if (number % 5 != 0) return;
    ASSERT_TRUE(process.flush());
    for (Acknowledged& sent : messages_) {
      if (sent.flushed_at == UINT64_MAX) sent.flushed_at = changes();
    }
  }

  sim::SimDisk& disk_;
  StoreOptions options_ = SimStore::small_options();
  std::uint64_t base_ = 0;
  std::uint64_t deleted_at_ = 0;
  int number_ = 0;
  std::vector<Acknowledged> messages_;
  std::set<std::string> bodies_;
};

class CrashImages : public ::testing::TestWithParam<std::size_t> {};

TEST_P(CrashImages, EveryOneRecoversToWhatWasAcknowledged) {
  const bool full = ::getenv("OGIVE_FULL_TESTS") != nullptr;
  sim::SimDisk disk(5);
  Scenario scenario(disk, GetParam());
  const std::uint64_t base = disk.changes();
  sim::CrashRecorder recorder(disk);
  scenario.run(base);
  if (testing::Test::HasFailure()) return;
  const std::uint64_t changes = scenario.changes();
  std::size_t image_number = 0;
  std::size_t checked = 0;
  recorder.enumerate(full ? 4 : 1, [&](sim::CrashImage& image) {
    if (testing::Test::HasFatalFailure()) return;
    if (!full && image_number++ % 17 != 0) return;
    SCOPED_TRACE(image.description);
    scenario.check(image);
    ++checked;
  });
  // Acknowledgements are dated by the number of changes; the removal of what is not there counts as one.
  EXPECT_LE(changes - recorder.trace().size(), 4U);
  RecordProperty("images", static_cast<int>(checked));
  RecordProperty("changes", static_cast<int>(changes));
  std::printf("%zu crash images of %llu changes\n", checked, static_cast<unsigned long long>(changes));
}

INSTANTIATE_TEST_SUITE_P(QueuesWalkedAtStart, CrashImages, ::testing::Values(1024, 0));

}  // namespace
}  // namespace ogive::store
