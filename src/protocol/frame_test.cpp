#include "protocol/frame.h"

#include <gtest/gtest.h>

#include <random>

#include "protocol/batch.h"
#include "protocol/bodies/heartbeat.h"
#include "protocol/bodies/register_broker.h"
#include "protocol/golden_frames_for_test.h"
#include "protocol/headers/send.h"
#include "protocol/json_header.h"
#include "protocol/json_text.h"

namespace ogive::protocol {
namespace {

std::string frame_bytes(Serialization serialization, std::string_view header, std::string_view body = {}) {
  std::string bytes(8, '\0');
  store_be(bytes.data(), static_cast<std::uint32_t>(4 + header.size() + body.size()));
  store_be(bytes.data() + 4,
           static_cast<std::uint32_t>(serialization) << 24 | static_cast<std::uint32_t>(header.size()));
  return bytes.append(header).append(body);
}

Status decode_json(Frame& frame, std::string& bytes, std::string_view header, std::string_view body = {}) {
  bytes = frame_bytes(Serialization::kJson, header, body);
  return frame.decode(as_bytes(bytes));
}

TEST(FrameSize, NeedsFourBytesAndChecksTheLimit) {
  const std::string bytes = frame_bytes(Serialization::kJson, "{}");
  EXPECT_EQ(frame_size(as_bytes(bytes).first(3)).value(), 0u);
  EXPECT_EQ(frame_size(as_bytes(bytes).first(4)).value(), 10u);
  EXPECT_EQ(frame_size(as_bytes(bytes), 9).error().code(), Errc::kCorrupt);
  for (const std::string_view bad :
       {std::string_view("\xff\xff\xff\xff", 4), std::string_view("\0\0\0\3", 4), std::string_view("GET ", 4)}) {
    EXPECT_EQ(frame_size(as_bytes(bad)).error().code(), Errc::kCorrupt);
  }
}

TEST(JsonHeader, ReadsEveryMemberInAnyForm) {
  Frame frame;
  std::string bytes;
  const Status status =
      decode_json(frame, bytes,
                  R"( { "skip" : {"a":[{"}":"\"]"}]} , "extFields":{"s":"a\u0001\"\\\/\b\f\n\r\t\u00fc\ud83d\ude80",)"
                  R"("n":-12.5e3,"t":true,"z":null,"o":{"x":[1]},"lone":"\ud800x"},"code":"310","language":9,)"
                  R"("opaque":-7,"flag":3,"version":317,"remark":"r\n","serializeTypeCurrentRPC":"JSON"} )",
                  "BODY");
  ASSERT_TRUE(status.has_value()) << status.error().message();
  EXPECT_EQ(frame.code, 310);
  EXPECT_EQ(frame.language, language::kGo);
  EXPECT_EQ(frame.opaque, -7);
  EXPECT_TRUE(frame.is_response());
  EXPECT_TRUE(frame.is_one_way());
  EXPECT_EQ(frame.version, 317);
  EXPECT_EQ(frame.remark, "r\n");
  EXPECT_EQ(frame.find("s"), "a\x01\"\\/\b\f\n\r\t\xc3\xbc\xf0\x9f\x9a\x80");
  EXPECT_EQ(frame.find("n"), "-12.5e3");
  EXPECT_EQ(frame.find("t"), "true");
  EXPECT_EQ(frame.find("z"), std::nullopt);
  EXPECT_EQ(frame.find("o"), R"({"x":[1]})");
  EXPECT_EQ(frame.find("lone"), "?x");
  EXPECT_EQ(as_chars(frame.body), "BODY");
}

TEST(JsonHeader, FieldsAreReadAlikeBeforeAndBehindOnesWithEscapesAndSpaces) {
  const std::pair<std::string_view, std::string_view> fields[] = {
      {"a", "group"}, {"b", ""}, {"long name", "x"}, {"c", "1"}, {"d", "\x01\x02"}, {"e", "back\\slash"}, {"f", "last"},
  };
  for (const std::string_view space : {"", " "}) {
    for (std::size_t first = 0; first < std::size(fields); ++first) {  // Each is the last one once.
      std::string header = "{\"extFields\":{";
      for (std::size_t i = 0; i < std::size(fields); ++i) {
        const auto& [name, value] = fields[(first + i) % std::size(fields)];
        if (i > 0) header.append(",").append(space);
        append_quoted(header, name);
        header.append(":").append(space);
        append_quoted(header, value);
      }
      header += "},\"opaque\":5}";
      Frame frame;
      std::string bytes;
      ASSERT_TRUE(decode_json(frame, bytes, header).has_value()) << header;
      ASSERT_EQ(frame.fields.size(), std::size(fields)) << header;
      for (const auto& [name, value] : fields) EXPECT_EQ(frame.find(name), value) << header;
      EXPECT_EQ(frame.opaque, 5);
      for (std::size_t cut = 1; cut < header.size(); ++cut) {
        EXPECT_FALSE(decode_json(frame, bytes, header.substr(0, cut)).has_value()) << header.substr(0, cut);
      }
    }
  }
}

