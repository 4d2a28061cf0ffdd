// A log copied byte by byte into another store, in the simulated world.

#include "store/raw_log.h"

#include <gtest/gtest.h>

#include "message/record.h"
#include "store/queue/consume_queue.h"
#include "testing/sim_node.h"
#include "testing/sim_world.h"

namespace ogive::store {
namespace {

using std::chrono_literals::operator""s;

constexpr std::uint64_t kSegment = 64 << 10;

class RawLogTest : public ::testing::Test, public AppendListener {
 protected:
  void SetUp() override {
    node_.run([](sim::SimNode&) { return std::make_shared<int>(0); });
    world_.run_for(1s);
    master_ = open("/master", false);
    replica_ = open("/replica", true);
  }

  std::unique_ptr<MessageStore> open(const std::string& root, bool replica) {
    StoreOptions options;
    options.root = root;
    options.segment_bytes = kSegment;
    options.prewrite_bytes = 32 << 10;
    options.consume_queue_file_bytes = 2000;
    options.replica = replica;
    auto store = MessageStore::open({node_.files(), node_.clock(), node_.flusher(), node_.background()}, options);
    EXPECT_TRUE(store) << store.error().message();
    world_.run_for(1s);
    return store ? std::move(*store) : nullptr;
  }

  Status submit(MessageStore& store, std::unique_ptr<AppendBatch> batch) {
    status_.reset();
    node_.reactor().run_here([&] { store.submit(std::move(batch), node_.reactor(), *this); });
    world_.run_until([&] { return status_.has_value(); }, 10s);
    return *status_;
  }
  void on_appended(std::unique_ptr<AppendBatch> batch, Status status) override {
    returned_ = std::move(batch);
    status_ = std::move(status);
  }

  void write(MessageStore& store, const std::string& topic, const std::string& body) {
    for (;;) {
      message::RecordFields fields;
      fields.topic = topic;
      fields.body = as_bytes(body);
      fields.properties = "TAGS\1t\2";
      auto batch = std::make_unique<AppendBatch>();
      auto* out = batch->add(store.queue(topic, QueueId(0)), message::encoded_size(fields), message::tags_code("t"));
      message::encode_record(fields, out);
      const Status status = submit(store, std::move(batch));
      if (status) return;
      ASSERT_EQ(status.error().code(), Errc::kLimit) << status.error().message();
      world_.run_for(1s);
    }
  }

  std::vector<std::byte> bytes_of(MessageStore& store, std::int64_t begin, std::int64_t end) {
    std::vector<std::byte> bytes(static_cast<std::size_t>(end - begin));
    for (std::int64_t at = begin; at < end;) {
      const std::int64_t stop = std::min<std::int64_t>(end, (at / kSegment + 1) * kSegment);
      const auto status = store.raw_log().read(
          PhysicalOffset(at),
          std::span(bytes).subspan(static_cast<std::size_t>(at - begin), static_cast<std::size_t>(stop - at)));
      EXPECT_TRUE(status) << status.error().message();
      at = stop;
    }
    return bytes;
  }

  /// Brings the replica to the master's end, `step` bytes at a time.
  Status copy(std::size_t step) {
    RawLog& log = replica_->raw_log();
    const std::int64_t from = log.end().value();
    const auto bytes = bytes_of(*master_, from, master_->raw_log().end().value());
    auto batch = std::make_unique<ReplicaBatch>();
    batch->start(log.end());
    for (std::size_t at = 0; at < bytes.size();) {
      const std::size_t count = std::min(step, bytes.size() - at);
      batch->add(ByteView(bytes).subspan(at, count));
      at += count;
      for (;;) {
        auto rest = std::make_unique<ReplicaBatch>();
        auto sealed = log.seal(*batch, *rest);
        if (!sealed) return fail(std::move(sealed).error());
        while (sealed->any) {
          const Status status = submit(*replica_, std::move(batch));
          if (status) break;
          if (status.error().code() != Errc::kLimit) return status;
          world_.run_for(1s);
          batch.reset(static_cast<ReplicaBatch*>(returned_.release()));
        }
        batch = std::move(rest);
        if (sealed->realign == nullptr) break;
        OGIVE_TRY(log.realign(*sealed->realign, sealed->realign_at));
      }
    }
    return {};
  }

