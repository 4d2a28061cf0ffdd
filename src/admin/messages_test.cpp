// Messages as printed, against outputs recorded from RocketMQ 5.5.0, byte for byte.

#include <gmock/gmock.h>

#include "admin/fake_cluster_for_test.h"
#include "admin/message_details.h"
#include "base/bytes.h"
#include "message/properties.h"
#include "message/record.h"

namespace ogive::admin {
namespace {

namespace code = protocol::request_code;
namespace rc = protocol::response_code;
using remoting::Message;
using remoting::Request;
using ::testing::HasSubstr;
using ::testing::Not;

/// What a recorded message was stored as.
struct Stored {
  std::string topic;
  std::int32_t queue_id = 0;
  std::int64_t queue_offset = 0;
  std::int64_t physical_offset = 0;
  std::int64_t born_ms = 0;
  std::int64_t stored_ms = 0;
  std::string born_host;
  std::string body;
  std::vector<std::pair<std::string, std::string>> properties;
};

std::string record_of(const Stored& stored) {
  message::RecordFields fields;
  std::string properties;
  for (const auto& [name, value] : stored.properties) message::append_property(properties, name, value);
  fields.topic = stored.topic;
  fields.queue_id = stored.queue_id;
  fields.born_timestamp_ms = stored.born_ms;
  fields.born_host = *io::Endpoint::parse(stored.born_host);
  fields.store_host = *io::Endpoint::parse("127.0.0.1:20911");
  fields.body = as_bytes(stored.body);
  fields.properties = properties;
  std::string record(message::encoded_size(fields), '\0');
  auto* bytes = reinterpret_cast<std::byte*>(record.data());
  message::encode_record(fields, bytes);
  store_be(bytes + message::kQueueOffsetPosition, stored.queue_offset);
  store_be(bytes + message::kPhysicalOffsetPosition, stored.physical_offset);
  store_be(bytes + message::store_timestamp_position(0), stored.stored_ms);
  return record;
}

Stored fifo_message() {
  return {"AdmFifo",
          1,
          0,
          1966189,
          1795470899883,
          1795470899894,
          "127.0.0.1:34376",
          "hello",
          {{"UNIQ_KEY", "FD000000000000000000000000000002089E5FFD2B2775FFD15D0000"},
           {"WAIT", "true"},
           {"MSG_REGION", "DefaultRegion"},
           {"TRACE_ON", "true"},
           {"CLUSTER", "DefaultCluster"}}};
}

Stored topic_a_message() {
  return {"TopicA",
          0,
          0,
          0,
          1795468942099,
          1795468942490,
          "127.0.0.1:53684",
          "body 00 body 01 body",
          {{"KEYS", "k0 shared"},
           {"UNIQ_KEY", "FD000000000000000000000000000002781E5FFD2B2775E1F3120000"},
           {"n", "0"},
           {"color", "red"},
           {"TRACE_ON", "true"},
           {"MSG_REGION", "DefaultRegion"},
           {"CLUSTER", "DefaultCluster"},
           {"WAIT", "true"},
           {"TAGS", "TagA"}}};
}

class MessagesTest : public FakeCluster {
 protected:
  /// The broker has one message.
  void stored(const Stored& message, std::int64_t end) {
    const auto number = [](std::int64_t value) {
      return [value](const Request&) {
        Message reply;
        reply.field("offset", value);
        return reply;
      };
    };
    on(code::kGetMinOffset, number(0));
    on(code::kGetMaxOffset, [=](const Request& request) {
      return number(request.frame.find("queueId") == std::to_string(message.queue_id) ? end : 0)(request);
    });
    on(code::kPullMessage, [=](const Request& request) {
      const bool here = request.frame.find("queueId") == std::to_string(message.queue_id);
      const bool found = here && request.frame.find("queueOffset") == std::to_string(message.queue_offset);
      Message reply(found ? rc::kSuccess : rc::kPullNotFound);
      reply.field("suggestWhichBrokerId", 0);
      reply.field("minOffset", 0);
      reply.field("maxOffset", here ? end : 0);
      reply.field("nextBeginOffset", here ? message.queue_offset + 1 : 0);
      if (found) reply.body = record_of(message);
      return reply;
    });
    on(code::kViewMessageById, [=](const Request&) {
      Message reply;
      reply.body = record_of(message);
      return reply;
    });
  }
  /// GroupA is online and has consumed the message, GroupSql is away.
  void two_groups() {
    on(code::kQueryTopicConsumeByWho, R"({"groupList":["GroupA","GroupSql"]})");
    on(code::kGetConsumerConnectionList, [](const Request& request) {
      if (request.frame.find("consumerGroup") != "GroupA") {
        return Message(rc::kConsumerNotOnline, "the consumer group[GroupSql] not online");
      }
      Message reply;
      reply.body =
          R"({"connectionSet":[{"clientId":"c"}],"consumeType":"CONSUME_PASSIVELY","messageModel":"CLUSTERING",)"
          R"("subscriptionTable":{"TopicA":{"topic":"TopicA","tagsSet":["TagA"]}}})";
      return reply;
    });
    on(code::kGetConsumeStats,
       R"({"offsetTable":{{"brokerName":"broker-a","queueId":0,"topic":"TopicA"}:{"brokerOffset":10,"consumerOffset":10}}})");
  }
};

TEST_F(MessagesTest, ConsumeMessage) {
  one_broker(8);
  stored(fifo_message(), 1);
  expect_golden("consumeMessage.out", {"consumeMessage", "-t", "AdmFifo"});
}

TEST_F(MessagesTest, QueryMsgByOffset) {
  one_broker();
  stored(topic_a_message(), 10);
  two_groups();
  expect_golden("queryMsgByOffset.out", {"queryMsgByOffset", "-t", "TopicA", "-b", "broker-a", "-i", "0", "-o", "0"});
  const auto body = io::read_file(
      node().files(), std::string(kBodyDirectory) + "/FD000000000000000000000000000002781E5FFD2B2775E1F3120000", 100);
  ASSERT_TRUE(body.has_value());
  EXPECT_EQ(*body, "body 00 body 01 body");
}

TEST_F(MessagesTest, QueryMsgByIdGoesToTheBrokerInTheId) {
  one_broker();
  stored(topic_a_message(), 10);
  two_groups();
  const Outcome outcome = run({"queryMsgById", "-t", "TopicA", "-i", "7F000001000051AF0000000000000000"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("OffsetID:            7F000001000051AF0000000000000000\n"));
  EXPECT_THAT(outcome.out, Not(HasSubstr("MIN_OFFSET")));
  EXPECT_THAT(outcome.out, HasSubstr("MessageTrack [consumerGroup=GroupA, trackType=CONSUMED, exceptionDesc=null]\n"));
}

TEST_F(MessagesTest, AnIdOfTheProducerIsLookedForInTheIndex) {
  one_broker();
  two_groups();
  std::map<std::string, std::string> fields;
  on(code::kQueryMessage, [&](const Request& request) {
    for (const auto& field : request.frame.fields) fields[std::string(field.name)] = field.value;
    Message reply;
    reply.body = record_of(topic_a_message());
    return reply;
  });
  const std::string id = "FD000000000000000000000000000002781E5FFD2B2775E1F3120000";
  const Outcome outcome = run({"queryMsgByUniqueKey", "-t", "TopicA", "-i", id});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(fields["_UNIQUE_KEY_QUERY"], "true");
  EXPECT_EQ(fields["key"], id);
  EXPECT_THAT(outcome.out, Not(HasSubstr("OffsetID")));
  // Another message with the same hash is not taken for it.
  const Outcome other = run({"queryMsgByUniqueKey", "-t", "TopicA", "-i", "FD01"});
  EXPECT_EQ(other.status, kFailed);
  EXPECT_THAT(other.err, HasSubstr("CODE: 208  DESC: query message by key finished, but no message."));
}

TEST_F(MessagesTest, AnIdCannotLeadOutOfTheDirectory) {
  one_broker();
  two_groups();
  Stored evil = topic_a_message();
  evil.properties[1].second = "../../../etc/passwd";
  stored(evil, 10);
  const Outcome outcome = run({"queryMsgByOffset", "-t", "TopicA", "-b", "broker-a", "-i", "0", "-o", "0"});
  EXPECT_THAT(outcome.out, HasSubstr("Message Body Path:   /tmp/rocketmq/msgbodys/7F000001000051AF0000000000000000\n"));
}

TEST_F(MessagesTest, PrintMsgLeavesOutOtherTags) {
  one_broker(1);
  stored(topic_a_message(), 1);
  EXPECT_THAT(run({"printMsg", "-t", "TopicA"}).out, HasSubstr("BODY: body 00 body 01 body\n"));
  EXPECT_THAT(run({"printMsg", "-t", "TopicA", "-s", "TagA || TagB", "-d", "false"}).out,
              HasSubstr("BODY: NOT PRINT BODY\n"));
  EXPECT_THAT(run({"printMsg", "-t", "TopicA", "-s", "TagB"}).out, Not(HasSubstr("MSGID")));
  EXPECT_EQ(run({"printMsgByQueue", "-t", "TopicA", "-a", "broker-a", "-i", "0", "-f", "true"}).out,
            "Tag: TagA                           Count: 1\n");
}

TEST_F(MessagesTest, SendMessage) {
  one_broker(2);
  on(code::kSendMessage, [](const Request& request) {
    Message reply;
    reply.field("msgId", "7F000001000051AF00000000001E006D");
    reply.field("queueId", *request.frame.find("queueId"));
    reply.field("queueOffset", 0);
    return reply;
  });
  const Outcome outcome =
      run({"sendMessage", "-t", "AdmFifo", "-p", "hello", "-k", "key", "-c", "tag", "-b", "broker-a", "-i", "1"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("\nbroker-a                          1     SEND_OK                 "));
  EXPECT_EQ(lines_of(outcome.out)[0], lines_of(golden("sendMessage.out"))[0]);
  EXPECT_EQ(seen_bodies_.back(), "hello");
  EXPECT_EQ(message::find_property(seen_.back().second.at("properties"), "KEYS"), "key");
  EXPECT_EQ(run({"sendMessage", "-t", "T", "-p", "x", "-i", "1"}).err,
            "mqadmin: sendMessage failed: Broker name must be set if the queue is chosen!\n");
}

}  // namespace
}  // namespace ogive::admin