TEST(JsonHeader, LanguageNamesAndStrangers) {
  Frame frame;
  std::string bytes;
  for (const auto& [text, number] : {std::pair("\"GO\"", language::kGo), std::pair("\"9\"", language::kGo),
                                     std::pair("\"COBOL\"", language::kOther), std::pair("99", language::kOther)}) {
    ASSERT_TRUE(decode_json(frame, bytes, std::string("{\"language\":") + text + "}").has_value());
    EXPECT_EQ(frame.language, number) << text;
  }
}

TEST(JsonHeader, MalformedOnesAreCorrupt) {
  Frame frame;
  std::string bytes;
  for (const std::string_view header : {"",
                                        "{",
                                        "[]",
                                        "{}x",
                                        "{\"code\":}",
                                        "{\"code\":1.5}",
                                        "{\"code\":\"x\"}",
                                        "{\"code\":2147483648}",
                                        "{\"code\":1,}",
                                        "{\"code\" 1}",
                                        "{\"a\":\"",
                                        "{\"a\":\"\\",
                                        "{\"a\":\"\\u12\"}",
                                        "{\"a\":\"\\x\"}",
                                        "{\"extFields\":[]}",
                                        "{\"extFields\":{\"a\"}}",
                                        "{\"a\":tru}",
                                        "{\"a\":[}",
                                        "{\"a\":{]}",
                                        "{\"a\":[\"",
                                        "{code:1}"}) {
    const Status status = decode_json(frame, bytes, header);
    ASSERT_FALSE(status.has_value()) << header;
    EXPECT_EQ(status.error().code(), Errc::kCorrupt);
  }
}