  void expect_same() {
    RawLog& log = master_->raw_log();
    ASSERT_EQ(replica_->raw_log().end(), log.end());
    EXPECT_EQ(bytes_of(*replica_, replica_->raw_log().begin().value(), log.end().value()),
              bytes_of(*master_, replica_->raw_log().begin().value(), log.end().value()));
    for (const auto& [topic, id] : master_->queues()) {
      ConsumeQueue* theirs = master_->find_queue(topic, id);
      ConsumeQueue* ours = replica_->find_queue(topic, id);
      ASSERT_NE(ours, nullptr) << topic;
      EXPECT_EQ(ours->max_offset(), theirs->max_offset()) << topic;
      const auto count = static_cast<std::size_t>(theirs->max_offset().value());
      std::vector<std::byte> a(count * QueueEntry::kBytes), b(count * QueueEntry::kBytes);
      EXPECT_EQ(theirs->copy_tail(0, count, a.data()), ours->copy_tail(0, count, b.data()));
      EXPECT_EQ(a, b) << topic;
    }
  }

  sim::SimWorld world_{1};
  sim::SimNode& node_ = world_.add_node("node");
  std::unique_ptr<MessageStore> master_, replica_;
  std::optional<Status> status_;
  std::unique_ptr<AppendBatch> returned_;
};

TEST_F(RawLogTest, CopiesLogAndQueuesWhateverThePieces) {
  for (int i = 0; i < 400; ++i) write(*master_, i % 3 == 0 ? "A" : "B", std::string(100 + i % 700, 'x'));
  ASSERT_GT(master_->raw_log().end().value(), 2 * static_cast<std::int64_t>(kSegment));
  ASSERT_TRUE(copy(1'777));
  expect_same();
  for (int i = 0; i < 100; ++i) write(*master_, "C", std::string(300, 'y'));
  ASSERT_TRUE(copy(1 << 20));
  expect_same();
}

TEST_F(RawLogTest, ComesBackAsItWas) {
  for (int i = 0; i < 300; ++i) write(*master_, "A", std::string(500, 'x'));
  ASSERT_TRUE(copy(10'000));
  replica_.reset();  // As a killed process leaves it.
  replica_ = open("/replica", true);
  for (int i = 0; i < 10; ++i) write(*master_, "A", "more");
  ASSERT_TRUE(copy(1'000));
  EXPECT_EQ(replica_->raw_log().end(), master_->raw_log().end());
  EXPECT_EQ(replica_->find_queue("A", QueueId(0))->max_offset(), QueueOffset(310));
}

TEST_F(RawLogTest, TakesNothingOfItsOwnAndNothingOutOfPlace) {
  message::RecordFields fields;
  fields.topic = "A";
  auto own = std::make_unique<AppendBatch>();
  message::encode_record(fields, own->add(replica_->queue("A", QueueId(0)), message::encoded_size(fields), 0));
  Status status = submit(*replica_, std::move(own));
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code(), Errc::kPermission);

  write(*master_, "A", "one");
  ReplicaBatch rest;
  auto batch = std::make_unique<ReplicaBatch>();
  batch->start(PhysicalOffset(0));
  auto bytes = bytes_of(*master_, 0, master_->raw_log().end().value());
  bytes[88] ^= std::byte{1};  // Of the body.
  batch->add(bytes);
  auto sealed = replica_->raw_log().seal(*batch, rest);
  EXPECT_FALSE(sealed && sealed->any) << "a damaged record was taken";
  batch->start(PhysicalOffset(5'000));
  batch->add(bytes_of(*master_, 0, master_->raw_log().end().value()));
  EXPECT_FALSE(replica_->raw_log().seal(*batch, rest).has_value());
  ASSERT_TRUE(copy(1'000)) << "a refused batch must leave nothing behind";
  expect_same();
}

TEST_F(RawLogTest, BeginsWhereTheMastersLogBegins) {
  for (int i = 0; i < 200; ++i) write(*master_, "A", std::string(500, 'x'));
  const auto wrong = replica_->raw_log().begin_at(PhysicalOffset(100));
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code(), Errc::kInvalidArgument);
  node_.reactor().run_here([&] { EXPECT_TRUE(replica_->raw_log().begin_at(PhysicalOffset(kSegment))); });
  ASSERT_TRUE(copy(4'000));
  EXPECT_EQ(replica_->raw_log().begin(), PhysicalOffset(kSegment));
  EXPECT_EQ(bytes_of(*replica_, kSegment, master_->raw_log().end().value()),
            bytes_of(*master_, kSegment, master_->raw_log().end().value()));
  const ConsumeQueue* queue = replica_->find_queue("A", QueueId(0));
  EXPECT_EQ(queue->max_offset(), QueueOffset(200));
  EXPECT_GT(queue->min_offset(), QueueOffset(0));
  EXPECT_FALSE(replica_->raw_log().begin_at(PhysicalOffset(2 * kSegment))) << "it is not empty";
}

TEST_F(RawLogTest, FollowsATopicThatIsMadeAgain) {
  for (int i = 0; i < 5; ++i) write(*master_, "A", "before");
  ASSERT_TRUE(copy(1'000));
  node_.reactor().run_here([&] { ASSERT_TRUE(master_->delete_topic("A")); });
  for (int i = 0; i < 3; ++i) write(*master_, "A", "after");
  ASSERT_TRUE(copy(1 << 20));
  EXPECT_EQ(replica_->find_queue("A", QueueId(0))->max_offset(), QueueOffset(3));
  expect_same();
}

TEST_F(RawLogTest, StopsInFrontOfATopicThatIsNotKnownYet) {
  for (const char* topic : {"A", "B", "A"}) write(*master_, topic, "body");
  auto batch = std::make_unique<ReplicaBatch>();
  batch->start(PhysicalOffset(0));
  batch->add(bytes_of(*master_, 0, master_->raw_log().end().value()));
  auto rest = std::make_unique<ReplicaBatch>();
  const auto all_but_b = [](std::string_view topic, PhysicalOffset place) {
    EXPECT_EQ(topic == "B", place.value() > 0) << "asked once a queue, with the record's place";
    return topic != "B";
  };
  auto sealed = replica_->raw_log().seal(*batch, *rest, all_but_b);
  ASSERT_TRUE(sealed.has_value() && sealed->any && sealed->unknown);
  EXPECT_EQ(batch->entries().size(), 1U);
  EXPECT_EQ(replica_->find_queue("B", QueueId(0)), nullptr);
  ASSERT_TRUE(submit(*replica_, std::move(batch)));
  auto last = std::make_unique<ReplicaBatch>();
  sealed = replica_->raw_log().seal(*rest, *last, [](std::string_view, PhysicalOffset) { return true; });
  ASSERT_TRUE(sealed.has_value() && sealed->any && !sealed->unknown);
  ASSERT_TRUE(submit(*replica_, std::move(rest)));
  expect_same();
}

TEST_F(RawLogTest, KnowsWhereRecordsBegin) {
  for (int i = 0; i < 200; ++i) write(*master_, "A", std::string(500, 'x'));
  const RawLog& log = master_->raw_log();
  const auto first = bytes_of(*master_, 0, 4);
  const std::int64_t size = load_be<std::int32_t>(first.data());
  const auto place = [&](std::int64_t offset) { return *log.place_of(PhysicalOffset(offset)); };
  EXPECT_EQ(place(0), RawLog::Place::kBoundary);
  EXPECT_EQ(place(size), RawLog::Place::kBoundary);
  EXPECT_EQ(place(size * 2), RawLog::Place::kBoundary);
  EXPECT_EQ(place(size * 2 - 1), RawLog::Place::kInside);
  EXPECT_EQ(place(1), RawLog::Place::kInside);
  EXPECT_EQ(place(kSegment), RawLog::Place::kBoundary);
  EXPECT_EQ(place(kSegment - 1), RawLog::Place::kInside) << "in the blank";
  EXPECT_EQ(place(log.end().value()), RawLog::Place::kBoundary);
  EXPECT_EQ(place(log.end().value() - 1), RawLog::Place::kInside);
  EXPECT_EQ(place(log.end().value() + 1), RawLog::Place::kOutside);
  EXPECT_EQ(place(-1), RawLog::Place::kOutside);
}

TEST_F(RawLogTest, SharesWhatIsInMemory) {
  for (int i = 0; i < 20; ++i) write(*master_, "A", std::string(500, 'x'));
  io::OutBuffer out;
  ASSERT_TRUE(master_->raw_log().share(PhysicalOffset(100), PhysicalOffset(3'000), out));
  EXPECT_EQ(out.size(), 2'900U);
  std::array<ByteView, 4> pieces;
  ASSERT_EQ(out.peek(pieces), 1U);
  EXPECT_TRUE(std::ranges::equal(pieces[0], bytes_of(*master_, 100, 3'000)));
}

}  // namespace
}  // namespace ogive::store
