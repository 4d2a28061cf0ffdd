// Offsets of groups: 14, 15, 43, 45, 308.

#include "broker/broker_fixture_for_test.h"
#include "protocol/bodies/offsets.h"

namespace ogive::broker {
namespace {

namespace request_code = protocol::request_code;
namespace code = protocol::response_code;

class OffsetHandlersTest : public BrokerFixture {
 protected:
  void SetUp() override {
    BrokerFixture::SetUp();
    make_topic("T", 2);
    make_group("G");
    make_group("H");
  }
};

TEST_F(OffsetHandlersTest, ANewGroupBeginsAtTheBeginningOfWhatIsShort) {
  EXPECT_EQ(committed("G", "T", 0).code, code::kQueryNotFound) << "nothing there yet";
  send("T", 0, "one");
  EXPECT_EQ(committed("G", "T", 0).field("offset"), "0");
  const Reply not_wanted =
      ask(request_code::kQueryConsumerOffset,
          {{"consumerGroup", "G"}, {"topic", "T"}, {"queueId", "0"}, {"setZeroIfNotFound", "false"}});
  EXPECT_EQ(not_wanted.code, code::kQueryNotFound);
  EXPECT_EQ(committed("G", "T", 7).code, code::kQueryNotFound);
}

TEST_F(OffsetHandlersTest, ANewGroupDoesNotBeginAtTheBeginningOfWhatIsLong) {
  settings_->assign("accessMessageInMemoryMaxRatio", "0");
  send("T", 0, "old");
  send("T", 0, "new");
  EXPECT_EQ(committed("G", "T", 0).code, code::kQueryNotFound);
}

TEST_F(OffsetHandlersTest, CommitsAreKept) {
  send("T", 0, "one");
  EXPECT_EQ(commit("G", "T", 0, 1).code, 0);
  EXPECT_EQ(committed("G", "T", 0).field("offset"), "1");
}

TEST_F(OffsetHandlersTest, CommitsThatCannotBeMeantAreRefused) {
  EXPECT_EQ(commit("none", "T", 0, 1).remark, "Group none not exist!");
  EXPECT_EQ(commit("G", "none", 0, 1).remark, "Topic none not exist!");
  EXPECT_EQ(commit("G", "T", -1, 1).code, code::kInvalidParameter);
  EXPECT_EQ(commit("G", "T", 0, -5).code, code::kInvalidParameter);
  EXPECT_EQ(ask(request_code::kUpdateConsumerOffset, {{"consumerGroup", "G"}, {"topic", "T"}}).code,
            code::kSystemError);
  EXPECT_EQ(commit("../../x", "T", 0, 1).code, code::kSubscriptionGroupNotExist);
}

// A slave tells its master what was committed there; the master may have heard of newer things meanwhile.
TEST_F(OffsetHandlersTest, ACommitMaySayWhatItReplaces) {
  send("T", 0, "one");
  const auto commit_over = [&](const std::string& expected, const std::string& offset) {
    return ask(request_code::kUpdateConsumerOffset, {{"consumerGroup", "G"},
                                                     {"topic", "T"},
                                                     {"queueId", "0"},
                                                     {"commitOffset", offset},
                                                     {"ogiveExpectedOffset", expected}});
  };
  EXPECT_EQ(commit_over("0", "5").code, code::kSystemError) << "nothing is there";
  EXPECT_EQ(commit_over("-1", "5").code, 0);
  EXPECT_EQ(committed("G", "T", 0).field("offset"), "5");
  EXPECT_EQ(commit_over("4", "7").remark, "the offset of queue 0 was not kept: it is 5 by now, not 4");
  EXPECT_EQ(commit_over("-1", "7").code, code::kSystemError);
  EXPECT_EQ(committed("G", "T", 0).field("offset"), "5");
  EXPECT_EQ(commit_over("5", "7").code, 0);
  EXPECT_EQ(committed("G", "T", 0).field("offset"), "7");
  EXPECT_EQ(commit_over("7x", "8").remark, "ogiveExpectedOffset is \"7x\", not a number");
}

TEST_F(OffsetHandlersTest, TheWholeTableIsForSlaves) {
  commit("G", "T", 1, 3);
  const auto table = ask(request_code::kGetAllConsumerOffset).as<protocol::ConsumerOffsetSerializeWrapper>();
  EXPECT_EQ(table.offset_table.at("T@G").at(1), 3);
  EXPECT_EQ(ask(request_code::kGetAllDelayOffset).as<protocol::DelayOffsetSerializeWrapper>().offset_table.at(18), 0);
}

TEST_F(OffsetHandlersTest, TheSmallestOffsetOfTheOtherGroupsIsFound) {
  for (int i = 0; i < 5; ++i) send("T", 0, "x");
  commit("G", "T", 0, 2);
  commit("H", "T", 0, 4);
  const auto offsets = [&](const std::string& compared, const std::string& left_out) {
    return ask(request_code::kQueryCorrectionOffset,
               {{"topic", "T"}, {"compareGroup", compared}, {"filterGroups", left_out}})
        .as<protocol::QueryCorrectionOffsetBody>()
        .correction_offsets;
  };
  EXPECT_EQ(offsets("H", "").at(0), 2);
  EXPECT_EQ(offsets("none", "G").at(0), 4);
  EXPECT_EQ(offsets("G", "G").at(0), std::numeric_limits<std::int64_t>::max()) << "G is behind the rest";
  EXPECT_EQ(committed("G", "T", 0).field("offset"), "2") << "leaving a group out does not delete its offsets";
}

}  // namespace
}  // namespace ogive::broker
