// Keys and values of both kinds of database: the examples of docs/formats/rocksdb.md, and what is of another form.

#include <gtest/gtest.h>

#include "rocks/config_records.h"
#include "rocks/queue_records.h"

namespace ogive::rocks {
namespace {

std::string bytes(std::string_view hex) {
  std::string text;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    if (hex[i] == ' ') ++i;
    text += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return text;
}

const std::string kEntryKey = bytes("00000006 01 546f70696341 01 00000000 01 0000000000000000");
const std::string kRecord = bytes("0000000000000000 00000126 000000000027a807 000001a20a6f930e");
const std::string kEndKey = bytes("00000006 01 546f70696341 01 6d6178 01 00000000");
const std::string kEnd = bytes("0000000000116a37 0000000000000006");

TEST(QueueRecords, AnEntryIsAsInTheExample) {
  const auto key = parse_entry_key(kEntryKey);
  ASSERT_TRUE(key);
  EXPECT_EQ(key->topic, "TopicA");
  EXPECT_EQ(key->id, QueueId(0));
  EXPECT_EQ(key->offset, 0);
  EXPECT_EQ(format_entry_key("TopicA", QueueId(0), 0), kEntryKey);
  const QueueRecord expected{0, 294, 0x27a807, 0x1a20a6f930e};
  EXPECT_EQ(parse_record(kRecord), expected);
  EXPECT_EQ(format_record(expected), kRecord);
}

TEST(QueueRecords, AnEndIsAsInTheExample) {
  const auto key = parse_end_key(kEndKey);
  ASSERT_TRUE(key);
  EXPECT_EQ(key->topic, "TopicA");
  EXPECT_EQ(key->id, QueueId(0));
  EXPECT_EQ(key->which, kMaxEnd);
  EXPECT_EQ(format_end_key("TopicA", QueueId(0), kMaxEnd), kEndKey);
  const auto end = parse_end(kEnd);
  ASSERT_TRUE(end);
  EXPECT_EQ(end->physical_offset, 0x116a37);
  EXPECT_EQ(end->offset, 6);
  EXPECT_EQ(format_end(*end), kEnd);
}

TEST(QueueRecords, KeysSortByLengthOfTopicTopicQueueAndOffset) {
  EXPECT_LT(format_entry_key("b", QueueId(7), 9), format_entry_key("aa", QueueId(0), 0));
  EXPECT_LT(format_entry_key("aa", QueueId(7), 9), format_entry_key("ab", QueueId(0), 0));
  EXPECT_LT(format_entry_key("aa", QueueId(255), 9), format_entry_key("aa", QueueId(256), 0));
  EXPECT_LT(format_entry_key("aa", QueueId(0), 255), format_entry_key("aa", QueueId(0), 256));
}

TEST(QueueRecords, WhatIsLongerOrShorterIsOfAnotherForm) {
  for (std::size_t size = 0; size < kEntryKey.size(); ++size) EXPECT_FALSE(parse_entry_key(kEntryKey.substr(0, size)));
  for (std::size_t size = 0; size < kEndKey.size(); ++size) EXPECT_FALSE(parse_end_key(kEndKey.substr(0, size)));
  EXPECT_FALSE(parse_entry_key(kEntryKey + '\0'));
  EXPECT_FALSE(parse_end_key(kEndKey + '\0'));
  EXPECT_FALSE(parse_record(kRecord.substr(1)));
  EXPECT_FALSE(parse_record(kRecord + '\0'));
  EXPECT_FALSE(parse_end(kEnd.substr(1)));
  EXPECT_FALSE(parse_end(kEnd + '\0'));
  EXPECT_EQ(parse_covered(format_covered(0x1170dd)), 0x1170dd);
  EXPECT_FALSE(parse_covered(kEnd));
  EXPECT_FALSE(parse_covered(""));
}

TEST(QueueRecords, ALengthOrSeparatorThatDoesNotFitIsOfAnotherForm) {
  for (const std::size_t separator : {std::size_t{4}, std::size_t{11}, std::size_t{16}}) {
    std::string key = kEntryKey;
    key[separator] = 2;
    EXPECT_FALSE(parse_entry_key(key)) << separator;
  }
  for (const std::size_t separator : {std::size_t{4}, std::size_t{11}, std::size_t{15}}) {
    std::string key = kEndKey;
    key[separator] = 2;
    EXPECT_FALSE(parse_end_key(key)) << separator;
  }
  for (const char* length : {"00000000", "00000005", "00000007", "7fffffff", "80000000", "ffffffff"}) {
    EXPECT_FALSE(parse_entry_key(bytes(length) + kEntryKey.substr(4))) << length;
    EXPECT_FALSE(parse_end_key(bytes(length) + kEndKey.substr(4))) << length;
  }
  EXPECT_FALSE(parse_entry_key(bytes("00000000 01 01 00000000 01 0000000000000000"))) << "no topic";
}

TEST(ConfigRecords, AreAsInTheExample) {
  const std::string offsets = R"({"offsetTable":{"0":7}})";
  const auto stored = parse_config<StoredOffsets>(offsets);
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->offset_table, (std::map<std::int32_t, std::int64_t>{{0, 7}}));
  EXPECT_EQ(format_config(*stored), offsets);

  const std::string version = R"({"counter":12,"stateVersion":0,"timestamp":1795471432290})";
  const auto counted = parse_config<protocol::DataVersion>(version);
  ASSERT_TRUE(counted);
  EXPECT_EQ(counted->counter, 12);
  EXPECT_EQ(format_config(*counted), version);

  const auto topic = parse_config<protocol::TopicConfig>(
      R"({"attributes":{},"order":false,"perm":6,"readQueueNums":4,"topicName":"TopicA","writeQueueNums":4})");
  ASSERT_TRUE(topic);
  EXPECT_EQ(topic->read_queue_nums, 4);
  EXPECT_EQ(*parse_config<protocol::TopicConfig>(format_config(*topic)), *topic);

  const auto bits = parse_config<ForbiddenTopics>(R"({"TopicA":2})");
  ASSERT_TRUE(bits);
  EXPECT_EQ(format_config(*bits), R"({"TopicA":2})");
}

TEST(ConfigRecords, WhatIsNoJsonIsNamed) {
  const auto stored = parse_config<StoredOffsets>(R"({"offsetTable":{"0":)");
  ASSERT_FALSE(stored);
  EXPECT_EQ(stored.error().code(), Errc::kCorrupt);
  EXPECT_FALSE(parse_config<protocol::TopicConfig>(""));
}

}  // namespace
}  // namespace ogive::rocks
