#include <gtest/gtest.h>

#include <string>

#include "broker/broker_fixture_for_test.h"
#include "message/properties.h"

namespace ogive::broker {
namespace {

class SendPathTest : public BrokerFixture {
 protected:
  /// The stored record as a client gets it.
  std::string send_and_view(const std::string& properties) {
    const Reply sent = send("T", 0, "body", properties);
    EXPECT_EQ(sent.code, 0) << sent.remark;
    const Reply viewed = ask(protocol::request_code::kViewMessageById, {{"offset", std::to_string(next_)}});
    EXPECT_EQ(viewed.code, 0) << viewed.remark;
    next_ += viewed.body.size();
    return viewed.body;
  }
  static std::string pair(const std::string& name, const std::string& value) {
    std::string text;
    message::append_property(text, name, value);
    return text;
  }
  static std::size_t times(const std::string& text, const std::string& piece) {
    std::size_t count = 0;
    for (auto at = text.find(piece); at != std::string::npos; at = text.find(piece, at + 1)) ++count;
    return count;
  }
  std::uint64_t next_ = 0;  ///< Where the next record of the log begins.
};

// A consumer that traces takes region and switch from the message: without them it reports nothing.
TEST_F(SendPathTest, StoresRegionAndTraceSwitchWithTheMessage) {
  make_topic("T", 1);
  for (const std::string& own : {std::string(), pair("UNIQ_KEY", "0A0000010001"),
                                 pair("TAGS", "A") + "UNIQ_KEY\x01"
                                                     "0B"}) {
    const std::string record = send_and_view(own);
    EXPECT_EQ(times(record, pair("MSG_REGION", "DefaultRegion")), 1u) << own;
    EXPECT_EQ(times(record, pair("TRACE_ON", "true")), 1u) << own;
    EXPECT_EQ(times(record, pair("CLUSTER", "DefaultCluster")), 1u) << own;
  }
}

TEST_F(SendPathTest, ReplacesWhatAnotherBrokerStored) {
  make_topic("T", 1);
  const std::string record = send_and_view(pair("UNIQ_KEY", "0A0000010001") + pair("MSG_REGION", "elsewhere") +
                                           pair("TRACE_ON", "false") + pair("CLUSTER", "other"));
  EXPECT_EQ(times(record, "MSG_REGION"), 1u);
  EXPECT_EQ(times(record, pair("MSG_REGION", "DefaultRegion")), 1u);
  EXPECT_EQ(times(record, "TRACE_ON"), 1u);
  EXPECT_EQ(times(record, pair("TRACE_ON", "true")), 1u);
  EXPECT_EQ(times(record, pair("CLUSTER", "DefaultCluster")), 1u);
}

class SyncMasterTest : public SendPathTest {
 protected:
  std::map<std::string, std::string> settings() const override { return {{"brokerRole", "SYNC_MASTER"}}; }
};

// "Synchronous dual write" promises a second copy: as long as there is none, the answer says so.
TEST_F(SyncMasterTest, SaysThatNoSlaveHasTheMessageUnlessTheProducerDoesNotCare) {
  make_topic("T", 1);
  EXPECT_EQ(send("T", 0, "body").code, protocol::response_code::kSlaveNotAvailable);
  EXPECT_EQ(send("T", 0, "body", pair("WAIT", "false")).code, protocol::response_code::kSuccess);
}

}  // namespace
}  // namespace ogive::broker
