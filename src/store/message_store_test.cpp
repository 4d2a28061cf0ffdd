#include "store/message_store.h"

#include "store/file_store_for_test.h"

namespace ogive::store {
namespace {

std::string body_of(int number) {
  return "message " + std::to_string(number) + std::string(100, '.');
}

constexpr int kMessages = 1'500;  // Several commit-log and queue files.

class MessageStoreTest : public FileStoreTest {
 protected:
  MessageStoreTest() : FileStoreTest(options()) {}
  static StoreOptions options() {
    StoreOptions options;
    options.segment_bytes = 64 << 10;
    options.prewrite_bytes = 16 << 10;
    options.consume_queue_file_bytes = 2000;
    return options;
  }
  void send(int count) {
    Sender sender(*store_, "TopicA");
    for (int i = 0; i < count; ++i) ASSERT_EQ(sender.send(body_of(i)).value(), i);
  }
  std::int64_t send_one(const std::string& body) { return Sender(*store_, "TopicA").send(body).value(); }
  void expect_all() {
    for (int i = 0; i < kMessages; i += 7) EXPECT_EQ(read("TopicA", i), body_of(i));
  }
};

TEST_F(MessageStoreTest, ReadsBackWhatWasAppended) {
  send(kMessages);
  expect_all();
}

TEST_F(MessageStoreTest, FindsEverythingAfterAnOrderlyStop) {
  send(kMessages);
  ASSERT_TRUE(store_->close());
  store_.reset();
  open();
  EXPECT_TRUE(store_->recovery().clean);
  expect_all();
  EXPECT_EQ(send_one("next"), kMessages);
}

TEST_F(MessageStoreTest, FindsEverythingAfterAProcessCrash) {
  send(kMessages);
  store_.reset();  // Without close(): what a killed process leaves.
  open();
  EXPECT_FALSE(store_->recovery().clean);
  expect_all();
  EXPECT_EQ(send_one("next"), kMessages);
}

TEST_F(MessageStoreTest, CutsATornRecordOffTheEnd) {
  send(10);
  const std::int64_t end = store_->max_physical_offset().value();
  store_.reset();
  auto log = io::posix_file_system().open(options_.root + "/commitlog/00000000000000000000", io::OpenMode::kReadWrite);
  ASSERT_TRUE(log);
  ASSERT_TRUE((*log)->write_at(static_cast<std::uint64_t>(end),
                               as_bytes(std::string_view("\0\0\1\0\xDA\xA3\x20\xA7half", 12))));
  open();
  EXPECT_EQ(store_->max_physical_offset().value(), end);
  EXPECT_FALSE(store_->recovery().repairs.empty());
  EXPECT_EQ(send_one("next"), 10);
  EXPECT_EQ(read("TopicA", 10), "next");
}

TEST_F(MessageStoreTest, RefusesADirectoryInUse) {
  auto second = MessageStore::open({io::posix_file_system(), system_clock(), flusher_, background_}, options_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), Errc::kPermission);
}

}  // namespace
}  // namespace ogive::store
