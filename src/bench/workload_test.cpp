#include "bench/workload.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "base/bytes.h"
#include "message/properties.h"

namespace ogive::bench {
namespace {

using protocol::Serialization;

/// A request that a workload wrote, decoded; `bytes` owns what it points to.
struct Written {
  explicit Written(Workload& workload, std::int64_t due_ns = 0) {
    io::OutBuffer out;
    workload.write(out, 0, 3, due_ns);
    bytes = take_bytes(out);
    const auto size = protocol::frame_size(as_bytes(bytes));
    EXPECT_TRUE(size.has_value() && *size == bytes.size()) << "the frame's own length is true";
    EXPECT_TRUE(frame.decode(as_bytes(bytes)).has_value());
  }
  std::string property(std::string_view name) const {
    return std::string(message::find_property(frame.find("i").value_or(""), name).value_or("none"));
  }
  std::string bytes;
  protocol::Frame frame;
};

class Produce : public ::testing::TestWithParam<Serialization> {
 protected:
  Produce() { options_.header = GetParam(); }
  BenchOptions options_;
};

INSTANTIATE_TEST_SUITE_P(Headers, Produce, ::testing::Values(Serialization::kJson, Serialization::kRocketmq));

TEST_P(Produce, BodiesHaveTheSizesThatWereDrawn) {
  options_.sizes = *SizeMix::parse("100..5000", 1, 1u << 20);
  options_.size = options_.sizes.largest();
  ProduceWorkload workload(options_);
  std::set<std::size_t> sizes;
  double sum = 0;
  constexpr int kMessages = 2'000;
  for (int i = 0; i < kMessages; ++i) {
    const Written request(workload);
    const std::size_t size = request.frame.body.size();
    ASSERT_GE(size, 100u);
    ASSERT_LE(size, 5'000u);
    ASSERT_EQ(request.frame.opaque, RequestTemplate::kFirstOpaque + 3);
    sizes.insert(size);
    sum += static_cast<double>(size);
  }
  EXPECT_GT(sizes.size(), 1'000u);
  EXPECT_NEAR(sum / kMessages, options_.sizes.mean(), 100);
}

TEST_P(Produce, MessagesCarryWhatClientsGiveThem) {
  options_.keys = true;
  options_.tag = "Paid";
  options_.properties = 3;
  options_.delay_level = 5;
  ProduceWorkload workload(options_);
  const Written first(workload), second(workload);
  EXPECT_EQ(first.property("TAGS"), "Paid");
  EXPECT_EQ(first.property("DELAY"), "5");
  EXPECT_EQ(first.property("property-002").size(), 18u);
  EXPECT_EQ(first.property("property-003"), "none");
  EXPECT_EQ(first.property("KEYS").size(), 20u);
  const std::set<std::string> keys{first.property("KEYS"), second.property("KEYS"),
                                   "key-" + first.property("UNIQ_KEY").substr(16),
                                   "key-" + second.property("UNIQ_KEY").substr(16)};
  EXPECT_EQ(keys.size(), 4u) << "no number is used twice";
  EXPECT_FALSE(first.frame.is_one_way());
}

TEST_P(Produce, WhatWasNotAskedForIsNotThere) {
  options_.tag.clear();
  options_.one_way = true;
  ProduceWorkload workload(options_);
  const Written request(workload);
  for (const char* name : {"TAGS", "KEYS", "DELAY", "property-000"}) EXPECT_EQ(request.property(name), "none") << name;
  EXPECT_EQ(request.frame.body.size(), 128u);
  EXPECT_TRUE(request.frame.is_one_way());
}

TEST_P(Produce, DeliveredMessagesSayWhenTheyWereDueEvenWithKeys) {
  options_.task = Task::kDeliver;
  options_.keys = true;
  ProduceWorkload workload(options_);
  EXPECT_EQ(Written(workload, 0x1234).property("UNIQ_KEY").substr(16), "0000000000001234");
}

}  // namespace
}  // namespace ogive::bench
