// Forms of stores and records that few brokers have: commit logs over several directories, records with long topics,
// with IPv6 hosts, with property CRCs, and inner batches. Each survives an orderly stop, kill -9 and power loss.

#include <gtest/gtest.h>

#include <set>

#include "message/record_tail.h"
#include "store/sim_store_for_test.h"

namespace ogive::store {
namespace {

/// Sends with one form, stops in every way, and reads everything back after each.
class StoreForms : public ::testing::Test {
 protected:
  enum class Stop { kOrderly, kKill, kPowerLoss };

  void live(const StoreOptions& options, const std::function<SimMessage(int)>& make) {
    process_.reset();
    for (const Stop stop : {Stop::kOrderly, Stop::kKill, Stop::kPowerLoss}) {
      SCOPED_TRACE(static_cast<int>(stop));
      {
        SimStore process(disk_);
        ASSERT_TRUE(process.open(options));
        expect_all(process);
        for (int i = 0; i < 60; ++i) {
          const SimMessage message = make(number_++);
          const auto entry = process.append(message);
          ASSERT_TRUE(entry) << entry.error().message();
          sent_.push_back({message, entry->queue_offset.value()});
        }
        ASSERT_TRUE(process.flush());
        expect_all(process);
        if (stop == Stop::kOrderly) {
          ASSERT_TRUE(process.close());
        }
      }
      if (stop == Stop::kPowerLoss) disk_.power_loss();
    }
    process_ = std::make_unique<SimStore>(disk_);
    const Status opened = process_->open(options);
    ASSERT_TRUE(opened) << opened.error().message();
    expect_all(*process_);
  }

  void expect_all(SimStore& process) {
    for (const auto& [message, offset] : sent_) {
      ASSERT_EQ(process.body_at(message.topic, message.queue, offset), message.body) << "offset " << offset;
    }
  }
  message::RecordView record(std::size_t index) {
    const auto& [message, offset] = sent_[index];
    bytes_ = process_->record_at(message.topic, message.queue, offset);
    auto view = message::decode_record(as_bytes(bytes_));
    EXPECT_TRUE(view) << bytes_.substr(0, 100);
    return view ? *view : message::RecordView{};
  }
  static std::set<std::string> names(SimStore& process, const std::string& directory) {
    std::set<std::string> found;
    auto listed = process.files.list(directory);
    if (!listed) return found;
    for (const io::FileInfo& info : *listed) found.insert(info.name);
    return found;
  }
  static SimMessage plain(int number) {
    return {.queue = number % 2, .body = "body " + std::to_string(number) + std::string(150, 'x')};
  }

