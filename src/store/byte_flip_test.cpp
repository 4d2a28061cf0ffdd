// A flipped byte anywhere in a small real store: the store opens or says why not, and no consumer gets a message that
// is not the one of its place. With property CRCs no changed byte reaches anybody; without them only what the format
// leaves unprotected (docs/internals/store.md).

#include <gtest/gtest.h>
#include <stdlib.h>

#include "message/record_tail.h"
#include "store/sim_store_for_test.h"

namespace ogive::store {
namespace {

StoreOptions options(bool property_crc, std::size_t walked) {
  StoreOptions made = SimStore::small_options();
  made.queues_walked_at_start = walked;
  made.append_property_crc = made.verify_property_crc = property_crc;
  made.segment_bytes = 4 << 10;
  made.prewrite_bytes = 1 << 10;
  made.batch_queue_file_bytes = 46 * 8;
  made.index_shape = {16, 64};
  made.is_batch_topic = [](std::string_view topic) { return topic == "Batch"; };
  return made;
}

/// A store in which every kind of file has something, and what every place of every queue holds.
class SmallStore {
 public:
  SmallStore(bool property_crc, bool orderly, std::size_t walked)
      : property_crc_(property_crc), orderly_(orderly), walked_(walked) {
    SimStore process(disk_);
    EXPECT_TRUE(process.open(options(property_crc, walked)));
    for (int i = 0; i < 36; ++i) {
      SimMessage message{
          .topic = i % 3 == 0 ? "TopicB" : "TopicA",
          .queue = i % 2,
          .body = "body of message " + std::to_string(i),
          .properties = "UNIQ_KEY\x01U" + std::to_string(i) + "\x02KEYS\x01k" + std::to_string(i) + "\x02",
          .v6_hosts = i % 5 == 0};
      if (i % 7 == 0) {
        message.topic = "Batch";
        message.queue = 0;
        message.properties +=
            "INNER_NUM\x01"
            "3\x02";
        message.sys_flag = message::kNeedUnwrap | message::kInnerBatch;
      }
      EXPECT_TRUE(process.append(message));
      if (i != 20) continue;
      EXPECT_TRUE(process.flush());
      process.world.run_for(Milliseconds(500));  // A checkpoint.
    }
    EXPECT_TRUE(process.flush());
    for (const auto& [topic, id] : process.store->queues()) {
      const std::int64_t end = process.store->find_queue(topic, id)->max_offset().value();
      for (std::int64_t at = 0; at < end; ++at) {
        records_[{topic, id.value(), at}] = process.record_at(topic, id.value(), at);
      }
    }
    if (orderly) {
      EXPECT_TRUE(process.close());
    }
  }

  /// Opens a copy in which one byte is changed and looks at everything a consumer can ask for.
  void look_at_flip(const std::string& path, std::uint64_t at, std::byte flip) {
    SCOPED_TRACE(path + " byte " + std::to_string(at));
    const auto copy = disk_.clone(1);
    SimStore process(*copy);
    {
      auto file = process.files.open(path, io::OpenMode::kReadWrite);
      ASSERT_TRUE(file);
      std::array<std::byte, 1> byte{};
      ASSERT_TRUE((*file)->read_at(at, byte));
      byte[0] ^= flip;
      ASSERT_TRUE((*file)->write_at(at, ByteView(byte)));
    }
    if (Status opened = process.open(options(property_crc_, walked_)); !opened) {
      EXPECT_FALSE(opened.error().message().empty());
      ++refused;
      return;
    }
    for (const auto& [place, record] : records_) expect_same_or_nothing(process, place, record);
    for (int i = 0; i < 36; i += 5) {
      auto found = process.store->find_by_key({.topic = "TopicA", .key = "k" + std::to_string(i)});
      if (!found) continue;
      for (const auto& bytes : found->records) expect_known(as_chars(bytes), false);
    }
    for (const auto& [topic, id] : process.store->queues()) {
      static_cast<void>(process.store->offset_by_time(process.store->queue(topic, id), 1, false));
    }
    ++opened_;
  }

  std::vector<io::FileInfo> list(const std::string& directory) {
    SimStore process(disk_);
    auto listed = process.files.list(directory);
    return listed ? *listed : std::vector<io::FileInfo>{};
  }
  int opened() const { return opened_; }
  int refused = 0;
  int missing = 0;

 private:
  void expect_same_or_nothing(SimStore& process, const SimLedger::Place& place, const std::string& record) {
    const std::string got = process.record_at(place.topic, place.queue, place.offset);
    if (got == record) return;
    if (got.starts_with("read status") || got == "no such queue") {
      ++missing;
      return;
    }
    // Where the message itself is gone a reader is led to the next one.
    expect_known(got, orderly_);
  }
  /// Without property CRCs a record that no queue has placed can only be believed what it says of its own place.
  void expect_known(std::string_view got, bool placed) {
    const auto view = message::decode_record(as_bytes(got));
    ASSERT_TRUE(view) << "what was served is no record";
    EXPECT_TRUE(message::body_crc_matches(*view));
    if (!property_crc_ && !placed) return;
    const auto known = records_.find({std::string(view->topic), view->queue_id, view->queue_offset});
    ASSERT_NE(known, records_.end());
    if (property_crc_) {
      EXPECT_EQ(got, known->second) << "a changed byte was served";
    } else {
      EXPECT_EQ(as_chars(view->body), as_chars(message::decode_record(as_bytes(known->second))->body));
    }
  }

  const bool property_crc_;
  const bool orderly_;
  const std::size_t walked_;
  sim::SimDisk disk_{1};
  std::map<SimLedger::Place, std::string> records_;
  int opened_ = 0;
};

/// Every `step`-th byte of every file below `directory`, as far as there is data.
void flip_all(SmallStore& store, const std::string& directory, std::uint64_t step) {
  for (const io::FileInfo& info : store.list(directory)) {
    const std::string path = directory + "/" + info.name;
    if (info.is_directory) {
      flip_all(store, path, step);
      continue;
    }
    // Behind the first page a checkpoint or a lock has nothing; logs and queues are small here.
    const std::uint64_t size = std::min<std::uint64_t>(info.size, 12 << 10);
    for (std::uint64_t at = size % step; at < size; at += step) {
      store.look_at_flip(path, at, at % 2 == 0 ? std::byte{0x01} : std::byte{0x80});
      if (::testing::Test::HasFatalFailure()) return;
    }
  }
}

class ByteFlip : public ::testing::TestWithParam<std::tuple<bool, bool, std::size_t>> {};

TEST_P(ByteFlip, NeitherCrashesNorReachesAConsumer) {
  const auto [property_crc, orderly, walked] = GetParam();
  SmallStore store(property_crc, orderly, walked);
  flip_all(store, "/store", ::getenv("OGIVE_FULL_TESTS") != nullptr ? 1 : 37);
  EXPECT_GT(store.opened(), 200);
  EXPECT_GT(store.missing, 0) << "no flip was noticed";
}

INSTANTIATE_TEST_SUITE_P(Stores, ByteFlip,
                         ::testing::Combine(::testing::Bool(), ::testing::Bool(), ::testing::Values(1024, 0)));

}  // namespace
}  // namespace ogive::store
