// What a slave knows of topics and groups when its master is gone, and what it forgets because the master was told to.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/cluster/deletions.h"
#include "broker/cluster/replica_pair_for_test.h"
#include "store/queue/consume_queue.h"

namespace ogive::broker {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using ::testing::HasSubstr;
using ::testing::Not;
namespace request_code = protocol::request_code;
namespace response_code = protocol::response_code;

class MetadataHandoverTest : public ReplicaPairTest {
 protected:
  Reply send_to(Member& to, const std::string& topic, const std::string& body, std::int32_t queue = 0) {
    return ask(to, send_request(topic, queue, body));
  }
  Reply pull_from(Member& from, const std::string& topic, std::int32_t queue = 0) {
    return ask(from, pull_request(topic, queue, 0));
  }
  Reply create(Member& at, const std::string& topic, int queues = 1, const std::string& attributes = {}) {
    return ask(at, topic_request(topic, {.queues = queues, .order = "false", .attributes = attributes}));
  }
  bool has_topic(Member& at, const std::string& topic) {
    return ask(at, request_code::kGetTopicConfig, {{"topic", topic}}).code == response_code::kSuccess;
  }
  bool has_group(Member& at) {
    return ask(at, request_code::kGetSubscriptiongroupConfig, {{"group", "G"}}).code == response_code::kSuccess;
  }
  bool has_queue(Member& at, const std::string& topic) {
    for (const auto& [name, id] : at.broker()->store().queues()) {
      if (name == topic) return true;
    }
    return false;
  }
  /// "0" where nothing is committed: the group begins at the first message.
  std::string offset_at(Member& at, const std::string& topic) {
    return ask(at, committed_request("G", topic, 0)).field("offset");
  }
  std::int32_t delete_topic(Member& at, const std::string& topic) {
    return ask(at, request_code::kDeleteTopicInBroker, {{"topic", topic}}).code;
  }
};

TEST_F(MetadataHandoverTest, WhatWasAcknowledgedIsReadFromTheSlaveHoweverYoungItsTopic) {
  make_group(master_);
  world_.run_for(1s);
  for (int round = 0; round < 3; ++round) {
    const std::string topic = "Young" + std::to_string(round);
    ASSERT_EQ(send_to(master_, topic, "acknowledged", round).code, response_code::kSuccess);
    // It may not hear of the topic any other way.
    master_.node->kill();
    auto answer = pull_from(slave_, topic, round);
    EXPECT_EQ(answer.code, response_code::kSuccess) << answer.remark;
    EXPECT_THAT(answer.body, HasSubstr("acknowledged"));
    restart(slave_);
    world_.run_for(100ms);
    EXPECT_EQ(pull_from(slave_, topic, round).code, response_code::kSuccess)
        << "and after a restart without its master";
    restart(master_);
    ASSERT_TRUE(wait_following());
    world_.run_for(1s);
    EXPECT_THAT(ask(slave_, request_code::kGetTopicConfig, {{"topic", topic}}).body, HasSubstr("\"readQueueNums\":4"))
        << "the master's word counts when it comes";
  }
}

TEST_F(MetadataHandoverTest, AYoungTopicsQueuesAreOfItsKind) {
  for (int round = 0; round < 3; ++round) {
    const std::string topic = "Batches" + std::to_string(round);
    world_.run_for(Milliseconds(1'000 + 130 * round));  // Wherever in the half second between two rounds.
    ASSERT_EQ(create(master_, topic, 2, "+queue.type=BatchCQ").code, response_code::kSuccess);
    const std::int64_t began_ms = world_.now_ms();
    ASSERT_EQ(send_to(master_, topic, "acknowledged").code, response_code::kSuccess);
    EXPECT_LT(world_.now_ms() - began_ms, 50) << "the master is asked at once";
    master_.node->kill();
    const store::ConsumeQueue* queue = slave_.broker()->store().find_queue(topic, QueueId(0));
    ASSERT_NE(queue, nullptr);
    EXPECT_EQ(queue->kind(), store::QueueKind::kBatch) << "round " << round;
    restart(master_);
    ASSERT_TRUE(wait_following());
  }
}

class DeafMasterTest : public MetadataHandoverTest {
 protected:
  // A slave looks for the main port in front of the replication port: nobody is there.
  Settings master_settings() const override { return {{"brokerRole", "SYNC_MASTER"}, {"haListenPort", "10920"}}; }
  Settings slave_settings() const override { return {{"haMasterAddress", master_.node->endpoint(10'920).to_string()}}; }
};

TEST_F(DeafMasterTest, ATopicThatNobodyTellsOfIsTakenAfterAWhile) {
  const std::int64_t began_ms = world_.now_ms();
  ASSERT_EQ(send_to(master_, "Young", "acknowledged").code, response_code::kSuccess);
  EXPECT_GE(world_.now_ms() - began_ms, 900) << "it was asked for";
  EXPECT_LE(world_.now_ms() - began_ms, 1'200);
  EXPECT_TRUE(has_topic(slave_, "Young"));
  EXPECT_TRUE(has_queue(slave_, "Young"));
  ASSERT_EQ(send_to(master_, "Young", "again").code, response_code::kSuccess);
  EXPECT_LE(world_.now_ms() - began_ms, 1'300) << "once a topic";
}

// The log has one order: who sends to a topic that everybody knows waits with it. So many young topics in a row may
// not cost a second each.
TEST_F(DeafMasterTest, ManyYoungTopicsHoldUpTheOthersForOneSecond) {
  ASSERT_EQ(send_to(master_, "Old", "acknowledged").code, response_code::kSuccess);
  for (int i = 0; i < 20; ++i) {
    ask(master_, send_request("Young" + std::to_string(i), 0, "message"), 5ms);
    const std::int64_t began_ms = world_.now_ms();
    ASSERT_EQ(send_to(master_, "Old", "acknowledged").code, response_code::kSuccess);
    EXPECT_LE(world_.now_ms() - began_ms, 100) << i;
  }
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(has_topic(slave_, "Young" + std::to_string(i)));
}

// What was not taken is not kept either: the same bytes come again.
TEST_F(DeafMasterTest, AConnectionThatEndsMeanwhileLosesAndRepeatsNothing) {
  const auto end = [](Member& of) { return of.broker()->store().max_physical_offset(); };
  for (int i = 0; i < 5; ++i) {
    const std::string topic = "Young" + std::to_string(i);
    ask(master_, send_request(topic, 0, "message"), 300ms);
    world_.internet().partition({"master"}, {"slave"});
    world_.run_for(Milliseconds(500 + 700 * i));
    world_.internet().heal();
    ASSERT_TRUE(world_.run_until([&] { return slave_.broker()->following() && end(slave_) == end(master_); }, 30s))
        << i;
  }
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(has_topic(slave_, "Young" + std::to_string(i)));
}

// Killed before topics.json has it.
TEST_F(MetadataHandoverTest, ATopicThatACrashLeftOutIsMadeFromItsQueues) {
  make_group(master_);
  world_.run_for(1s);
  ASSERT_EQ(send_to(master_, "Young", "acknowledged").code, response_code::kSuccess);
  master_.node->kill();
  slave_.broker()->store().request_flush();
  world_.run_for(100ms);
  for (const char* name : {"topics.json", "topics.json.bak"}) {
    static_cast<void>(slave_.node->files().remove(std::string("/store/config/") + name));
  }
  slave_.node->kill();
  restart(slave_);
  world_.run_for(100ms);
  EXPECT_EQ(pull_from(slave_, "Young").code, response_code::kSuccess);
}

TEST_F(MetadataHandoverTest, MoreQueuesAreReadFromTheSlaveAtOnce) {
  make_group(master_);
  create(master_, "T2", 1);
  send_to(master_, "T2", "in the first");
  world_.run_for(1s);
  create(master_, "T2", 3);
  ASSERT_EQ(send_to(master_, "T2", "in the third", 2).code, response_code::kSuccess);
  master_.node->kill();
  auto answer = pull_from(slave_, "T2", 2);
  EXPECT_EQ(answer.code, response_code::kSuccess) << answer.remark;
}

TEST_F(MetadataHandoverTest, ADeletedTopicGoesOnTheSlaveToo) {
  make_group(master_);
  ASSERT_EQ(send_to(master_, "Gone", "old").code, response_code::kSuccess);
  ask(master_, request_code::kUpdateConsumerOffset,
      {{"consumerGroup", "G"}, {"topic", "Gone"}, {"queueId", "0"}, {"commitOffset", "1"}});
  world_.run_for(1s);
  ASSERT_TRUE(has_topic(slave_, "Gone"));
  ASSERT_EQ(delete_topic(master_, "Gone"), response_code::kSuccess);
  world_.run_for(1s);
  EXPECT_FALSE(has_topic(slave_, "Gone"));
  EXPECT_FALSE(has_queue(slave_, "Gone"));
  EXPECT_THAT(ask(slave_, request_code::kGetAllConsumerOffset).body, Not(HasSubstr("Gone")));
  // A new one of the same name begins anew, and stays.
  ASSERT_EQ(send_to(master_, "Gone", "new").code, response_code::kSuccess);
  world_.run_for(2s);
  EXPECT_TRUE(has_topic(slave_, "Gone"));
  auto answer = pull_from(slave_, "Gone");
  EXPECT_EQ(answer.code, response_code::kSuccess);
  EXPECT_THAT(answer.body, HasSubstr("new"));
  EXPECT_THAT(answer.body, Not(HasSubstr("old")));
  restart(slave_);
  ASSERT_TRUE(wait_following());
  world_.run_for(2s);
  EXPECT_EQ(pull_from(slave_, "Gone").code, response_code::kSuccess) << "the old deletion is not done again";
}

TEST_F(MetadataHandoverTest, ASlaveThatWasAwayHearsOfDeletionsAfterwards) {
  make_group(master_);
  for (const char* topic : {"Gone", "GoneAndBack", "Stays"}) {
    ASSERT_EQ(send_to(master_, topic, "old").code, response_code::kSuccess);
  }
  world_.run_for(1s);
  slave_.node->kill();
  world_.run_for(100ms);
  ASSERT_EQ(delete_topic(master_, "Gone"), response_code::kSuccess);
  ASSERT_EQ(delete_topic(master_, "GoneAndBack"), response_code::kSuccess);
  send_to(master_, "GoneAndBack", "new");
  ASSERT_EQ(ask(master_, request_code::kDeleteSubscriptiongroup, {{"groupName", "G"}, {"cleanOffset", "true"}}).code,
            response_code::kSuccess);
  restart(master_);  // It remembers.
  restart(slave_);
  ASSERT_TRUE(wait_following());
  world_.run_for(2s);
  EXPECT_FALSE(has_topic(slave_, "Gone"));
  EXPECT_FALSE(has_queue(slave_, "Gone"));
  EXPECT_TRUE(has_topic(slave_, "Stays"));
  EXPECT_FALSE(has_group(slave_));
  ASSERT_TRUE(has_topic(slave_, "GoneAndBack"));
  make_group(master_);
  world_.run_for(1s);
  auto answer = pull_from(slave_, "GoneAndBack");
  EXPECT_THAT(answer.body, HasSubstr("new"));
  EXPECT_THAT(answer.body, Not(HasSubstr("old")));
}

TEST_F(MetadataHandoverTest, ADeletedGroupGoesOnTheSlaveToo) {
  make_group(master_);
  send(master_, "message");
  commit(master_, 1);
  world_.run_for(1s);
  ASSERT_TRUE(has_group(slave_));
  ASSERT_EQ(committed(slave_), "1");
  ASSERT_EQ(ask(master_, request_code::kDeleteSubscriptiongroup, {{"groupName", "G"}, {"cleanOffset", "true"}}).code,
            response_code::kSuccess);
  world_.run_for(1s);
  EXPECT_FALSE(has_group(slave_));
  EXPECT_NE(committed(slave_), "1");
  // The same offset committed by a new group of that name comes over.
  make_group(master_);
  commit(master_, 1);
  world_.run_for(1s);
  EXPECT_EQ(committed(slave_), "1");
}

// A slave that copies the whole log meets records of topics that are no more.
TEST_F(MetadataHandoverTest, ANewSlaveDoesNotBringDeletedTopicsBack) {
  make_group(master_);
  ASSERT_EQ(send_to(master_, "Gone", "old").code, response_code::kSuccess);
  ASSERT_EQ(send_to(master_, "Stays", "message").code, response_code::kSuccess);
  ASSERT_EQ(delete_topic(master_, "Gone"), response_code::kSuccess);
  slave_.node->kill();
  world_.run_for(100ms);
  slave_.overrides = {{"storePathRootDir", "/fresh"}, {"storePathCommitLog", "/fresh/commitlog"}};
  restart(slave_);
  ASSERT_TRUE(wait_following());
  for (int i = 0; i < 200; ++i) {
    ASSERT_FALSE(has_topic(slave_, "Gone")) << "not even for a moment";
    world_.run_for(5ms);
  }
  EXPECT_EQ(slave_.broker()->store().max_physical_offset(), master_.broker()->store().max_physical_offset());
  EXPECT_EQ(pull_from(slave_, "Stays").code, response_code::kSuccess);
}

// A consumer that began at the slave goes on at the master from where it was, not from the queue's beginning.
TEST_F(MetadataHandoverTest, AGroupThatBeganAtTheSlaveIsMadeAtTheMaster) {
  ASSERT_EQ(send_to(master_, "T", "message").code, response_code::kSuccess);
  world_.run_for(1s);
  master_.node->kill();
  world_.run_for(100ms);
  make_group(slave_);
  commit(slave_, 1);
  restart(master_);
  ASSERT_TRUE(world_.run_until([&] { return committed(master_) == "1"; }, 5s));
}

// Wherever the deletion comes within the slave's round: between its question for deletions and what it tells, too.
TEST_F(MetadataHandoverTest, AGroupDeletedAtTheMasterIsNotMadeThereAgain) {
  sim::LinkOptions slow;  // So that every step of a round takes a while.
  slow.min_latency_us = slow.max_latency_us = 20'000;
  world_.internet().set_link("slave", "master", slow);
  world_.internet().set_link("master", "slave", slow);
  ASSERT_EQ(send_to(master_, "T", "message").code, response_code::kSuccess);
  for (int wait_ms = 0; wait_ms < 1'000; wait_ms += 10) {
    make_group(master_);
    world_.run_for(1s);
    commit(slave_, 1);
    world_.run_for(Milliseconds(wait_ms));
    ASSERT_EQ(ask(master_, request_code::kDeleteSubscriptiongroup, {{"groupName", "G"}, {"cleanOffset", "true"}}).code,
              response_code::kSuccess);
    world_.run_for(2s);
    ASSERT_FALSE(has_group(master_)) << wait_ms;
    ASSERT_FALSE(has_group(slave_)) << wait_ms;
  }
}

// A slave hears of no deletion of what is there again. What it knows of the old topic's consumers is not the new one's.
TEST_F(MetadataHandoverTest, ATopicMadeAnewAtOnceIsReadFromItsBeginning) {
  make_group(master_);
  ASSERT_EQ(send_to(master_, "Anew", "old").code, response_code::kSuccess);
  ask(master_, commit_request("G", "Anew", 0, 1));
  world_.run_for(8s);
  ASSERT_EQ(delete_topic(master_, "Anew"), response_code::kSuccess);
  ASSERT_EQ(send_to(master_, "Anew", "new").code, response_code::kSuccess);
  world_.run_for(1s);
  for (int start = 0; start < 2; ++start) {
    master_.node->kill();
    restart(master_);
    ASSERT_TRUE(wait_following());
    world_.run_for(3s);
    EXPECT_EQ(ask(master_, committed_request("G", "Anew", 0)).field("offset"), "0") << "its slave gives nothing back";
  }
}

// Offsets of the old topic would skip messages of the new one, for whoever goes on at the slave.
TEST_F(MetadataHandoverTest, ATopicMadeAnewAtOnceIsReadFromItsBeginningAtTheSlaveToo) {
  make_group(master_);
  for (const bool by_request : {false, true}) {
    const std::string topic = by_request ? "AnewByRequest" : "Anew";
    for (int i = 0; i < 3; ++i) ASSERT_EQ(send_to(master_, topic, "old").code, response_code::kSuccess);
    ask(master_, commit_request("G", topic, 0, 3));
    world_.run_for(1s);
    ASSERT_EQ(offset_at(slave_, topic), "3");
    ASSERT_EQ(delete_topic(master_, topic), response_code::kSuccess);
    if (by_request) {
      ASSERT_EQ(create(master_, topic).code, response_code::kSuccess);
    }
    ASSERT_EQ(send_to(master_, topic, "new").code, response_code::kSuccess);
    world_.run_for(1s);
    EXPECT_EQ(offset_at(slave_, topic), "0");
    EXPECT_THAT(pull_from(slave_, topic).body, HasSubstr("new"));
    // What is consumed of the new one comes over, even what was consumed before the slave heard of the deletion.
    ask(master_, commit_request("G", topic, 0, 1));
    world_.run_for(1s);
    EXPECT_EQ(offset_at(slave_, topic), "1");
    ASSERT_EQ(delete_topic(master_, topic), response_code::kSuccess);
    ASSERT_EQ(send_to(master_, topic, "newer").code, response_code::kSuccess);
    ASSERT_EQ(send_to(master_, topic, "newer").code, response_code::kSuccess);
    ask(master_, commit_request("G", topic, 0, 1));
    world_.run_for(1'500ms);
    EXPECT_EQ(offset_at(slave_, topic), "1");
    restart(slave_);
    ASSERT_TRUE(wait_following());
    world_.run_for(1s);
    EXPECT_EQ(offset_at(slave_, topic), "1") << "the same deletions are not done again";
  }
}

TEST_F(MetadataHandoverTest, AGroupMadeAnewAtOnceBeginsAnewAtTheSlaveToo) {
  make_group(master_);
  send(master_, "message");
  commit(master_, 1);
  world_.run_for(1s);
  ASSERT_EQ(committed(slave_), "1");
  ASSERT_EQ(ask(master_, request_code::kDeleteSubscriptiongroup, {{"groupName", "G"}, {"cleanOffset", "true"}}).code,
            response_code::kSuccess);
  make_group(master_);
  world_.run_for(1s);
  EXPECT_TRUE(has_group(slave_));
  EXPECT_EQ(committed(slave_), "0");
}

// What was consumed at the slave meanwhile is of the old topic too, and no news for the master.
TEST_F(MetadataHandoverTest, OffsetsOfAnOldTopicAreNotToldForTheNewOne) {
  make_group(master_);
  for (int i = 0; i < 3; ++i) ASSERT_EQ(send_to(master_, "Anew", "old").code, response_code::kSuccess);
  world_.run_for(1s);
  world_.internet().partition({"master"}, {"slave"});
  ask(slave_, commit_request("G", "Anew", 0, 3));
  ASSERT_EQ(delete_topic(master_, "Anew"), response_code::kSuccess);
  ask(master_, send_request("Anew", 0, "new"), 10ms);
  world_.run_for(3s);
  world_.internet().heal();
  ASSERT_TRUE(wait_following());
  world_.run_for(3s);
  EXPECT_EQ(offset_at(master_, "Anew"), "0");
  EXPECT_EQ(offset_at(slave_, "Anew"), "0");
}

// The first message of the new topic says nothing of its other queues.
TEST_F(MetadataHandoverTest, NoQueueOfATopicMadeAnewKeepsOldMessages) {
  make_group(master_);
  for (const char* topic : {"Anew", "AnewAndEmpty"}) {
    for (int queue = 0; queue < 2; ++queue) {
      ASSERT_EQ(send_to(master_, topic, "old", queue).code, response_code::kSuccess);
    }
  }
  world_.run_for(1s);
  ASSERT_EQ(delete_topic(master_, "Anew"), response_code::kSuccess);
  ASSERT_EQ(send_to(master_, "Anew", "new", 1).code, response_code::kSuccess);
  ASSERT_EQ(delete_topic(master_, "AnewAndEmpty"), response_code::kSuccess);
  ASSERT_EQ(create(master_, "AnewAndEmpty", 2).code, response_code::kSuccess);
  world_.run_for(1s);
  for (int start = 0; start < 2; ++start) {
    for (const char* topic : {"Anew", "AnewAndEmpty"}) {
      ASSERT_TRUE(has_topic(slave_, topic));
      for (int queue = 0; queue < 2; ++queue) {
        EXPECT_THAT(pull_from(slave_, topic, queue).body, Not(HasSubstr("old"))) << topic << queue;
      }
    }
    EXPECT_THAT(pull_from(slave_, "Anew", 1).body, HasSubstr("new"));
    restart(slave_);
    ASSERT_TRUE(wait_following());
    world_.run_for(1s);
  }
  ASSERT_EQ(send_to(master_, "Anew", "newer", 0).code, response_code::kSuccess);
  EXPECT_THAT(pull_from(slave_, "Anew", 0).body, HasSubstr("newer"));
}

/// Its log reaches the slave seconds after its word on topics.
class SlowLogTest : public MetadataHandoverTest {
 protected:
  Settings master_settings() const override {
    return {{"brokerRole", "ASYNC_MASTER"}, {"haFlowControlEnable", "true"}, {"maxHaTransferByteInSecond", "20000"}};
  }
};

// Old messages that come behind the deletion are old still.
TEST_F(SlowLogTest, NothingOfAnOldTopicComesBehindItsDeletion) {
  make_group(master_);
  world_.run_for(1s);
  for (const char* topic : {"Gone", "Anew"}) {
    for (int i = 0; i < 20; ++i)
      ASSERT_EQ(send_to(master_, topic, std::string(2'000, 'o')).code, response_code::kSuccess);
  }
  ask(slave_, commit_request("G", "Anew", 0, 7));
  ASSERT_EQ(delete_topic(master_, "Gone"), response_code::kSuccess);
  ASSERT_EQ(delete_topic(master_, "Anew"), response_code::kSuccess);
  ASSERT_EQ(create(master_, "Anew").code, response_code::kSuccess);
  for (int i = 0; i < 10; ++i) ASSERT_EQ(send_to(master_, "Anew", "new").code, response_code::kSuccess);
  const auto end = [](Member& of) { return of.broker()->store().max_physical_offset(); };
  world_.run_for(1s);
  ASSERT_LT(end(slave_), end(master_)) << "it has heard of the deletions before it has the log";
  ASSERT_TRUE(world_.run_until([&] { return end(slave_) == end(master_); }, 30s));
  world_.run_for(1s);
  EXPECT_FALSE(has_topic(slave_, "Gone"));
  EXPECT_FALSE(has_queue(slave_, "Gone"));
  EXPECT_TRUE(has_topic(slave_, "Anew"));
  EXPECT_THAT(pull_from(slave_, "Anew").body, Not(HasSubstr("ooo")));
  EXPECT_THAT(pull_from(slave_, "Anew").body, HasSubstr("new"));
  EXPECT_NE(offset_at(slave_, "Anew"), "7");
  EXPECT_NE(offset_at(master_, "Anew"), "7") << "it was told at no moment";
}

// What a deletion overtook is no topic for long.
TEST_F(MetadataHandoverTest, TopicsOfTheSlaveAloneStay) {
  master_.node->kill();
  world_.run_for(100ms);
  create(slave_, "OnSlaveOnly");
  restart(master_);
  ASSERT_TRUE(wait_following());
  ASSERT_EQ(delete_topic(master_, "Another"), response_code::kSuccess);
  world_.run_for(2s);
  EXPECT_TRUE(has_topic(slave_, "OnSlaveOnly"));
}

TEST(Deletions, TheLastOnesAreKept) {
  sim::SimWorld world(1);
  sim::SimNode& node = world.add_node("broker");
  node.run([](sim::SimNode& here) -> std::shared_ptr<void> {
    EXPECT_TRUE(here.files().create_directories("/store/commitlog"));
    store::StoreOptions options;
    options.root = "/store";
    options.segment_bytes = 1 << 20;
    auto store = store::MessageStore::open({here.files(), here.clock(), here.flusher(), here.background()}, options);
    EXPECT_TRUE(store.has_value());
    const auto file = [&] { return StateFile(here.files(), here.tasks(), "/store/config/ogiveDeletions.json"); };
    std::vector<protocol::Deletion> all;
    for (int i = 0; i < 3'000; ++i) all.push_back({"topic", "T" + std::to_string(i), false, i, i});
    {
      Deletions deletions(here.clock(), **store, file());
      EXPECT_TRUE(deletions.load().has_value());
      EXPECT_TRUE(deletions.take(all).has_value());
      EXPECT_TRUE(deletions.record_group("G", true).has_value());
    }
    Deletions again(here.clock(), **store, file());
    EXPECT_TRUE(again.load().has_value());
    EXPECT_EQ(again.snapshot().size(), Deletions::kMost);
    EXPECT_EQ(again.snapshot().back().name, "G");
    EXPECT_EQ(again.topic_deleted_at("T2999"), 2'999);
    EXPECT_EQ(again.topic_deleted_at("T0"), 0);
    EXPECT_EQ(again.unknown_of(all).size(), 1'001U);
    return std::make_shared<int>(0);
  });
  world.run_for(1ms);
}

}  // namespace
}  // namespace ogive::broker
