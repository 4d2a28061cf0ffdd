// SIGTERM: the broker leaves the name servers, answers what waits, flushes, closes, all within two seconds.

#include <gtest/gtest.h>

#include <optional>

#include "protocol/codes.h"
#include "protocol/headers/pull.h"
#include "protocol/headers/send.h"
#include "testing/cluster/cluster.h"
#include "testing/cluster/sim_client.h"

namespace ogive::sim {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
namespace code = protocol::response_code;

class DrainTest : public ::testing::Test {
 protected:
  explicit DrainTest(std::int64_t sync_us = 200) {
    ClusterOptions options;
    options.broker_settings["flushDiskType"] = "SYNC_FLUSH";
    options.broker_settings["mappedFileSizeCommitLog"] = "1048576";
    options.broker_disk.sync_min_us = options.broker_disk.sync_max_us = sync_us;
    cluster_ = std::make_unique<Cluster>(world_, options);
    world_.add_node("client").run([this](SimNode& node) {
      auto client = std::make_shared<SimClient>(node, cluster_->name_server_endpoints());
      client_ = client.get();
      return client;
    });
    world_.run_for(2s);
  }

  void call(remoting::Message message, std::optional<Result<Reply>>& reply) {
    world_.node("client").reactor().post([this, &reply, message = std::move(message)]() mutable {
      client_->call(cluster_->broker_node(0).endpoint(kBrokerPort), std::move(message), Milliseconds(20'000),
                    [&reply](const Result<Reply>& got) { reply = got; });
    });
  }
  static remoting::Message send_request(std::string body) {
    protocol::SendMessageRequestHeader header;
    header.producer_group = "p";
    header.topic = "TopicA";
    header.default_topic = "TBW102";
    header.default_topic_queue_nums = 1;
    return make_request(protocol::request_code::kSendMessage, header, std::move(body));
  }
  static remoting::Message pull_request(std::int64_t offset, std::int64_t suspend_ms) {
    protocol::PullMessageRequestHeader header;
    header.consumer_group = "g";
    header.topic = "TopicA";
    header.queue_offset = offset;
    header.max_msg_nums = 32;
    header.sys_flag = suspend_ms > 0 ? 6 : 4;
    header.suspend_timeout_millis = suspend_ms;
    header.subscription = "*";
    return make_request(protocol::request_code::kPullMessage, header);
  }
  bool route_known() {
    std::optional<bool> known;
    world_.node("client").reactor().post(
        [&] { client_->route("TopicA", [&](const Result<protocol::TopicRouteData>& route) { known = !!route; }); });
    world_.run_until([&] { return known.has_value(); }, 10s);
    return known.value_or(false);
  }

  SimWorld world_{77};
  std::unique_ptr<Cluster> cluster_;
  SimClient* client_ = nullptr;
};

TEST_F(DrainTest, AnswersLeavesFlushesAndClosesWithinTwoSeconds) {
  std::optional<Result<Reply>> sent;
  call(send_request("one"), sent);
  ASSERT_TRUE(world_.run_until([&] { return sent.has_value(); }, 5s));
  ASSERT_TRUE(*sent && (*sent)->code == code::kSuccess) << ((*sent) ? (*sent)->remark : sent->error().message());
  EXPECT_TRUE(world_.run_until([&] { return route_known(); }, 5s));
  std::optional<Result<Reply>> polled;
  call(pull_request(1, 15'000), polled);
  world_.run_for(500ms);
  ASSERT_FALSE(polled.has_value());
  EXPECT_EQ(cluster_->broker(0)->broker().parked_polls(), 1U);

  // And one more message on its way while the signal comes.
  std::optional<Result<Reply>> last;
  call(send_request("two"), last);
  world_.run_for(1ms);
  const std::int64_t began = world_.now_ms();
  std::optional<Status> stopped;
  cluster_->broker(0)->stop([&](Status status) { stopped = std::move(status); });
  ASSERT_TRUE(world_.run_until([&] { return stopped.has_value(); }, 2s));
  EXPECT_TRUE(stopped->has_value());
  EXPECT_LT(world_.now_ms() - began, 2'000);
  world_.run_for(20ms);
  ASSERT_TRUE(polled.has_value());
  ASSERT_TRUE(*polled) << polled->error().message();
  EXPECT_TRUE((*polled)->code == code::kPullNotFound || (*polled)->code == code::kSuccess) << (*polled)->code;
  ASSERT_TRUE(last.has_value()) << "a message that was accepted got no answer";
  EXPECT_FALSE(cluster_->broker_node(0).alive());
  EXPECT_FALSE(route_known());

  cluster_->revive_broker(0);
  world_.run_for(2s);
  ASSERT_NE(cluster_->broker(0), nullptr);
  EXPECT_TRUE(cluster_->broker(0)->broker().recovery().clean);
  EXPECT_EQ(cluster_->broker(0)->broker().recovery().truncated_bytes, 0);
  std::optional<Result<Reply>> read;
  call(pull_request(0, 0), read);
  ASSERT_TRUE(world_.run_until([&] { return read.has_value(); }, 5s));
  ASSERT_TRUE(*read);
  EXPECT_EQ((*read)->code, code::kSuccess);
}

TEST_F(DrainTest, ADeadNameServerDoesNotHoldItUp) {
  cluster_->name_server_node(0).power_loss();
  std::optional<Status> stopped;
  cluster_->broker(0)->stop([&](Status status) { stopped = std::move(status); });
  ASSERT_TRUE(world_.run_until([&] { return stopped.has_value(); }, 2s));
  EXPECT_TRUE(stopped->has_value());
}

class SlowDiskDrainTest : public DrainTest {
 protected:
  SlowDiskDrainTest() : DrainTest(150'000) {}
};

TEST_F(SlowDiskDrainTest, WhatWaitsForTheSyncIsAnsweredBeforeItsConnectionCloses) {
  std::optional<Result<Reply>> first;
  call(send_request("zero"), first);  // Makes the topic.
  ASSERT_TRUE(world_.run_until([&] { return first.has_value(); }, 5s));
  std::optional<Result<Reply>> sent;
  call(send_request("one"), sent);
  world_.run_for(5ms);
  ASSERT_FALSE(sent.has_value());
  const std::int64_t began = world_.now_ms();
  std::optional<Status> stopped;
  cluster_->broker(0)->stop([&](Status status) { stopped = std::move(status); });
  ASSERT_TRUE(world_.run_until([&] { return stopped.has_value(); }, 3s));
  EXPECT_TRUE(stopped->has_value());
  EXPECT_LT(world_.now_ms() - began, 2'000);
  world_.run_for(20ms);  // The answer's way through the network.
  ASSERT_TRUE(sent.has_value());
  ASSERT_TRUE(*sent) << sent->error().message();
  EXPECT_EQ((*sent)->code, code::kSuccess) << (*sent)->remark;

  cluster_->revive_broker(0);
  world_.run_for(5s);
  ASSERT_NE(cluster_->broker(0), nullptr);
  EXPECT_TRUE(cluster_->broker(0)->broker().recovery().clean);
  std::optional<Result<Reply>> read;
  call(pull_request(0, 0), read);
  ASSERT_TRUE(world_.run_until([&] { return read.has_value(); }, 5s));
  ASSERT_TRUE(*read);
  EXPECT_NE((*read)->body.find("zero"), std::string::npos);
  EXPECT_NE((*read)->body.find("one"), std::string::npos);
}

TEST_F(SlowDiskDrainTest, WhatIsStillBeingDoneInTheBlockingLaneIsAnsweredToo) {
  // Written to the configuration file before the answer; the first change makes its directory.
  remoting::Message change(protocol::request_code::kUpdateBrokerConfig);
  change.body = "maxMessageSize=1048576\n";
  std::optional<Result<Reply>> first;
  call(change, first);
  ASSERT_TRUE(world_.run_until([&] { return first.has_value(); }, 5s));
  std::optional<Result<Reply>> changed;
  call(change, changed);
  world_.run_for(5ms);
  ASSERT_FALSE(changed.has_value());
  std::optional<Status> stopped;
  cluster_->broker(0)->stop([&](Status status) { stopped = std::move(status); });
  ASSERT_TRUE(world_.run_until([&] { return stopped.has_value(); }, 3s));
  world_.run_for(20ms);
  ASSERT_TRUE(changed.has_value());
  ASSERT_TRUE(*changed) << changed->error().message();
  EXPECT_EQ((*changed)->code, code::kSuccess) << (*changed)->remark;
}

}  // namespace
}  // namespace ogive::sim
