// Bounds, times and entries of queues: 29 to 33, 306, 316, 321, 329.

#include "broker/broker_fixture_for_test.h"
#include "message/record.h"
#include "protocol/bodies/consume_queue.h"

namespace ogive::broker {
namespace {

namespace request_code = protocol::request_code;
namespace code = protocol::response_code;

class QueueHandlersTest : public BrokerFixture {
 protected:
  void SetUp() override {
    BrokerFixture::SetUp();
    make_topic("T", 2);
    for (int i = 0; i < 3; ++i) {
      last_ = send("T", 0, "body " + std::to_string(i), "TAGS\x01TagA\x02");
      world_.run_for(Milliseconds(1'000));
    }
  }
  Reply entries(Fields fields) { return ask(request_code::kQueryConsumeQueue, fields); }

  Reply last_;
};

TEST_F(QueueHandlersTest, BoundsAreTheQueues) {
  EXPECT_EQ(ask(request_code::kGetMaxOffset, {{"topic", "T"}, {"queueId", "0"}}).field("offset"), "3");
  EXPECT_EQ(ask(request_code::kGetMinOffset, {{"topic", "T"}, {"queueId", "0"}}).field("offset"), "0");
  EXPECT_EQ(ask(request_code::kGetMaxOffset, {{"topic", "none"}, {"queueId", "-3"}}).field("offset"), "0");
  EXPECT_EQ(ask(request_code::kGetMaxOffset, {{"topic", "T"}}).code, code::kSystemError);
}

TEST_F(QueueHandlersTest, TimesAreThoseOfStoring) {
  const Reply first = ask(request_code::kGetEarliestMsgStoretime, {{"topic", "T"}, {"queueId", "0"}});
  const std::int64_t stored = std::stoll(first.field("timestamp"));
  EXPECT_EQ(ask(request_code::kGetEarliestMsgStoretime, {{"topic", "T"}, {"queueId", "1"}}).field("timestamp"), "-1");
  const auto search = [&](std::int64_t timestamp, const std::string& boundary) {
    return ask(request_code::kSearchOffsetByTimestamp,
               {{"topic", "T"}, {"queueId", "0"}, {"timestamp", std::to_string(timestamp)}, {"boundaryType", boundary}})
        .field("offset");
  };
  EXPECT_EQ(search(stored + 500, "LOWER"), "1");
  EXPECT_EQ(search(stored + 500, "UPPER"), "0");
  EXPECT_EQ(search(stored, "LOWER"), "0");
}

TEST_F(QueueHandlersTest, AMessageIsFoundByItsPlace) {
  const auto place = message::parse_offset_message_id(last_.field("msgId"));
  ASSERT_TRUE(place.has_value());
  const Reply reply =
      ask(request_code::kViewMessageById, {{"offset", std::to_string(place->physical_offset)}, {"topic", "T"}});
  const auto record = message::decode_record(as_bytes(reply.body));
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(as_chars(record->body), "body 2");
  for (const std::string offset : {"-1", "1", "999999999"}) {
    EXPECT_EQ(ask(request_code::kViewMessageById, {{"offset", offset}}).code, code::kSystemError) << offset;
  }
}

TEST_F(QueueHandlersTest, EntriesAreShownAsTheyAre) {
  const auto body = entries({{"topic", "T"}, {"queueId", "0"}, {"index", "1"}, {"count", "9"}})
                        .as<protocol::QueryConsumeQueueResponseBody>();
  ASSERT_EQ(body.queue_data.size(), 2u);
  EXPECT_EQ(body.max_queue_index, 3);
  EXPECT_GT(body.queue_data[0].physic_offset, 0);
  EXPECT_EQ(body.queue_data[0].tags_code, 2598919) << "Java's hash of TagA";
  EXPECT_FALSE(body.subscription_data.has_value());
}

TEST_F(QueueHandlersTest, EntriesShowWhatAGroupSubscribesTo) {
  consume("c1", "G", "T", "TagA");
  const auto online =
      entries({{"topic", "T"}, {"queueId", "0"}, {"index", "0"}, {"count", "1"}, {"consumerGroup", "G"}})
          .as<protocol::QueryConsumeQueueResponseBody>();
  EXPECT_EQ(online.subscription_data.value().sub_string, "TagA");
  const auto offline =
      entries({{"topic", "T"}, {"queueId", "0"}, {"index", "0"}, {"count", "1"}, {"consumerGroup", "H"}})
          .as<protocol::QueryConsumeQueueResponseBody>();
  EXPECT_EQ(offline.filter_data, "H@T is not online!");
}

TEST_F(QueueHandlersTest, EntriesThatAreNotThereAreNamed) {
  EXPECT_EQ(entries({{"topic", "T"}, {"queueId", "0"}, {"index", "5"}, {"count", "1"}}).remark,
            "Index 5 of 0@T is not exist!");
  EXPECT_EQ(entries({{"topic", "T"}, {"queueId", "0"}, {"index", "-1"}, {"count", "1"}}).body, "");
  EXPECT_EQ(entries({{"topic", "none"}, {"queueId", "0"}, {"index", "0"}, {"count", "1"}}).remark,
            "0@none is not exist!");
  EXPECT_TRUE(entries({{"topic", "T"}, {"queueId", "0"}, {"index", "0"}, {"count", "-4"}})
                  .as<protocol::QueryConsumeQueueResponseBody>()
                  .queue_data.empty());
}

TEST_F(QueueHandlersTest, QueuesOfTopicsThatAreGoneAreCleaned) {
  EXPECT_EQ(ask(request_code::kCleanUnusedTopic).code, 0);
  EXPECT_EQ(ask(request_code::kGetMaxOffset, {{"topic", "T"}, {"queueId", "0"}}).field("offset"), "3");
  EXPECT_EQ(ask(request_code::kCleanExpiredConsumequeue).code, 0);
}

TEST_F(QueueHandlersTest, WhatIsNotOldEnoughStaysWhoeverAsks) {
  EXPECT_EQ(ask(request_code::kDeleteExpiredCommitlog).code, 0);
  world_.run_for(Milliseconds(60'000));
  EXPECT_EQ(ask(request_code::kGetMinOffset, {{"topic", "T"}, {"queueId", "0"}}).field("offset"), "0");
}

}  // namespace
}  // namespace ogive::broker
