// A master and its slave as their clients see them, in the simulated world.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/cluster/replica_pair_for_test.h"
#include "protocol/bodies/ha_status.h"
#include "protocol/bodies/topic_config.h"

namespace ogive::broker {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using ::testing::HasSubstr;
namespace request_code = protocol::request_code;
namespace response_code = protocol::response_code;

TEST_F(ReplicaPairTest, ASendIsAnsweredWhenTheSlaveHasIt) {
  for (int i = 0; i < 20; ++i) {
    ASSERT_EQ(send(master_, "message " + std::to_string(i)).code, response_code::kSuccess);
    ASSERT_EQ(slave_.broker()->store().max_physical_offset(), master_.broker()->store().max_physical_offset());
  }
}

TEST_F(ReplicaPairTest, WithoutASlaveTheCodeSaysSo) {
  ASSERT_EQ(send(master_, "with").code, response_code::kSuccess);
  slave_.node->kill();
  world_.run_for(1s);
  auto answer = send(master_, "without");
  EXPECT_EQ(answer.code, response_code::kSlaveNotAvailable);
  EXPECT_EQ(answer.fields["queueOffset"], "1") << "it is stored all the same";
  EXPECT_EQ(send(master_, "who asks not to wait", "WAIT\1false\2").code, response_code::kSuccess);
  restart(slave_);
  ASSERT_TRUE(wait_following());
  EXPECT_EQ(send(master_, "again with").code, response_code::kSuccess);
  EXPECT_EQ(slave_.broker()->store().max_physical_offset(), master_.broker()->store().max_physical_offset());
}

TEST_F(ReplicaPairTest, ASlaveThatDoesNotAnswerInTimeIsSaidSo) {
  ASSERT_EQ(send(master_, "before").code, response_code::kSuccess);
  world_.internet().partition({"master"}, {"slave"});
  const std::int64_t began = world_.now_ms();
  EXPECT_EQ(send(master_, "cut off").code, response_code::kFlushSlaveTimeout);
  EXPECT_LT(world_.now_ms() - began, 3'200) << "slaveTimeout";
  world_.run_for(20s);
  EXPECT_EQ(send(master_, "still cut off").code, response_code::kSlaveNotAvailable);
  world_.internet().heal();
  ASSERT_TRUE(wait_following(30s));
  EXPECT_EQ(send(master_, "healed").code, response_code::kSuccess);
}

TEST_F(ReplicaPairTest, ASlaveTakesNothingFromClients) {
  auto answer = send(slave_, "no");
  EXPECT_EQ(answer.code, response_code::kServiceNotAvailable);
  EXPECT_THAT(answer.remark, HasSubstr("is a slave"));
  EXPECT_EQ(ask(slave_, request_code::kConsumerSendMsgBack,
                {{"group", "G"}, {"offset", "0"}, {"delayLevel", "1"}, {"originMsgId", "x"}, {"originTopic", "T"}})
                .code,
            response_code::kServiceNotAvailable);
  EXPECT_EQ(slave_.broker()->store().max_physical_offset().value(), 0);
}

TEST_F(ReplicaPairTest, MetadataIsThereWithinASecond) {
  make_group(master_);
  send(master_, "makes the topic");
  commit(master_, 1);
  world_.run_for(1s);
  EXPECT_EQ(ask(slave_, request_code::kGetTopicConfig, {{"topic", "T"}}).code, response_code::kSuccess);
  EXPECT_EQ(ask(slave_, request_code::kGetSubscriptiongroupConfig, {{"group", "G"}}).code, response_code::kSuccess);
  EXPECT_EQ(committed(slave_), "1");
  // Absence on the master deletes nothing.
  master_.node->kill();
  world_.run_for(100ms);
  ASSERT_EQ(ask(slave_, topic_request("OnSlaveOnly")).code, response_code::kSuccess);
  restart(master_);
  ASSERT_TRUE(wait_following());
  world_.run_for(2s);
  EXPECT_EQ(ask(slave_, request_code::kGetTopicConfig, {{"topic", "OnSlaveOnly"}}).code, response_code::kSuccess);
}

// A slave that takes over must not deliver again what its master delivered.
TEST_F(ReplicaPairTest, DelayOffsetsAreSavedByTheSlave) {
  send(master_, "delayed", "DELAY\0011\002");
  world_.run_for(4s);
  const std::string delivered = ask(master_, request_code::kGetAllDelayOffset).body;
  EXPECT_THAT(delivered, HasSubstr("1:1"));
  EXPECT_EQ(ask(slave_, request_code::kGetAllDelayOffset).body, delivered);
  master_.node->kill();
  slave_.node->kill();
  restart(slave_);
  world_.run_for(1s);
  EXPECT_EQ(ask(slave_, request_code::kGetAllDelayOffset).body, delivered);
}

TEST_F(ReplicaPairTest, ConsumersGoOnFromTheSlaveAndComeBack) {
  make_group(master_);
  for (int i = 0; i < 10; ++i) send(master_, "message " + std::to_string(i));
  commit(master_, 4);
  world_.run_for(1s);
  auto from_slave = pull(slave_, 4);
  EXPECT_EQ(from_slave.code, response_code::kSuccess);
  EXPECT_EQ(from_slave.fields["suggestWhichBrokerId"], "0") << "the master lives: go there";

  master_.node->kill();
  world_.run_for(100ms);
  from_slave = pull(slave_, 4);
  ASSERT_EQ(from_slave.code, response_code::kSuccess);
  EXPECT_EQ(from_slave.fields["suggestWhichBrokerId"], "1") << "stay here";
  EXPECT_EQ(from_slave.fields["nextBeginOffset"], "10");
  EXPECT_EQ(committed(slave_), "4");
  EXPECT_EQ(commit(slave_, 9).code, response_code::kSuccess);
  // A consumer that had more from the master than came here waits; its place is not moved.
  EXPECT_EQ(pull(slave_, 12).code, response_code::kPullNotFound);

  restart(master_);
  ASSERT_TRUE(wait_following());
  world_.run_for(1s);
  EXPECT_EQ(committed(master_), "9") << "what was consumed at the slave is not consumed again";
  EXPECT_EQ(committed(slave_), "9");
  EXPECT_EQ(pull(slave_, 9).fields["suggestWhichBrokerId"], "0");
  // A consumer that has not heard of the return commits here still, though nothing changes at the master.
  EXPECT_EQ(commit(slave_, 10).code, response_code::kSuccess);
  world_.run_for(1s);
  EXPECT_EQ(committed(master_), "10");
  // From now on the master's word counts again, backwards too.
  commit(master_, 2);
  world_.run_for(1s);
  EXPECT_EQ(committed(slave_), "2");
}

// A slave learns what the master has and tells it what it has not: what is committed at the master in between counts.
TEST_F(ReplicaPairTest, WhatASlaveTellsReplacesNothingNewer) {
  make_group(master_);
  send(master_, "message");
  std::int64_t offset = 1;
  for (int wait_ms = 0; wait_ms < 520; ++wait_ms) {
    commit(slave_, offset);
    world_.run_for(Milliseconds(wait_ms));
    commit(master_, offset + 5);
    world_.run_for(600ms);
    ASSERT_EQ(committed(master_), std::to_string(offset + 5)) << "committed " << wait_ms << " ms later";
    offset += 10;
  }
}

// A round that waits for a network that stands still is no reason to wait ten times as long behind it.
TEST_F(ReplicaPairTest, MetadataIsThereWithinASecondOfACut) {
  make_group(master_);
  send(master_, "message");
  for (int i = 1; i <= 3; ++i) {
    world_.internet().partition({"master"}, {"slave"});
    world_.run_for(Milliseconds(700 * i));
    world_.internet().heal();
    commit(master_, i);
    world_.run_for(1s);
    EXPECT_EQ(committed(slave_), std::to_string(i)) << "after " << 700 * i << " ms";
  }
}

TEST_F(ReplicaPairTest, WhatAKilledMasterHadNotSavedComesBackFromTheSlave) {
  make_group(master_);
  for (int i = 0; i < 10; ++i) send(master_, "message " + std::to_string(i));
  commit(master_, 3);
  world_.run_for(6s);  // Offsets are saved every 5 s.
  commit(master_, 8);
  world_.run_for(1s);
  ASSERT_EQ(committed(slave_), "8");
  master_.node->kill();
  restart(master_);
  ASSERT_TRUE(wait_following());
  world_.run_for(2s);
  EXPECT_EQ(committed(master_), "8");
  EXPECT_EQ(committed(slave_), "8");
}

TEST_F(ReplicaPairTest, APollParkedAtTheSlaveIsAnsweredByWhatArrives) {
  make_group(master_);
  send(master_, "first");
  world_.run_for(1s);
  auto answer = std::make_shared<std::optional<std::int32_t>>();
  remoting::Message poll(request_code::kPullMessage);
  for (const auto& [name, value] :
       std::initializer_list<std::pair<const char*, const char*>>{{"consumerGroup", "G"},
                                                                  {"topic", "T"},
                                                                  {"queueId", "0"},
                                                                  {"queueOffset", "1"},
                                                                  {"maxMsgNums", "32"},
                                                                  {"sysFlag", "6"},
                                                                  {"commitOffset", "0"},
                                                                  {"suspendTimeoutMillis", "15000"},
                                                                  {"subscription", "*"},
                                                                  {"subVersion", "0"},
                                                                  {"expressionType", "TAG"}}) {
    poll.field(name, value);
  }
  client_node_.reactor().post([&] {
    client_->request(slave_.node->endpoint(10'911), poll, 20s,
                     [answer](Result<const protocol::Frame*> frame) { *answer = frame ? (*frame)->code : -1; });
  });
  world_.run_for(2s);
  EXPECT_FALSE(answer->has_value());
  send(master_, "second");
  world_.run_for(100ms);
  EXPECT_EQ(answer->value_or(-2), response_code::kSuccess);
}

TEST_F(ReplicaPairTest, TheHaStatusNamesBothSides) {
  send(master_, "one");
  auto of = [&](Member& member) {
    return protocol::from_json<protocol::HARuntimeInfo>(ask(member, request_code::kGetBrokerHaStatus).body).value();
  };
  const auto master = of(master_);
  EXPECT_TRUE(master.master);
  EXPECT_EQ(master.in_sync_slave_nums, 1);
  ASSERT_EQ(master.ha_connection_info.size(), 1U);
  EXPECT_EQ(master.ha_connection_info[0].diff, 0);
  EXPECT_TRUE(master.ha_connection_info[0].in_sync);
  const auto slave = of(slave_);
  EXPECT_FALSE(slave.master);
  EXPECT_EQ(slave.ha_client_runtime_info.master_addr, master_.node->endpoint(10'912).to_string());
  EXPECT_EQ(slave.ha_client_runtime_info.max_offset, master.master_commit_log_max_offset);
}

// Kept there they would never see what comes now.
TEST_F(ReplicaPairTest, ASlaveOfAnotherHistorySendsConsumersToTheMaster) {
  make_group(master_);
  ASSERT_EQ(send(master_, "first").code, response_code::kSuccess);
  world_.run_for(1s);
  const auto held = slave_.broker()->store().max_physical_offset();
  master_.node->kill();
  world_.run_for(100ms);
  EXPECT_EQ(pull(slave_, 0).fields["suggestWhichBrokerId"], "1");
  master_.overrides = {{"storePathRootDir", "/other"}, {"storePathCommitLog", "/other/commitlog"}};
  restart(master_);
  send(master_, "of another history");
  world_.run_for(5s);
  EXPECT_FALSE(slave_.broker()->following());
  EXPECT_EQ(slave_.broker()->store().max_physical_offset(), held) << "nothing is overwritten";
  EXPECT_EQ(pull(slave_, 0).fields["suggestWhichBrokerId"], "0");
  EXPECT_EQ(send(master_, "alone").code, response_code::kSlaveNotAvailable);
}

class AsyncPairTest : public ReplicaPairTest {
 protected:
  Settings master_settings() const override { return {{"brokerRole", "ASYNC_MASTER"}}; }
};

TEST_F(AsyncPairTest, NobodyWaitsForTheSlave) {
  world_.internet().partition({"master"}, {"slave"});
  const std::int64_t began = world_.now_ms();
  EXPECT_EQ(send(master_, "one").code, response_code::kSuccess);
  EXPECT_LT(world_.now_ms() - began, 100);
}

class TwoCopiesTest : public ReplicaPairTest {
 protected:
  Settings master_settings() const override { return {{"brokerRole", "SYNC_MASTER"}, {"inSyncReplicas", "3"}}; }
};

TEST_F(TwoCopiesTest, OneSlaveIsNotTwo) {
  EXPECT_EQ(send(master_, "one").code, response_code::kSlaveNotAvailable);
}

class AsManyAsThereAreTest : public ReplicaPairTest {
 protected:
  Settings master_settings() const override {
    return {{"brokerRole", "SYNC_MASTER"}, {"inSyncReplicas", "3"}, {"enableAutoInSyncReplicas", "true"}};
  }
};

TEST_F(AsManyAsThereAreTest, WaitsForThoseThatAreThere) {
  EXPECT_EQ(send(master_, "one").code, response_code::kSuccess);
  EXPECT_EQ(slave_.broker()->store().max_physical_offset(), master_.broker()->store().max_physical_offset());
  slave_.node->kill();
  world_.run_for(5s);
  EXPECT_EQ(send(master_, "two").code, response_code::kSuccess) << "as the key says: down to the master alone";
}

}  // namespace
}  // namespace ogive::broker
