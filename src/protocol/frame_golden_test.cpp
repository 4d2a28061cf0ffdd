// Every recorded frame of a real 5.5.0 decodes to what the recording says and is written again the same way.

#include <gtest/gtest.h>

#include <map>

#include "protocol/frame.h"
#include "protocol/golden_frames_for_test.h"

namespace ogive::protocol {
namespace {

using Fields = std::map<std::string, std::string>;

Fields fields_of(const Frame& frame) {
  Fields fields;
  for (const Field& field : frame.fields) fields[std::string(field.name)] = field.value;
  return fields;
}

/// The frame written again from its decoded content, in the field order it had.
std::string rewrite(const Frame& frame, Serialization serialization) {
  io::OutBuffer out;
  FrameWriter writer(out, serialization, frame.code, frame.opaque, frame.flag, {frame.language, frame.version});
  writer.remark(frame.remark);
  for (const Field& field : frame.fields) writer.field(field.name, field.value);
  writer.finish(frame.body);
  return flatten(out);
}

class FrameGolden : public testing::Test {
 protected:
  void SetUp() override {
    if (golden_frame_files().empty()) GTEST_SKIP() << "no recorded frames under " << golden_frame_directories();
  }
};

TEST_F(FrameGolden, DecodesToTheRecordedContent) {
  Frame frame;
  std::size_t count = 0;
  for_each_golden_frame([&](const GoldenFrame& golden) {
    SCOPED_TRACE(golden.where);
    ++count;
    const ByteView raw = as_bytes(golden.raw);
    const auto size = frame_size(raw);
    ASSERT_TRUE(size.has_value());
    EXPECT_EQ(*size, raw.size());
    const Status status = frame.decode(raw);
    ASSERT_TRUE(status.has_value()) << status.error().message();
    EXPECT_EQ(frame.serialization == Serialization::kJson, golden.serialization == "JSON");
    // The recording lists binary codes as they travelled; POP requests come back as what was meant.
    if (golden.code >= 3442 && golden.code <= 3447 && !frame.is_response()) {
      EXPECT_EQ(frame.code, golden.code + 3 * 65536);
    } else {
      EXPECT_EQ(frame.code, golden.code);
    }
    EXPECT_EQ(frame.opaque, golden.opaque);
    EXPECT_EQ(frame.flag, golden.flag);
    EXPECT_EQ(frame.version, golden.version);
    EXPECT_EQ(language_name(frame.language), golden.language);
    EXPECT_EQ(frame.remark, golden.remark);
    EXPECT_EQ(fields_of(frame), golden.fields);
    EXPECT_EQ(frame.body.size(), golden.body_bytes);
  });
  EXPECT_GT(count, 50u);
}

TEST_F(FrameGolden, BinaryFramesAreWrittenAgainByteForByte) {
  Frame frame;
  for_each_golden_frame([&](const GoldenFrame& golden) {
    SCOPED_TRACE(golden.where);
    ASSERT_TRUE(frame.decode(as_bytes(golden.raw)).has_value());
    if (frame.serialization == Serialization::kRocketmq) {
      EXPECT_EQ(rewrite(frame, Serialization::kRocketmq), golden.raw);
    }
  });
}

TEST_F(FrameGolden, JsonFramesOfJavaAreWrittenAgainByteForByte) {
  Frame frame;
  for_each_golden_frame([&](const GoldenFrame& golden) {
    SCOPED_TRACE(golden.where);
    ASSERT_TRUE(frame.decode(as_bytes(golden.raw)).has_value());
    // Frames made by hand (version 1, other languages) have other spacing and members.
    const bool from_java = golden.raw.find("serializeTypeCurrentRPC") != std::string::npos;
    // An empty map is written by Java as {} when a header object exists and not at all otherwise; we never write it.
    // Likewise an empty remark.
    const bool empty_map = golden.raw.find("\"extFields\":{}") != std::string::npos ||
                           golden.raw.find("\"remark\":\"\"") != std::string::npos;
    if (frame.serialization == Serialization::kJson && from_java && !empty_map) {
      EXPECT_EQ(rewrite(frame, Serialization::kJson), golden.raw);
    }
  });
}

TEST_F(FrameGolden, SurvivesTheOtherSerialization) {
  Frame frame;
  Frame again;
  for_each_golden_frame([&](const GoldenFrame& golden) {
    SCOPED_TRACE(golden.where);
    ASSERT_TRUE(frame.decode(as_bytes(golden.raw)).has_value());
    for (const Serialization to : {Serialization::kJson, Serialization::kRocketmq}) {
      const std::string bytes = rewrite(frame, to);
      ASSERT_TRUE(again.decode(as_bytes(bytes)).has_value());
      EXPECT_EQ(again.code, frame.code);
      EXPECT_EQ(again.opaque, frame.opaque);
      EXPECT_EQ(again.remark, frame.remark);
      EXPECT_EQ(fields_of(again), fields_of(frame));
      EXPECT_EQ(as_chars(again.body), as_chars(frame.body));
    }
  });
}

}  // namespace
}  // namespace ogive::protocol
