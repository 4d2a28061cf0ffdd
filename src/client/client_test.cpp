// The client against small hand-made peers, in the simulated world: names, fail-over, refusals, limits of time. Against
// a real name server and broker: src/admin's tests and tests/simulation.

#include "client/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/route.h"
#include "message/properties.h"
#include "message/sys_flag.h"
#include "protocol/codes.h"
#include "protocol/headers/send.h"
#include "remoting/server.h"
#include "testing/sim_node.h"
#include "testing/sim_world.h"

namespace ogive::client {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using remoting::Message;
using remoting::Request;
using ::testing::HasSubstr;
namespace code = protocol::request_code;
namespace rc = protocol::response_code;

constexpr std::uint16_t kPort = 9876;

/// Answers by a table.
struct Peer {
  Peer(sim::SimNode& node, const std::function<void(remoting::HandlerTable&)>& fill)
      : reactors(node.reactors()), server(node.network(), reactors, node.tasks(), {}) {
    fill(table);
    EXPECT_TRUE(server.listen(node.endpoint(kPort), table).has_value());
  }
  std::vector<io::Executor*> reactors;
  remoting::HandlerTable table;
  remoting::Server server;
};

class ClientTest : public ::testing::Test {
 protected:
  void peer(const std::string& name, std::function<void(remoting::HandlerTable&)> fill) {
    sim::SimNode& node = world_.add_node(name);
    node.run([fill = std::move(fill)](sim::SimNode& self) { return std::make_shared<Peer>(self, fill); });
  }
  static void answer(remoting::HandlerTable& table, std::int32_t request, remoting::Answer handler) {
    table.add({request, protocol::request_code_name(request), remoting::Lane::kReactor, std::move(handler)});
  }

  Client& client(std::string_view name_servers) {
    auto servers = parse_address_list(name_servers);
    node_.run([this, servers](sim::SimNode& self) {
      auto made = std::make_shared<Client>(self.network(), self.reactor(), ClientOptions{.name_servers = *servers});
      client_ = made.get();
      return made;
    });
    world_.run_for(10ms);
    return *client_;
  }
  /// Runs `start` on the client's executor until its answer is there.
  template <class T>
  Result<T> wait(const std::function<void(Done<T>)>& start) {
    std::optional<Result<T>> answer;
    node_.reactor().post([&] { start([&](Result<T> outcome) { answer.emplace(std::move(outcome)); }); });
    EXPECT_TRUE(world_.run_until([&] { return answer.has_value(); }, 60s));
    return answer ? std::move(*answer) : Result<T>(fail(Errc::kTimeout, "the test's own limit"));
  }
  std::string address(std::string_view name) { return world_.node(name).endpoint(kPort).to_string(); }

  sim::SimWorld world_{7};
  sim::SimNode& node_ = world_.add_node("me");
  Client* client_ = nullptr;
};

Message route_reply() {
  Message reply(rc::kSuccess);
  reply.body =
      R"({"brokerDatas":[{"brokerAddrs":{"0":"10.0.0.9:1","1":"10.0.0.9:2"},"brokerName":"a","cluster":"C"},)"
      R"({"brokerAddrs":{"1":"10.0.0.8:2"},"brokerName":"b","cluster":"C"}],"filterServerTable":{},"queueDatas":[)"
      R"({"brokerName":"a","perm":6,"readQueueNums":2,"topicSysFlag":0,"writeQueueNums":1},)"
      R"({"brokerName":"b","perm":6,"readQueueNums":1,"topicSysFlag":0,"writeQueueNums":1}]})";
  return reply;
}

TEST_F(ClientTest, AsksTheNextNameServerWhenOneIsDead) {
  world_.add_node("dead");
  peer("ns", [](auto& table) {
    answer(table, code::kGetRouteinfoByTopic, [](const Request& request) {
      return request.frame.find("topic") == "T" ? route_reply() : Message(rc::kTopicNotExist, "No topic route info");
    });
  });
  client(address("dead") + ";" + address("ns"));
  const auto route = wait<protocol::TopicRouteData>([&](auto done) { client_->route("T", std::move(done)); });
  ASSERT_TRUE(route.has_value()) << route.error().message();
  EXPECT_EQ(route->broker_datas.size(), 2u);
  const auto missing = wait<protocol::TopicRouteData>([&](auto done) { client_->route("X", std::move(done)); });
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().code(), Errc::kNotFound);
  EXPECT_THAT(missing.error().message(), HasSubstr("CODE: 17  DESC: No topic route info (from " + address("ns")));
}

TEST_F(ClientTest, QueuesOfARouteKnowWhoServesThem) {
  const auto route = protocol::from_json<protocol::TopicRouteData>(route_reply().body);
  ASSERT_TRUE(route.has_value());
  const auto write = queues_to_write(*route, "T");
  ASSERT_EQ(write.size(), 1u) << "b has no master";
  EXPECT_EQ(write[0].address, "10.0.0.9:1");
  const auto read = queues_to_read(*route, "T");
  ASSERT_EQ(read.size(), 3u);
  EXPECT_EQ(read[2].address, "10.0.0.8:2");
  EXPECT_EQ(read[2].queue, (protocol::MessageQueue{"T", "b", 0}));
}

