#include "store/message_store.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <future>

#include "io/thread_executor.h"
#include "message/record.h"
#include "store/queue/consume_queue.h"

namespace ogive::store {
namespace {

/// A store on real files in a directory of its own, used from one executor.
class MessageStoreTest : public ::testing::Test, public AppendListener {
 protected:
  void SetUp() override {
    char path[] = "/tmp/ogive-store-XXXXXX";
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
    options.segment_bytes = 64 << 10;
    options.prewrite_bytes = 16 << 10;
    options.consume_queue_file_bytes = 2000;
    auto store = MessageStore::open({io::posix_file_system(), system_clock(), flusher_, background_}, options);
    ASSERT_TRUE(store) << store.error().message();
    store_ = std::move(*store);
  }

  /// Appends one message and waits; its place, or the refusal.
  Result<QueueOffset> append(std::string_view topic, std::string_view body) {
    std::promise<Result<QueueOffset>> done;
    done_ = &done;
    user_.post([&] {
      message::RecordFields fields;
      fields.topic = topic;
      fields.body = as_bytes(body);
      auto batch = std::make_unique<AppendBatch>();
      auto* out = batch->add(store_->queue(topic, QueueId(0)), message::encoded_size(fields), 0);
      message::encode_record(fields, out);
      store_->submit(std::move(batch), user_, *this);
    });
    auto outcome = done.get_future().get();
    // The store may be closed next: what called us from inside its submit must have left it.
    std::promise<void> turn_over;
    user_.post([&] { turn_over.set_value(); });
    turn_over.get_future().wait();
    return outcome;
  }
  void on_appended(std::unique_ptr<AppendBatch> batch, Status status) override {
    if (!status) return done_->set_value(fail(status.error()));
    done_->set_value(batch->entries().front().queue_offset);
  }
  /// The log refuses for a moment while its next file is being made: as clients do, try again.
  QueueOffset append_surely(std::string_view topic, std::string_view body) {
    for (;;) {
      auto offset = append(topic, body);
      if (offset) return *offset;
      EXPECT_EQ(offset.error().code(), Errc::kLimit) << offset.error().message();
      if (offset.error().code() != Errc::kLimit) return QueueOffset(-1);
    }
  }

  std::string read(std::string_view topic, std::int64_t offset) {
    auto* queue = store_->find_queue(topic, QueueId(0));
    if (queue == nullptr) return "no queue";
    ReadRequest request;
    request.offset = QueueOffset(offset);
    request.max_messages = 1;
    ReadResult result = store_->read(*queue, request);
    if (result.status != ReadStatus::kFound) return "status " + std::to_string(static_cast<int>(result.status));
    std::vector<std::byte> bytes;
    std::array<ByteView, 8> pieces;
    const std::size_t count = result.records.peek(pieces);
    for (std::size_t i = 0; i < count; ++i) bytes.insert(bytes.end(), pieces[i].begin(), pieces[i].end());
    auto record = message::decode_record(bytes);
    if (!record || record->queue_offset != offset) return "not the record of this offset";
    return std::string(as_chars(record->body));
  }

  std::string root_;
  io::ThreadExecutor flusher_{"flusher"}, background_{"background"}, user_{"user"};
  std::unique_ptr<MessageStore> store_;
  std::promise<Result<QueueOffset>>* done_ = nullptr;
};

std::string body_of(int number) {
  return "message " + std::to_string(number) + std::string(100, '.');
}

constexpr int kMessages = 1'500;  // Several commit-log and queue files.

TEST_F(MessageStoreTest, ReadsBackWhatWasAppended) {
  for (int i = 0; i < kMessages; ++i) ASSERT_EQ(append_surely("TopicA", body_of(i)).value(), i);
  for (int i = 0; i < kMessages; i += 7) EXPECT_EQ(read("TopicA", i), body_of(i));
}

TEST_F(MessageStoreTest, FindsEverythingAfterAnOrderlyStop) {
  for (int i = 0; i < kMessages; ++i) append_surely("TopicA", body_of(i));
  ASSERT_TRUE(store_->close());
  store_.reset();
  open();
  EXPECT_TRUE(store_->recovery().clean);
  for (int i = 0; i < kMessages; i += 7) EXPECT_EQ(read("TopicA", i), body_of(i));
  EXPECT_EQ(append_surely("TopicA", "next").value(), kMessages);
}

TEST_F(MessageStoreTest, FindsEverythingAfterAProcessCrash) {
  for (int i = 0; i < kMessages; ++i) append_surely("TopicA", body_of(i));
  store_.reset();  // Without close(): what a killed process leaves.
  open();
  EXPECT_FALSE(store_->recovery().clean);
  for (int i = 0; i < kMessages; i += 7) EXPECT_EQ(read("TopicA", i), body_of(i));
  EXPECT_EQ(append_surely("TopicA", "next").value(), kMessages);
}

TEST_F(MessageStoreTest, CutsATornRecordOffTheEnd) {
  for (int i = 0; i < 10; ++i) append_surely("TopicA", body_of(i));
  const std::int64_t end = store_->max_physical_offset().value();
  store_.reset();
  auto log = io::posix_file_system().open(root_ + "/commitlog/00000000000000000000", io::OpenMode::kReadWrite);
  ASSERT_TRUE(log);
  ASSERT_TRUE((*log)->write_at(static_cast<std::uint64_t>(end),
                               as_bytes(std::string_view("\0\0\1\0\xDA\xA3\x20\xA7half", 12))));
  open();
  EXPECT_EQ(store_->max_physical_offset().value(), end);
  EXPECT_FALSE(store_->recovery().repairs.empty());
  EXPECT_EQ(append_surely("TopicA", "next").value(), 10);
  EXPECT_EQ(read("TopicA", 10), "next");
}

TEST_F(MessageStoreTest, RefusesADirectoryInUse) {
  StoreOptions options;
  options.root = root_;
  auto second = MessageStore::open({io::posix_file_system(), system_clock(), flusher_, background_}, options);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), Errc::kPermission);
}

}  // namespace
}  // namespace ogive::store
