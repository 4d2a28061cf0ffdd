// What a consumer gets at once of messages that are far behind the log's end, and of those that are near.

#include "broker/broker_fixture_for_test.h"

namespace ogive::broker {
namespace {

constexpr int kMessages = 40;

class FarBehindTest : public BrokerFixture {
 protected:
  void SetUp() override {
    BrokerFixture::SetUp();
    make_topic("T", 1);
    make_group("G");
    consume("client", "G", "T");
    for (int i = 0; i < kMessages; ++i) EXPECT_EQ(send("T", 0, std::string(100, 'x')).code, 0);
  }
  /// nextBeginOffset of a pull of the queue's beginning, for 32 messages at most.
  std::string reaches() {
    const Reply found = ask(pull_request("T", 0, 0));
    EXPECT_EQ(found.code, 0);
    return found.field("nextBeginOffset");
  }
};

TEST_F(FarBehindTest, WhatIsNearComesAsAskedFor) {
  EXPECT_EQ(reaches(), "32");
}

// The page cache holds it, as far as anybody can tell.
TEST_F(FarBehindTest, WhatHasLeftTheTailCacheIsNearAllTheSame) {
  constexpr int kTailCache = 64 << 20, kLarge = 3 << 20;
  for (int bytes = 0; bytes < kTailCache + 2 * kLarge; bytes += kLarge) {
    ASSERT_EQ(send("T", 0, std::string(kLarge, 'x')).code, 0);
  }
  EXPECT_EQ(reaches(), "32");
}

class NothingIsNearTest : public FarBehindTest {
 protected:
  std::map<std::string, std::string> settings() const override { return {{"accessMessageInMemoryMaxRatio", "0"}}; }
};

TEST_F(NothingIsNearTest, WhatIsFarComesInFewer) {
  EXPECT_EQ(reaches(), "8") << "maxTransferCountOnMessageInDisk";
}

class FewBytesTest : public FarBehindTest {
 protected:
  std::map<std::string, std::string> settings() const override {
    return {{"accessMessageInMemoryMaxRatio", "0"}, {"maxTransferBytesOnMessageInDisk", "1"}};
  }
};

TEST_F(FewBytesTest, OneComesWhateverItsSize) {
  EXPECT_EQ(reaches(), "1");
}

}  // namespace
}  // namespace ogive::broker
