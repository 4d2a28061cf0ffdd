// A topic is deleted again and again while threads write to it, read it, and use another topic.

#include <gtest/gtest.h>
#include <stdlib.h>

#include <atomic>
#include <filesystem>
#include <future>
#include <thread>

#include "io/thread_executor.h"
#include "message/record.h"
#include "store/message_store.h"
#include "store/queue/consume_queue.h"

namespace ogive::store {
namespace {

/// Sends one message after another to queue 0 of a topic, from a thread of its own.
class Sender final : public AppendListener {
 public:
  Sender(MessageStore& store, std::string topic) : store_(store), topic_(std::move(topic)) {}
  /// Queue offset of the message; the log refuses for a moment while its next file is being made.
  QueueOffset send(const std::string& body) {
    for (;;) {
      std::promise<Result<QueueOffset>> done;
      done_ = &done;
      executor_.post([&] {
        message::RecordFields fields;
        fields.topic = topic_;
        fields.body = as_bytes(body);
        auto batch = std::make_unique<AppendBatch>();
        message::encode_record(fields, batch->add(store_.queue(topic_, QueueId(0)), message::encoded_size(fields), 0));
        store_.submit(std::move(batch), executor_, *this);
      });
      auto offset = done.get_future().get();
      if (offset) return *offset;
      if (offset.error().code() != Errc::kLimit) {
        ADD_FAILURE() << offset.error().message();
        return QueueOffset(-1);
      }
    }
  }

 private:
  void on_appended(std::unique_ptr<AppendBatch> batch, Status status) override {
    if (!status) return done_->set_value(fail(status.error()));
    done_->set_value(batch->entries().front().queue_offset);
  }
  MessageStore& store_;
  const std::string topic_;
  std::promise<Result<QueueOffset>>* done_ = nullptr;
  io::ThreadExecutor executor_{"sender"};
};

class DeleteTopic : public ::testing::Test {
 protected:
  static constexpr int kDeletions = 30;

  void SetUp() override {
    char path[] = "/tmp/ogive-delete-XXXXXX";
    ASSERT_NE(::mkdtemp(path), nullptr);
    root_ = path;
    open();
  }
  void TearDown() override {
    store_.reset();
    std::filesystem::remove_all(root_);
  }
  void open() {
    StoreOptions options;
    options.root = root_;
    options.segment_bytes = 256 << 10;
    options.prewrite_bytes = 64 << 10;
    options.consume_queue_file_bytes = 2'000;
    options.checkpoint_interval = Milliseconds(20);
    options.index_shape = {100, 1'000};
    auto store = MessageStore::open({io::posix_file_system(), system_clock(), flusher_, background_}, options);
    ASSERT_TRUE(store) << store.error().message();
    store_ = std::move(*store);
  }
  /// What is found at the place; empty when it is told that there is nothing.
  std::string read(const char* topic, std::int64_t offset) {
    ConsumeQueue* queue = store_->find_queue(topic, QueueId(0));
    if (queue == nullptr) return {};
    ReadRequest request;
    request.offset = QueueOffset(offset);
    request.max_messages = 1;
    const ReadResult result = store_->read(*queue, request);
    if (result.status != ReadStatus::kFound) return {};
    std::string bytes;
    std::array<ByteView, 8> pieces;
    const std::size_t count = result.records.peek(pieces);
    for (std::size_t i = 0; i < count; ++i) bytes += as_chars(pieces[i]);
    const auto record = message::decode_record(as_bytes(bytes));
    EXPECT_TRUE(record && record->topic == topic && message::body_crc_matches(*record));
    return record ? std::string(as_chars(record->body)) : std::string();
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

  std::string root_;
  io::ThreadExecutor flusher_{"flusher"}, background_{"background"};
  std::unique_ptr<MessageStore> store_;
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
