#include "message/record.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "message/properties.h"
#include "message/sys_flag.h"

namespace ogive::message {
namespace {

io::Endpoint host(std::string_view text) {
  return *io::Endpoint::parse(text);
}

TEST(Record, WhatIsEncodedIsDecoded) {
  const std::string long_topic(200, 't');
  for (std::string_view topic : {std::string_view("Topic"), std::string_view(long_topic)}) {
    for (std::string_view address : {"10.1.2.3:10911", "[fd00::7]:10911"}) {
      RecordFields fields;
      fields.queue_id = 3;
      fields.flag = 17;
      fields.sys_flag = kCompressed;
      fields.born_timestamp_ms = 1'700'000'000'123;
      fields.born_host = host(address);
      fields.store_host = host("127.0.0.1:10911");
      fields.reconsume_times = 2;
      fields.prepared_transaction_offset = 99;
      fields.body = as_bytes(std::string_view("body"));
      fields.topic = topic;
      fields.properties =
          "TAGS\x01"
          "A\x02";
      fields.properties_tail =
          "CLUSTER\x01"
          "C\x02";
      std::vector<std::byte> bytes(encoded_size(fields));
      encode_record(fields, bytes.data());
      const auto record = decode_record(bytes);
      ASSERT_TRUE(record.has_value()) << record.error().message();
      EXPECT_EQ(record->queue_id, 3);
      EXPECT_EQ(record->flag, 17);
      EXPECT_EQ(record->sys_flag, kCompressed | (fields.born_host.is_v6() ? kBornHostV6 : 0));
      EXPECT_EQ(record->born_timestamp_ms, fields.born_timestamp_ms);
      EXPECT_EQ(record->born_host, fields.born_host);
      EXPECT_EQ(record->store_host, fields.store_host);
      EXPECT_EQ(record->reconsume_times, 2);
      EXPECT_EQ(record->prepared_transaction_offset, 99);
      EXPECT_EQ(as_chars(record->body), "body");
      EXPECT_EQ(record->topic, topic);
      EXPECT_EQ(record->properties,
                "TAGS\x01"
                "A\x02"
                "CLUSTER\x01"
                "C\x02");
      EXPECT_TRUE(body_crc_matches(*record));
      const auto names = record_names(bytes);
      ASSERT_TRUE(names.has_value());
      EXPECT_EQ(names->size, record->size);
      EXPECT_EQ(names->sys_flag, record->sys_flag);
      EXPECT_EQ(names->physical_offset, record->physical_offset);
      EXPECT_EQ(names->store_timestamp_ms, record->store_timestamp_ms);
      EXPECT_EQ(names->topic, record->topic);
      EXPECT_EQ(names->properties, record->properties);
      EXPECT_EQ(store_timestamp_position(record->sys_flag), fields.born_host.is_v6() ? 68u : 56u);
    }
  }
}

TEST(RecordSeries, EncodesWhatEncodeRecordDoes) {
  for (std::size_t topic_bytes : {std::size_t{1}, kMaxTopicBytesV1, kMaxTopicBytesV1 + 1, kMaxTopicBytes}) {
    for (std::string_view address : {"10.1.2.3:10911", "[fd00::7]:10911"}) {
      const std::string topic(topic_bytes, 't');
      RecordFields fields;
      fields.queue_id = 3;
      fields.flag = 1;
      fields.sys_flag = kCompressed;
      fields.born_timestamp_ms = 1'700'000'000'123;
      fields.born_host = host(address);
      fields.store_host = host("[fd00::8]:10911");
      fields.reconsume_times = 2;
      fields.prepared_transaction_offset = 99;
      fields.topic = topic;
      fields.properties = "belongs to another message";
      const RecordSeries series(fields);
      for (std::size_t length : {0, 1, 7, 8, 9, 100, 5000}) {
        const std::string body(length, 'b'), properties(length / 2, 'p');
        fields.flag = static_cast<std::int32_t>(length);
        fields.body = as_bytes(body);
        fields.properties = properties;
        std::vector<std::byte> expected(encoded_size(fields));
        encode_record(fields, expected.data());
        std::vector<std::byte> bytes(series.size(fields.body, properties));
        series.encode(fields.flag, fields.body, properties, bytes.data());
        ASSERT_EQ(bytes, expected) << "topic of " << topic_bytes << ", body of " << length;
      }
    }
  }
}

// Whatever the bytes are, both readers agree on whether they are a record.
TEST(Record, NamesAreFoundWhereARecordIsDecoded) {
  const std::string long_topic(200, 't');
  for (const std::string_view topic : {std::string_view("T"), std::string_view(long_topic)}) {
    RecordFields fields;
    fields.born_host = fields.store_host = host("127.0.0.1:1");
    fields.body = as_bytes(std::string_view("body"));
    fields.topic = topic;
    fields.properties = "K\x01V\x02";
    std::vector<std::byte> bytes(encoded_size(fields));
    encode_record(fields, bytes.data());
    for (std::size_t size = 0; size < bytes.size(); ++size) EXPECT_FALSE(record_names(ByteView(bytes).first(size)));
    for (std::size_t at = 0; at < bytes.size(); ++at) {
      for (int value = 0; value < 256; ++value) {
        std::vector<std::byte> other = bytes;
        other[at] = static_cast<std::byte>(value);
        const auto record = decode_record(other);
        const auto names = record_names(other);
        ASSERT_EQ(record.has_value(), names.has_value()) << "byte " << at << " is " << value;
        if (!names) continue;
        ASSERT_EQ(names->properties, record->properties);
        ASSERT_EQ(names->topic, record->topic);
      }
    }
  }
}

TEST(OffsetMessageId, NamesHostAndPlaceAndThoseOfOtherRecords) {
  const OffsetMessageId id(host("127.0.0.1:10911"), 0x1A4C);
  EXPECT_EQ(id.text(), "7F00000100002A9F0000000000001A4C");
  std::string other(32, ' ');
  EXPECT_EQ(id.write(0x0123456789ABCDEF, other.data()), other.data() + 32);
  EXPECT_EQ(other, "7F00000100002A9F0123456789ABCDEF");
  const OffsetMessageId v6(host("[fd00::7]:10911"), 5);
  EXPECT_EQ(v6.text(), "FD00000000000000000000000000000700002A9F0000000000000005");
  other.resize(56);
  v6.write(0xFEDCBA98, other.data());
  EXPECT_EQ(other, "FD00000000000000000000000000000700002A9F00000000FEDCBA98");
  const auto place = parse_offset_message_id(v6.text());
  ASSERT_TRUE(place.has_value());
  EXPECT_EQ(place->physical_offset, 5);
  EXPECT_EQ(place->store_host, host("[fd00::7]:10911"));
}

TEST(JavaStringHash, IsTheOneOfTheWholeTextWhereverItIsCut) {
  // Values printed by Java.
  EXPECT_EQ(java_string_hash(""), 0);
  EXPECT_EQ(java_string_hash("TagA"), 2598919);
  EXPECT_EQ(java_string_hash("polygenelubricants"), INT32_MIN);
  EXPECT_EQ(java_string_hash("\xC3\xA9t\xC3\xA9"), (0xE9 * 31 + 't') * 31 + 0xE9);
  EXPECT_EQ(java_string_hash("\xF0\x9F\x98\x80"), 0xD83D * 31 + 0xDE00);
  const std::string text = "a longer text with \xC3\xA9 and \xE4\xB8\xAD within it";
  for (const std::size_t cut :
       {std::size_t{0}, std::size_t{1}, std::size_t{3}, std::size_t{4}, std::size_t{19}, text.size()}) {
    EXPECT_EQ(java_string_hash(text.substr(cut), java_string_hash(text.substr(0, cut))), java_string_hash(text)) << cut;
  }
  std::uint32_t slow = 0;
  const std::string ascii = "0123456789abcdefghijklmnopqrstuvwxyz";
  for (std::size_t length = 0; length <= ascii.size(); ++length) {
    EXPECT_EQ(static_cast<std::uint32_t>(java_string_hash(ascii.substr(0, length))), slow) << length;
    if (length < ascii.size()) slow = slow * 31 + static_cast<unsigned char>(ascii[length]);
  }
}

TEST(Properties, AreVisitedInOrderAndPiecesWithoutANameEndAreSkipped) {
  std::string seen;
  for_each_property(std::string_view("A\x01"
                                     "1\x02junk\x02\x02"
                                     "B\x01"
                                     "x\x01y\x02"
                                     "C\x01\x02"
                                     "last\x01value"),
                    [&](std::string_view name, std::string_view value) {
                      seen += std::string(name) + "=" + std::string(value) + ";";
                      return true;
                    });
  EXPECT_EQ(seen, "A=1;B=x\x01y;C=;last=value;");
  for_each_property("no name end", [](std::string_view, std::string_view) -> bool {
    ADD_FAILURE();
    return true;
  });
}

}  // namespace
}  // namespace ogive::message
