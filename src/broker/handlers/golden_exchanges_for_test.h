#pragma once
// Recorded exchanges between clients and a 5.5.0 broker, and a broker with the topics, groups and clients of the
// recording, to ask it the same.

#include <set>
#include <string>
#include <vector>

#include "broker/broker_fixture_for_test.h"
#include "protocol/golden_frames_for_test.h"

namespace ogive::broker {

struct Exchange {
  protocol::GoldenFrame request;
  protocol::GoldenFrame answer;
};

inline std::vector<Exchange> recorded_exchanges() {
  std::vector<Exchange> exchanges;
  protocol::GoldenFrame request;
  protocol::for_each_golden_frame([&](const protocol::GoldenFrame& golden) {
    if (golden.kind == "request") {
      request = golden;
    } else if (golden.opaque == request.opaque && !request.raw.empty()) {
      exchanges.push_back({request, golden});
      request = {};
    }
  });
  return exchanges;
}

/// Codes whose answers depend on which messages there are and where they lie: golden_paths_test.cpp asks them.
inline bool depends_on_messages(std::int32_t code) {
  namespace request_code = protocol::request_code;
  static const std::set<std::int32_t> kCodes = {
      request_code::kSendMessage,         request_code::kSendMessageV2,          request_code::kSendBatchMessage,
      request_code::kPullMessage,         request_code::kLitePullMessage,        request_code::kViewMessageById,
      request_code::kConsumerSendMsgBack, request_code::kConsumeMessageDirectly, request_code::kGetConsumerRunningInfo,
      request_code::kViewBrokerStatsData};
  return kCodes.contains(code);
}

inline std::set<std::string> names_of(const std::map<std::string, std::string>& fields) {
  std::set<std::string> names;
  for (const auto& [name, value] : fields) names.insert(name);
  return names;
}

class GoldenFixture : public BrokerFixture {
 protected:
  /// The topics, groups and clients of the recording.
  void SetUp() override {
    BrokerFixture::SetUp();
    for (const std::string suffix : {"J", "R"}) {
      const std::string topic = "GoldenTopic" + suffix;
      EXPECT_EQ(make_topic(topic, 4).code, 0);
      for (int i = 0; i < 12; ++i) EXPECT_EQ(send(topic, i % 4, "golden", "TAGS\x01TagA\x02").code, 0);
      for (const std::string kind : {"Group", "Orderly", "Lite"}) {
        EXPECT_EQ(make_group("Golden" + kind + suffix).code, 0);
        EXPECT_EQ(commit("Golden" + kind + suffix, topic, 1, 1).code, 0);
      }
      EXPECT_EQ(consume("192.0.2.2@cons" + suffix, "GoldenGroup" + suffix, topic).code, 0);
      EXPECT_EQ(consume("192.0.2.2@lite" + suffix, "GoldenLite" + suffix, topic).code, 0);
      produce("GoldenProducer" + suffix);
    }
    EXPECT_EQ(make_topic("TopicA", 4).code, 0);
    EXPECT_EQ(send("TopicA", 0, "golden").code, 0);
    EXPECT_EQ(make_group("AdmGroup").code, 0);
    EXPECT_EQ(consume("192.0.2.2@liveCons", "GroupA", "TopicA").code, 0);
    produce("LiveProducer");
  }

  void produce(const std::string& group) {
    const std::string body =
        R"({"clientID":"p","consumerDataSet":[],"producerDataSet":[{"groupName":")" + group + R"("}]})";
    EXPECT_EQ(ask("producer of " + group, request(protocol::request_code::kHeartBeat, {}, body)).code, 0);
  }
};

}  // namespace ogive::broker