TEST_F(ClientTest, SendCarriesTheMessageAndReadsTheAnswer) {
  std::string properties, body;
  peer("broker", [&](auto& table) {
    answer(table, code::kSendMessage, [&](const Request& request) {
      const auto header = protocol::decode_send_header(request.frame);
      EXPECT_TRUE(header.has_value());
      properties = header->properties.value_or("");
      body = as_chars(request.frame.body);
      Message reply(header->topic == "Slow" ? rc::kFlushDiskTimeout : rc::kSuccess);
      reply.field("msgId", "0A");
      reply.field("queueId", header->queue_id);
      reply.field("queueOffset", std::int64_t{41});
      return header->topic == "No" ? Message(rc::kNoPermission, "not for you") : reply;
    });
  });
  client("nowhere:1");
  const auto send = [&](std::string topic) {
    return wait<SendResult>([&](auto done) {
      OutgoingMessage message{.topic = topic, .queue_id = 3, .body = "hello"};
      message::append_property(message.properties, message::property::kTags, "red");
      client_->send(address("broker"), std::move(message), std::move(done));
    });
  };
  const auto sent = send("T");
  ASSERT_TRUE(sent.has_value()) << sent.error().message();
  EXPECT_EQ(sent->status, SendStatus::kOk);
  EXPECT_EQ(sent->message_id, "0A");
  EXPECT_EQ(sent->queue_id, 3);
  EXPECT_EQ(sent->queue_offset, 41);
  EXPECT_EQ(sent->unique_id.size(), 32u);
  EXPECT_EQ(body, "hello");
  EXPECT_EQ(message::find_property(properties, "UNIQ_KEY"), sent->unique_id);
  EXPECT_EQ(message::find_property(properties, "TAGS"), "red");
  EXPECT_EQ(send("Slow")->status, SendStatus::kFlushDiskTimeout);
  EXPECT_EQ(send("No").error().code(), Errc::kPermission);
}

TEST_F(ClientTest, PullStatusesAreValuesAndOtherCodesErrors) {
  peer("broker", [](auto& table) {
    answer(table, code::kPullMessage, [](const Request& request) {
      const auto queue = request.frame.find("queueId");
      Message reply(queue == "0" ? rc::kPullNotFound : queue == "1" ? rc::kPullOffsetMoved : rc::kTopicNotExist, "why");
      for (const char* name : {"suggestWhichBrokerId", "minOffset", "maxOffset"}) reply.field(name, 0);
      reply.field("nextBeginOffset", 5);
      return reply;
    });
  });
  client("nowhere:1");
  const auto pull = [&](std::int32_t queue) {
    return wait<PullResult>(
        [&](auto done) { client_->pull(address("broker"), {.topic = "T", .queue_id = queue}, std::move(done)); });
  };
  EXPECT_EQ(pull(0)->status, PullStatus::kNoNewMessage);
  EXPECT_EQ(pull(1)->status, PullStatus::kOffsetIllegal);
  EXPECT_EQ(pull(1)->next_offset, 5);
  EXPECT_EQ(pull(2).error().code(), Errc::kNotFound);
}

TEST_F(ClientTest, NamesThePeerThatDoesNotAnswer) {
  world_.add_node("silent");
  peer("lost", [](auto&) {});
  client(address("lost"));
  const auto call = [&](std::string to) {
    return wait<Reply>([&](auto done) { client_->call(to, Message(code::kGetBrokerConfig), std::move(done)); });
  };
  const auto refused = call(address("silent"));
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().message(), HasSubstr(address("silent")));
  EXPECT_EQ(call("no-port").error().code(), Errc::kInvalidArgument);
  EXPECT_THAT(call("no.such.host:1").error().message(), HasSubstr("no.such.host"));
  world_.internet().partition({"me"}, {"lost"});
  EXPECT_EQ(call(address("lost")).error().code(), Errc::kTimeout);
}

TEST(AddressTest, ListsAreReadAsPeopleWriteThem) {
  const auto list = parse_address_list(" a:9876; b.example:1,[::1]:2;;a:9876");
  ASSERT_TRUE(list.has_value());
  EXPECT_EQ(*list, (std::vector<HostPort>{{"a", 9876}, {"b.example", 1}, {"::1", 2}}));
  EXPECT_EQ((*list)[2].text(), "[::1]:2");
  for (const char* bad : {"", ";", "a", "a:", "a:0", "a:70000", ":1", "a:x"}) {
    EXPECT_FALSE(parse_address_list(bad).has_value()) << bad;
  }
}

TEST(BodyTest, BrokenCompressionIsCorruptNotACrash) {
  const std::string noise = "this is not compressed at all";
  message::RecordView record;
  record.body = as_bytes(noise);
  EXPECT_EQ(*plain_body(record), noise);
  for (const std::int32_t codec : {0x0, 0x100, 0x200, 0x300}) {
    record.sys_flag = message::kCompressed | codec;
    EXPECT_EQ(plain_body(record).error().code(), Errc::kCorrupt) << codec;
  }
  record.sys_flag = message::kCompressed | 0x400;
  EXPECT_EQ(plain_body(record).error().code(), Errc::kUnsupported);
}

}  // namespace
}  // namespace ogive::client