  sim::SimDisk disk_{7};
  std::vector<std::pair<SimMessage, std::int64_t>> sent_;
  int number_ = 0;
  std::unique_ptr<SimStore> process_;
  std::string bytes_;
};

TEST_F(StoreForms, ALogOverTwoDirectories) {
  StoreOptions options = SimStore::small_options();
  options.commit_log_path = "/disk1/log,/disk2/log";
  ASSERT_NO_FATAL_FAILURE(live(options, plain));
  const auto first = names(*process_, "/disk1/log"), second = names(*process_, "/disk2/log");
  EXPECT_GE(first.size(), 3u);
  EXPECT_GE(second.size(), 3u);
  for (const std::string& name : first) EXPECT_FALSE(second.contains(name)) << name;
  EXPECT_TRUE(names(*process_, "/store/commitlog").empty());
}

TEST_F(StoreForms, AReadOnlyDirectoryIsReadAndGetsNoFile) {
  StoreOptions options = SimStore::small_options();
  options.commit_log_path = "/disk1/log";
  ASSERT_NO_FATAL_FAILURE(live(options, plain));
  const auto before = names(*process_, "/disk1/log");
  process_.reset();
  options.commit_log_path = "/disk1/log,/disk2/log";
  options.read_only_commit_log_paths = "/disk1/log";
  ASSERT_NO_FATAL_FAILURE(live(options, plain));
  for (const std::string& name : names(*process_, "/disk1/log")) EXPECT_TRUE(before.contains(name)) << name;
  EXPECT_GE(names(*process_, "/disk2/log").size(), 5u);
}

TEST_F(StoreForms, ADirectoryThatIsMissingIsRefused) {
  StoreOptions options = SimStore::small_options();
  options.commit_log_path = "/disk1/log,/disk2/log";
  ASSERT_NO_FATAL_FAILURE(live(options, plain));
  process_.reset();
  options.commit_log_path = "/disk1/log";
  SimStore process(disk_);
  const Status opened = process.open(options);
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().message().find("are missing in /disk1/log"), std::string::npos) << opened.error().message();
}

TEST_F(StoreForms, LongTopicsMakeRecordsOfTheSecondForm) {
  live(SimStore::small_options(), [](int number) {
    SimMessage message = plain(number);
    message.topic = "%RETRY%" + std::string(number % 2 == 0 ? 120 : 248, 'g');  // 127 and 255 bytes.
    return message;
  });
  EXPECT_EQ(record(0).magic, message::kMagicV1);
  EXPECT_EQ(record(0).topic.size(), 127u);
  EXPECT_EQ(record(1).magic, message::kMagicV2);
  EXPECT_EQ(record(1).topic.size(), 255u);
}

TEST_F(StoreForms, HostsOfBothFamilies) {
  live(SimStore::small_options(), [](int number) {
    SimMessage message = plain(number);
    message.v6_hosts = number % 2 == 1;
    message.properties = "UNIQ_KEY\x01U" + std::to_string(number) + "\x02";
    return message;
  });
  EXPECT_EQ(record(0).store_host.to_string(), "10.0.0.1:10911");
  EXPECT_EQ(record(1).born_host.to_string(), "[2001:db8::1]:1000");
  EXPECT_EQ(record(1).store_host.to_string(), "[2001:db8::2]:10911");
  EXPECT_EQ(record(1).sys_flag, message::kBornHostV6 | message::kStoreHostV6);
  // The store time lies behind the longer host.
  const ConsumeQueue& queue = process_->store->queue("TopicA", QueueId(1));
  EXPECT_EQ(*process_->store->store_time(const_cast<ConsumeQueue&>(queue), QueueOffset(0)),
            record(1).store_timestamp_ms);
  EXPECT_EQ(process_->store->find_by_key({.topic = "TopicA", .key = "U1"})->records.size(), 1u);
}

TEST_F(StoreForms, PropertyCrcsAreWrittenAndChecked) {
  StoreOptions options = SimStore::small_options();
  ASSERT_NO_FATAL_FAILURE(live(options, plain));  // Records without one stay good when the keys are set.
  options.append_property_crc = options.verify_property_crc = true;
  ASSERT_NO_FATAL_FAILURE(live(options, plain));
  EXPECT_EQ(message::check_property_crc(record(0)), message::PropertyCrc::kAbsent);
  EXPECT_EQ(message::check_property_crc(record(sent_.size() - 1)), message::PropertyCrc::kMatches);
  // A changed byte that the body's CRC does not cover: the flag.
  const auto place = record(sent_.size() - 30).physical_offset + 19;
  process_.reset();
  SimStore process(disk_);
  {
    const std::string name = "/store/commitlog/" + fmt::format("{:020}", place / 8192 * 8192);
    auto file = process.files.open(name, io::OpenMode::kReadWrite);
    ASSERT_TRUE(file);
    ASSERT_TRUE((*file)->write_at(static_cast<std::uint64_t>(place % 8192), as_bytes(std::string_view("\x77"))));
  }
  ASSERT_TRUE(process.open(options));
  const auto& [message, offset] = sent_[sent_.size() - 30];
  EXPECT_NE(process.body_at(message.topic, message.queue, offset), message.body);
}

TEST_F(StoreForms, InnerBatches) {
  StoreOptions options = SimStore::small_options();
  options.batch_queue_file_bytes = 46 * 8;
  options.append_property_crc = options.verify_property_crc = true;
  options.is_batch_topic = [](std::string_view topic) { return topic == "Batch"; };
  live(options, [](int number) {
    SimMessage message = plain(number);
    message.topic = "Batch";
    message.properties =
        "UNIQ_KEY\x01U" + std::to_string(number) + "\x02INNER_NUM\x01" + std::to_string(1 + number % 4) + "\x02";
    message.sys_flag = message::kNeedUnwrap | message::kInnerBatch;
    return message;
  });
  std::map<std::int32_t, std::int64_t> next;
  for (const auto& [message, offset] : sent_) {
    EXPECT_EQ(offset, next[message.queue]) << "offsets count messages, without holes";
    const std::string bytes = process_->record_at("Batch", message.queue, offset);
    const auto view = message::decode_record(as_bytes(bytes));
    ASSERT_TRUE(view);
    EXPECT_EQ(std::stoll(std::string(*message::find_property(view->properties, "INNER_BASE"))), offset);
    next[message.queue] += message::message_count(*view);
  }
}

}  // namespace
}  // namespace ogive::store