TEST(JsonHeader, NestingAndFieldsAreBounded) {
  Frame frame;
  std::string bytes;
  EXPECT_FALSE(decode_json(frame, bytes, "{\"a\":" + std::string(100'000, '[')).has_value());
  std::string many = "{\"extFields\":{\"a\":1";
  for (std::size_t i = 0; i < kMaxHeaderFields; ++i) many += ",\"a\":1";
  EXPECT_FALSE(decode_json(frame, bytes, many + "}}").has_value());
}

TEST(BinaryHeader, LengthsBeyondTheHeaderAreCorrupt) {
  io::OutBuffer out;
  FrameWriter writer(out, Serialization::kRocketmq, 10, 1, 0);
  writer.remark("remark");
  writer.field("name", "value");
  writer.finish();
  const std::string good = flatten(out);
  Frame frame;
  ASSERT_TRUE(frame.decode(as_bytes(good)).has_value());
  // Highest bytes of: frame length, header length, remark length, fields length, name length, value length.
  for (const std::size_t at : {0u, 5u, 21u, 31u, 35u, 41u}) {
    std::string broken = good;
    broken[at] = '\x7f';
    const Status status = frame.decode(as_bytes(broken));
    ASSERT_FALSE(status.has_value()) << at;
    EXPECT_EQ(status.error().code(), Errc::kCorrupt);
  }
}

TEST(BinaryHeader, LongRequestCodesAreRestoredForRequestsOnly) {
  for (const std::int32_t code : {200050, 200051, 200052, 200053, 200054, 200055, 200056, 200151}) {
    for (const std::int32_t flag : {0, kResponseFlag}) {
      io::OutBuffer out;
      FrameWriter(out, Serialization::kRocketmq, code, 1, flag).finish();
      const std::string bytes = flatten(out);
      Frame frame;
      ASSERT_TRUE(frame.decode(as_bytes(bytes)).has_value());
      EXPECT_EQ(frame.code, flag == 0 ? code : code - 3 * 65536);
    }
  }
  EXPECT_EQ(restore_request_code(3443 + 1000), 4443);
  for (const std::int32_t code : {10, 310, 2001, 3001, 3010}) EXPECT_EQ(restore_request_code(code), code);
}

TEST(FrameWriter, SeveralFramesShareABufferWithSharedBytes) {
  io::OutBuffer out;
  const auto chunk = std::make_shared<std::string>("chunk");
  for (int i = 0; i < 3; ++i) {
    FrameWriter writer(out, i == 1 ? Serialization::kRocketmq : Serialization::kJson, 0, i, kResponseFlag);
    writer.remark("a remark that is longer than a short string");
    writer.field("n", i);
    writer.field("b", true);
    writer.finish_with_body_size(chunk->size());
    out.append_shared(chunk, as_bytes(*chunk));
  }
  const std::string bytes = flatten(out);
  ByteView rest = as_bytes(bytes);
  Frame frame;
  for (int i = 0; i < 3; ++i) {
    const std::size_t size = frame_size(rest).value();
    ASSERT_TRUE(frame.decode(rest.first(size)).has_value());
    EXPECT_EQ(frame.opaque, i);
    EXPECT_EQ(frame.find("n"), std::to_string(i));
    EXPECT_EQ(frame.find("b"), "true");
    EXPECT_EQ(frame.remark, "a remark that is longer than a short string");
    EXPECT_EQ(as_chars(frame.body), "chunk");
    rest = rest.subspan(size);
  }
  EXPECT_TRUE(rest.empty());
}

/// Decodes everything that can be decoded from these bytes; only crashes and sanitizer findings count.
void decode_everything(Frame& frame, const std::string& bytes) {
  (void)frame_size(as_bytes(bytes));
  if (!frame.decode(as_bytes(bytes)).has_value()) return;
  (void)decode_send_header(frame);
  (void)from_json<HeartbeatData>(frame.body);
  (void)decode_registration(frame.body, true, frame.version);
  (void)decode_inflated_registration(frame.body, frame.version);
  BatchReader batch(frame.body);
  while (!batch.done() && batch.next().has_value()) {
  }
}

TEST(Garbage, MutatedRecordedFramesNeverCrash) {
  if (golden_frame_files().empty()) GTEST_SKIP() << "no recorded frames under " << golden_frame_directories();
  std::mt19937 random(20240501);
  Frame frame;
  for_each_golden_frame([&](const GoldenFrame& golden) {
    for (int round = 0; round < 20; ++round) {
      std::string bytes = golden.raw;
      const int changes = 1 + static_cast<int>(random() % 8);
      // The length stays right, so that what lies behind it is reached.
      for (int i = 0; i < changes; ++i) bytes[4 + random() % (bytes.size() - 4)] = static_cast<char>(random());
      if (round % 4 == 0) {
        bytes.resize(8 + random() % (bytes.size() - 7));
        store_be(bytes.data(), static_cast<std::uint32_t>(bytes.size() - 4));
      }
      decode_everything(frame, bytes);
    }
  });
}

TEST(Garbage, RandomBytesNeverCrash) {
  std::mt19937 random(7);
  Frame frame;
  for (int round = 0; round < 20'000; ++round) {
    std::string header(random() % 64, '\0');
    for (char& c : header) c = round % 2 == 0 ? static_cast<char>(random()) : "{}[]\",:\\u0a1 "[random() % 13];
    decode_everything(frame, frame_bytes(round % 4 < 2 ? Serialization::kJson : Serialization::kRocketmq, header));
  }
}

TEST(FrameWriter, AFieldMayBeWrittenInPlace) {
  for (auto serialization : {Serialization::kJson, Serialization::kRocketmq}) {
    io::OutBuffer in_place, copied;
    FrameWriter one(in_place, serialization, 0, 7, kResponseFlag);
    one.field("queueId", 3);
    std::memcpy(one.field_place("msgId", 5), "A1,B2", 5);
    one.field("queueOffset", 9);
    one.finish();
    FrameWriter two(copied, serialization, 0, 7, kResponseFlag);
    two.field("queueId", 3);
    two.field("msgId", "A1,B2");
    two.field("queueOffset", 9);
    two.finish();
    ByteView a, b;
    ASSERT_EQ(in_place.peek({&a, 1}), 1u);
    ASSERT_EQ(copied.peek({&b, 1}), 1u);
    EXPECT_EQ(as_chars(a), as_chars(b));
  }
}

}  // namespace
}  // namespace ogive::protocol
