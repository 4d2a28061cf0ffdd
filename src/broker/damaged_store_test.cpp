// Flipped bits anywhere in the store of a broker: it starts, or says why not, and no consumer gets a message that is
// not the one of its place. src/store/byte_flip_test.cpp does this to the store alone, byte by byte; here a few at a
// time, metadata included, are met by what clients ask.

#include <gtest/gtest.h>
#include <stdlib.h>

#include "broker/stopped_broker_for_test.h"
#include "message/record.h"
#include "testing/sim_file_system.h"

namespace ogive::broker {
namespace {

namespace request_code = protocol::request_code;

/// With property CRCs, or without.
class DamagedStoreTest : public StoppedBroker, public ::testing::WithParamInterface<bool> {
 protected:
  static constexpr int kQueues = 2;
  static constexpr int kMessages = 60;
  using Place = std::tuple<std::string, int, std::int64_t>;

  std::map<std::string, std::string> settings() const override {
    const std::string crc = GetParam() ? "true" : "false";
    return {{"mappedFileSizeCommitLog", "16384"},
            {"maxMessageSize", "4096"},
            {"maxHashSlotNum", "32"},
            {"maxIndexNum", "256"},
            {"enabledAppendPropCRC", crc},
            {"forceVerifyPropCRC", crc}};
  }
  void fill() {
    ASSERT_EQ(make_group("G").code, 0);
    for (const char* topic : {"First", "Second"}) {
      ASSERT_EQ(make_topic(topic, kQueues).code, 0);
      for (int i = 0; i < kMessages; ++i) {
        const std::string body = std::string(topic) + " message " + std::to_string(i) + std::string(200, 'x');
        ASSERT_EQ(send(topic, i % kQueues, body, "KEYS\x01k" + std::to_string(i) + "\x02").code, 0);
        bodies_[{topic, i % kQueues, i / kQueues}] = body;
        world_.run_for(Milliseconds(5));
      }
    }
    ASSERT_EQ(commit("G", "First", 0, 7).code, 0);
    world_.run_for(Milliseconds(12'000));
  }
  void note_files(const std::string& directory) {
    sim::SimFileSystem files(node_.disk(), system_clock());
    const auto listed = files.list(directory);
    ASSERT_TRUE(listed);
    for (const io::FileInfo& info : *listed) {
      const std::string path = directory + "/" + info.name;
      if (info.is_directory) {
        note_files(path);
      } else {
        files_[path] = *io::read_file(files, path, 64 << 20);
      }
    }
  }
  void remove_below(io::FileSystem& files, const std::string& directory) {
    const auto listed = files.list(directory);
    ASSERT_TRUE(listed);
    for (const io::FileInfo& info : *listed) {
      const std::string path = directory + "/" + info.name;
      if (info.is_directory) remove_below(files, path);
      ASSERT_TRUE(files.remove(path));
    }
  }
  /// What was noted, but for some bits.
  std::string damage(Random& random) {
    sim::SimFileSystem files(node_.disk(), system_clock());
    remove_below(files, "/store");
    std::string what;
    std::vector<std::string> paths;
    for (const auto& [path, content] : files_) {
      if (content.find_last_not_of('\0') != std::string::npos) paths.push_back(path);
    }
    auto changed = files_;
    for (std::uint64_t i = 0, count = 1 + random.below(6); i < count; ++i) {
      std::string& content = changed[paths[random.below(paths.size())]];
      const std::uint64_t at = random.below(content.find_last_not_of('\0') + 1);
      content[at] = static_cast<char>(content[at] ^ (1 << random.below(8)));
    }
    for (const auto& [path, content] : changed) {
      if (content != files_[path]) what += path + " ";
      EXPECT_TRUE(files.create_directories(path.substr(0, path.rfind('/'))));
      auto file = files.open(path, io::OpenMode::kCreateNew);
      EXPECT_TRUE(file && (*file)->write_at(0, as_bytes(content)));
    }
    return what;
  }
  /// Reads a queue as a consumer does, to its end.
  void pull_all(const std::string& topic, int queue) {
    std::int64_t offset = 0;
    for (int turn = 0; turn < 200; ++turn) {
      const Reply reply = ask(request_code::kPullMessage, {{"consumerGroup", "G"},
                                                           {"topic", topic},
                                                           {"queueId", std::to_string(queue)},
                                                           {"queueOffset", std::to_string(offset)},
                                                           {"maxMsgNums", "32"},
                                                           {"sysFlag", "4"},  // It brings its subscription.
                                                           {"subscription", "*"},
                                                           {"expressionType", "TAG"},
                                                           {"commitOffset", "0"},
                                                           {"suspendTimeoutMillis", "0"},
                                                           {"subVersion", "0"}});
      ASSERT_NE(reply.code, -1) << reply.remark;
      if (reply.code == 0) expect_messages(reply.body, topic, queue);
      const std::string next = reply.field("nextBeginOffset");
      if (next == "(absent)" || std::stoll(next) <= offset) {
        if (reply.code != 0 && ++offset < kMessages) continue;  // A consumer would be told of it, and skips it by hand.
        return;
      }
      offset = std::stoll(next);
    }
  }
  void expect_messages(std::string_view bytes, const std::string& topic, int queue) {
    while (!bytes.empty()) {
      const auto record = message::decode_record(as_bytes(bytes));
      ASSERT_TRUE(record) << record.error().message();
      ASSERT_TRUE(message::body_crc_matches(*record));
      EXPECT_EQ(record->topic, topic);
      EXPECT_EQ(record->queue_id, queue);
      const auto known = bodies_.find({topic, queue, record->queue_offset});
      const std::string body(as_chars(record->body));
      if (GetParam()) {
        ASSERT_NE(known, bodies_.end()) << record->queue_offset;
        EXPECT_EQ(body, known->second);
      } else {
        // Nothing protects the numbers themselves; the body is one that was sent to this topic.
        EXPECT_TRUE(std::ranges::any_of(bodies_, [&](const auto& sent) { return sent.second == body; }));
        EXPECT_TRUE(body.starts_with(topic));
      }
      ++served_;
      bytes.remove_prefix(static_cast<std::size_t>(record->size));
    }
  }
  void ask_everything() {
    for (const char* topic : {"First", "Second"}) {
      for (int queue = 0; queue < kQueues; ++queue) {
        pull_all(topic, queue);
        for (const std::int32_t code :
             {request_code::kGetMaxOffset, request_code::kGetMinOffset, request_code::kGetEarliestMsgStoretime}) {
          EXPECT_NE(ask(code, {{"topic", topic}, {"queueId", std::to_string(queue)}}).code, -1);
        }
        EXPECT_NE(ask(request_code::kSearchOffsetByTimestamp,
                      {{"topic", topic}, {"queueId", std::to_string(queue)}, {"timestamp", "1"}})
                      .code,
                  -1);
      }
      EXPECT_NE(ask(request_code::kQueryMessage, {{"topic", topic},
                                                  {"key", "k7"},
                                                  {"maxNum", "32"},
                                                  {"beginTimestamp", "0"},
                                                  {"endTimestamp", "9223372036854775807"}})
                    .code,
                -1);
    }
    EXPECT_NE(committed("G", "First", 0).code, -1);
  }

  std::map<Place, std::string> bodies_;
  std::map<std::string, std::string> files_;
  int served_ = 0;
};

TEST_P(DamagedStoreTest, NeitherCrashesTheBrokerNorReachesAConsumer) {
  fill();
  const int rounds = ::getenv("OGIVE_FULL_TESTS") != nullptr ? 2'000 : 40;
  Random random(11);
  int refused = 0;
  for (const bool orderly : {false, true}) {
    if (orderly) {
      ASSERT_FALSE(::testing::Test::HasFailure());
      sim::SimFileSystem files(node_.disk(), system_clock());
      remove_below(files, "/store");
      for (const auto& [path, content] : files_) {
        ASSERT_TRUE(files.create_directories(path.substr(0, path.rfind('/'))));
        ASSERT_TRUE((*files.open(path, io::OpenMode::kCreateNew))->write_at(0, as_bytes(content)));
      }
      node_.restart();
      world_.run_for(Milliseconds(3'000));
      ASSERT_NE(broker_, nullptr) << refusal_;
      stop_in_order();
    } else {
      node_.kill();
    }
    files_.clear();
    note_files("/store");
    for (int round = 0; round < rounds; ++round) {
      SCOPED_TRACE(damage(random) + (orderly ? "after an orderly stop, round " : "after a kill, round ") +
                   std::to_string(round));
      node_.restart();
      world_.run_for(Milliseconds(100));
      if (broker_ == nullptr) {
        EXPECT_FALSE(refusal_.empty());
        ++refused;
      } else {
        ask_everything();
        node_.kill();
      }
      if (::testing::Test::HasFailure()) return;
    }
  }
  EXPECT_LT(refused, rounds) << refusal_;
  EXPECT_GT(served_, rounds * kMessages * 2) << "most of it is there in spite of all";
}

INSTANTIATE_TEST_SUITE_P(PropertyCrc, DamagedStoreTest, ::testing::Bool());

}  // namespace
}  // namespace ogive::broker
