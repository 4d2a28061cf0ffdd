// A slave's way into its own log, fed by hand.

#include "replication/replica_writer.h"

#include <gtest/gtest.h>

#include "replication/pair_for_test.h"

namespace ogive::replication {
namespace {

using std::chrono_literals::operator""ms;

class ReplicaWriterTest : public ::testing::Test, private store::AppendListener {
 protected:
  void SetUp() override {
    for (sim::SimNode* node : {&master_, &slave_}) node->run([](sim::SimNode&) { return std::make_shared<int>(0); });
    world_.run_for(1ms);
    theirs_ = open_store(master_, false);
    ours_ = open_store(slave_, true);
    writer_ = std::make_unique<ReplicaWriter>(
        *ours_, slave_.reactor(),
        ReplicaWriter::Callbacks{[] {}, [] {}, [](auto) {},
                                 [](const Error& error) { ADD_FAILURE() << error.message(); },
                                 [this](std::string_view, PhysicalOffset) {
                                   ++asked_;
                                   return false;
                                 }});
  }
  void TearDown() override {
    slave_.reactor().run_here([&] { writer_.reset(); });
  }
  void on_appended(std::unique_ptr<store::AppendBatch>, Status status) override { EXPECT_TRUE(status.has_value()); }

  /// The master gets a message of a topic, and the writer its bytes.
  void copy(const std::string& topic) {
    message::RecordFields fields;
    fields.topic = topic;
    fields.body = as_bytes("body");
    master_.reactor().run_here([&] {
      auto batch = std::make_unique<store::AppendBatch>();
      message::encode_record(fields, batch->add(theirs_->queue(topic, QueueId(0)), message::encoded_size(fields), 0));
      theirs_->submit(std::move(batch), master_.reactor(), *this);
    });
    world_.run_for(1ms);
    const store::RawLog& log = theirs_->raw_log();
    std::vector<std::byte> bytes(static_cast<std::size_t>(log.end() - writer_->position()));
    ASSERT_TRUE(log.read(writer_->position(), bytes));
    slave_.reactor().run_here([&] {
      writer_->add(bytes);
      writer_->flush();
    });
    world_.run_for(1ms);
  }
  bool has(const std::string& topic) { return ours_->find_queue(topic, QueueId(0)) != nullptr; }
  void resume() {
    slave_.reactor().run_here([&] { writer_->resume(); });
    world_.run_for(1ms);
  }

  sim::SimWorld world_{1};
  sim::SimNode& master_ = world_.add_node("master");
  sim::SimNode& slave_ = world_.add_node("slave");
  std::unique_ptr<store::MessageStore> theirs_, ours_;
  std::unique_ptr<ReplicaWriter> writer_;
  int asked_ = 0;
};

// All topics wait with the one that is not known: there is one log.
TEST_F(ReplicaWriterTest, WhoSaysNothingIsWaitedForOnce) {
  copy("First");
  EXPECT_TRUE(writer_->busy());
  world_.run_for(900ms);
  EXPECT_FALSE(has("First"));
  world_.run_for(150ms);
  EXPECT_TRUE(has("First")) << "not longer than a second";
  EXPECT_FALSE(writer_->busy());
  for (const char* topic : {"Second", "Third"}) {
    copy(topic);
    EXPECT_TRUE(has(topic)) << topic;
    EXPECT_FALSE(writer_->busy()) << topic;
  }
}

TEST_F(ReplicaWriterTest, WhoSpeaksAgainIsWaitedForAgain) {
  copy("First");
  world_.run_for(1'100ms);
  resume();
  copy("Second");
  EXPECT_TRUE(writer_->busy());
  EXPECT_FALSE(has("Second"));
  const int before = asked_;
  resume();
  EXPECT_GT(asked_, before) << "looked at again";
  EXPECT_TRUE(writer_->busy()) << "not known yet";
}

TEST_F(ReplicaWriterTest, AnotherConnectionIsWaitedForAgain) {
  copy("First");
  world_.run_for(1'100ms);
  slave_.reactor().run_here([&] { writer_->start(); });
  copy("Second");
  EXPECT_TRUE(writer_->busy());
}

}  // namespace
}  // namespace ogive::replication
