#pragma once
// A store on real files, with threads of its own, and who sends to it. For tests of this module.

#include <gtest/gtest.h>
#include <stdlib.h>

#include <array>
#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <string_view>

#include "io/thread_executor.h"
#include "message/record.h"
#include "store/message_store.h"
#include "store/queue/consume_queue.h"

namespace ogive::store {

/// Sends one message after another to queue 0 of a topic, from a thread of its own. The store may be closed when this
/// is gone: then it has left the store's functions. One thread.
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

/// The store lies in a directory of its own, which goes with it.
class FileStoreTest : public ::testing::Test {
 protected:
  /// `options` are complete but for the root directory.
  explicit FileStoreTest(StoreOptions options) : options_(std::move(options)) {}
  void SetUp() override {
    char path[] = "/tmp/ogive-store-XXXXXX";
    ASSERT_NE(::mkdtemp(path), nullptr);
    options_.root = path;
    open();
  }
  void TearDown() override {
    store_.reset();
    std::filesystem::remove_all(options_.root);
  }

  /// Once more after store_.reset(), which without close() leaves what a killed process does.
  void open() {
    auto store = MessageStore::open({io::posix_file_system(), system_clock(), flusher_, background_}, options_);
    ASSERT_TRUE(store) << store.error().message();
    store_ = std::move(*store);
  }
  /// Body of the message at that place of a topic's queue 0; empty when there is none. Thread-safe.
  std::string read(std::string_view topic, std::int64_t offset) {
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
    EXPECT_TRUE(record && record->topic == topic && record->queue_offset == offset &&
                message::body_crc_matches(*record));
    return record ? std::string(as_chars(record->body)) : std::string();
  }

  StoreOptions options_;
  io::ThreadExecutor flusher_{"flusher"}, background_{"background"};
  std::unique_ptr<MessageStore> store_;
};

}  // namespace ogive::store
