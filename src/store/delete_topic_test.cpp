// A topic is deleted again and again while threads write to it, read it, and use another topic.

#include <atomic>
#include <thread>

#include "store/file_store_for_test.h"

namespace ogive::store {
namespace {

class DeleteTopic : public FileStoreTest {
 protected:
  static constexpr int kDeletions = 30;

  DeleteTopic() : FileStoreTest(options()) {}
  static StoreOptions options() {
    StoreOptions options;
    options.segment_bytes = 256 << 10;
    options.prewrite_bytes = 64 << 10;
    options.consume_queue_file_bytes = 2'000;
    options.checkpoint_interval = Milliseconds(20);
    options.index_shape = {100, 1'000};
    return options;
  }
  void expect_kept() {
    const ConsumeQueue* kept = store_->find_queue("Kept", QueueId(0));
    ASSERT_NE(kept, nullptr);
    EXPECT_EQ(kept->max_offset().value(), kept_);
    for (int i = 0; i < kept_; ++i) ASSERT_EQ(read("Kept", i), "kept " + std::to_string(i));
  }
  /// From its begin to its end the queue has messages of its last life, in order.
  void expect_last_life() {
    const ConsumeQueue* queue = store_->find_queue("Doomed", QueueId(0));
    ASSERT_NE(queue, nullptr);
    int before = -1;
    for (std::int64_t at = queue->min_offset().value(); at < queue->max_offset().value(); ++at) {
      const std::string body = read("Doomed", at);
      ASSERT_TRUE(body.starts_with("doomed ")) << at << " " << body;
      const int number = std::stoi(body.substr(7));
      EXPECT_TRUE(before < 0 || number == before + 1) << before << " is followed by " << number;
      before = number;
    }
    EXPECT_EQ(before, doomed_ - 1) << "the last message of all";
  }

  int kept_ = 0;
  int doomed_ = 0;
};

TEST_F(DeleteTopic, UnderLoadHarmsNothingElse) {
  std::atomic<bool> over = false;
  std::thread doomed([&] {
    Sender sender(*store_, "Doomed");
    while (!over) sender.send("doomed " + std::to_string(doomed_++));
    for (int i = 0; i < 20; ++i) sender.send("doomed " + std::to_string(doomed_++));
  });
  std::thread kept([&] {
    Sender sender(*store_, "Kept");
    while (!over) {
      EXPECT_EQ(sender.send("kept " + std::to_string(kept_)).value(), kept_);
      ++kept_;
    }
  });
  std::thread reader([&] {
    while (!over) {
      const ConsumeQueue* queue = store_->find_queue("Doomed", QueueId(0));
      if (queue != nullptr) read("Doomed", std::max<std::int64_t>(0, queue->max_offset().value() - 1));
    }
  });
  for (int i = 0; i < kDeletions; ++i) {
    std::promise<void> turn;  // A round of the background in between, and with it some messages.
    background_.post([&] { background_.run_after(Milliseconds(10), [&] { turn.set_value(); }); });
    turn.get_future().wait();
    const Status deleted = store_->delete_topic("Doomed");
    EXPECT_TRUE(deleted) << deleted.error().message();
  }
  over = true;
  doomed.join();
  kept.join();
  reader.join();
  EXPECT_GT(kept_, kDeletions);
  EXPECT_FALSE(std::filesystem::exists(options_.root + "/damagedqueues")) << "the next start would read the whole log";
  expect_kept();
  expect_last_life();
  for (const bool orderly : {true, false}) {
    if (orderly) {
      ASSERT_TRUE(store_->close());
    }
    store_.reset();
    open();
    expect_kept();
    expect_last_life();
  }
}

}  // namespace
}  // namespace ogive::store
