// Bodies recorded from a real 5.5.0 are read into structs and written again; nothing may be lost or added.

#include <gtest/gtest.h>

#include "protocol/bodies/assignment.h"
#include "protocol/bodies/auth.h"
#include "protocol/bodies/broker_stats.h"
#include "protocol/bodies/connections.h"
#include "protocol/bodies/consume_queue.h"
#include "protocol/bodies/ha_status.h"
#include "protocol/bodies/heartbeat.h"
#include "protocol/bodies/lists.h"
#include "protocol/bodies/locking.h"
#include "protocol/bodies/offsets.h"
#include "protocol/bodies/register_broker.h"
#include "protocol/bodies/route.h"
#include "protocol/bodies/running_info.h"
#include "protocol/bodies/subscription_group.h"
#include "protocol/bodies/timer_metrics.h"
#include "protocol/frame.h"
#include "protocol/golden_frames_for_test.h"

namespace ogive::protocol {
namespace {

/// The document with members and elements sorted: the order of hash tables and sets says nothing.
std::string canonical(JsonReader& reader) {
  std::vector<std::string> parts;
  if (reader.peek() == '{') {
    reader.object([&] {
      std::string name;
      if (reader.peek() == '{') {
        name = canonical(reader);
        if (!reader.colon()) return false;
      } else {
        std::string_view key;
        if (!reader.key(key)) return false;
        name = key;
      }
      parts.push_back(name + ":" + canonical(reader));
      return true;
    });
  } else if (reader.peek() == '[') {
    reader.array([&] {
      parts.push_back(canonical(reader));
      return true;
    });
  } else {
    std::string_view raw;
    reader.raw(raw);
    return std::string(raw);
  }
  std::sort(parts.begin(), parts.end());
  std::string text = "(";
  for (const std::string& part : parts) text += part + ",";
  return text + ")";
}

std::string canonical(std::string_view text) {
  JsonReader reader(text);
  std::string sorted = canonical(reader);
  const Status status = reader.finish();
  EXPECT_TRUE(status.has_value()) << status.error().message();
  return sorted;
}

template <class Body>
void expect_round_trip(const GoldenFrame&, std::string_view text) {
  const auto body = from_json<Body>(text);
  ASSERT_TRUE(body.has_value()) << body.error().message();
  // Routes are recorded in both flavours; the text says which.
  const bool strict = text.find("{\"0\":") != std::string_view::npos || text.find("{\"2\":") != std::string_view::npos;
  const std::string written = to_json(*body, strict ? kStrictJson : JsonStyle{});
  EXPECT_EQ(written.size(), text.size());
  EXPECT_EQ(canonical(written), canonical(text));
}

using Check = void (*)(const GoldenFrame&, std::string_view);
struct BodyKey {
  std::int32_t request_code;
  bool response;
  auto operator<=>(const BodyKey&) const = default;
};

std::map<BodyKey, Check> bodies() {
  namespace c = request_code;
  return {
      {{c::kGetAllTopicConfig, true}, expect_round_trip<TopicConfigAndMappingSerializeWrapper>},
      {{c::kGetBrokerRuntimeInfo, true}, expect_round_trip<KVTable>},
      {{c::kHeartBeat, false}, expect_round_trip<HeartbeatData>},
      {{c::kGetConsumerListByGroup, true}, expect_round_trip<GetConsumerListByGroupResponseBody>},
      {{c::kLockBatchMq, false}, expect_round_trip<LockBatchRequestBody>},
      {{c::kLockBatchMq, true}, expect_round_trip<LockBatchResponseBody>},
      {{c::kUnlockBatchMq, false}, expect_round_trip<LockBatchRequestBody>},
      {{c::kGetAllConsumerOffset, true}, expect_round_trip<ConsumerOffsetSerializeWrapper>},
      {{c::kGetAllDelayOffset, true}, expect_round_trip<DelayOffsetSerializeWrapper>},
      {{c::kCheckClientConfig, false}, expect_round_trip<CheckClientRequestBody>},
      {{c::kGetTimerMetrics, true}, expect_round_trip<TimerMetricsSerializeWrapper>},
      {{c::kGetRouteinfoByTopic, true}, expect_round_trip<TopicRouteData>},
      {{c::kGetBrokerClusterInfo, true}, expect_round_trip<ClusterInfo>},
      {{c::kUpdateAndCreateSubscriptiongroup, false}, expect_round_trip<SubscriptionGroupConfig>},
      {{c::kGetAllSubscriptiongroupConfig, true}, expect_round_trip<SubscriptionGroupWrapper>},
      {{c::kGetTopicStatsInfo, true}, expect_round_trip<TopicStatsTable>},
      {{c::kGetConsumerConnectionList, true}, expect_round_trip<ConsumerConnection>},
      {{c::kGetProducerConnectionList, true}, expect_round_trip<ProducerConnection>},
      {{c::kGetAllTopicListFromNameserver, true}, expect_round_trip<TopicList>},
      {{c::kGetConsumeStats, true}, expect_round_trip<ConsumeStats>},
      {{c::kGetKvlistByNamespace, true}, expect_round_trip<KVTable>},
      {{c::kInvokeBrokerToResetOffset, true}, expect_round_trip<ResetOffsetBody>},
      {{c::kQueryTopicConsumeByWho, true}, expect_round_trip<GroupList>},
      {{c::kGetConsumerRunningInfo, true}, expect_round_trip<ConsumerRunningInfo>},
      {{c::kConsumeMessageDirectly, true}, expect_round_trip<ConsumeMessageDirectlyResult>},
      {{c::kViewBrokerStatsData, true}, expect_round_trip<BrokerStatsData>},
      {{c::kGetBrokerConsumeStats, true}, expect_round_trip<ConsumeStatsList>},
      {{c::kQueryConsumeQueue, true}, expect_round_trip<QueryConsumeQueueResponseBody>},
      {{c::kQueryDataVersion, true}, expect_round_trip<DataVersion>},
      {{c::kGetAllProducerInfo, true}, expect_round_trip<ProducerTableInfo>},
      {{c::kGetTopicConfig, true}, expect_round_trip<TopicConfigAndQueueMapping>},
      {{c::kQueryAssignment, false}, expect_round_trip<QueryAssignmentRequestBody>},
      {{c::kQueryAssignment, true}, expect_round_trip<QueryAssignmentResponseBody>},
      {{c::kSetMessageRequestMode, false}, expect_round_trip<SetMessageRequestModeRequestBody>},
      {{c::kGetAllMessageRequestMode, true}, expect_round_trip<MessageRequestModeSerializeWrapper>},
      {{c::kUpdateAndCreateStaticTopic, false}, expect_round_trip<TopicQueueMappingDetail>},
      {{c::kGetBrokerMemberGroup, true}, expect_round_trip<GetBrokerMemberGroupResponseBody>},
      {{c::kGetBrokerHaStatus, true}, expect_round_trip<HARuntimeInfo>},
      {{c::kBatchAckMessage, false}, expect_round_trip<BatchAckMessageRequestBody>},
  };
}

TEST(BodiesGolden, RoundTrip) {
  if (golden_frame_files().empty()) GTEST_SKIP() << "no recorded frames under " << golden_frame_directories();
  const auto table = bodies();
  Frame frame;
  std::set<BodyKey> seen;
  for_each_golden_frame([&](const GoldenFrame& golden) {
    SCOPED_TRACE(golden.where);
    ASSERT_TRUE(frame.decode(as_bytes(golden.raw)).has_value());
    const auto found = table.find({golden.request_code, frame.is_response()});
    // One recorded request has a body that is no JSON on purpose.
    const std::string_view body = as_chars(frame.body);
    if (found == table.end() || !body.starts_with('{') || body.starts_with("{not")) return;
    found->second(golden, body);
    seen.insert(found->first);
  });
  EXPECT_GT(seen.size(), 5u);
}

TEST(BodiesGolden, RegistrationsAreRead) {
  if (golden_frame_files().empty()) GTEST_SKIP() << "no recorded frames under " << golden_frame_directories();
  Frame frame;
  for_each_golden_frame([&](const GoldenFrame& golden) {
    SCOPED_TRACE(golden.where);
    ASSERT_TRUE(frame.decode(as_bytes(golden.raw)).has_value());
    if (frame.is_response() || frame.code != request_code::kRegisterBroker || frame.body.empty()) return;
    // What is compressed shows itself by its first byte; recordings contain frames whose header says otherwise.
    const bool compressed = as_chars(frame.body)[0] != '{';
    const auto body = decode_registration(frame.body, compressed, version::kV5_5_0);
    ASSERT_TRUE(body.has_value()) << body.error().message();
    EXPECT_FALSE(body->topic_config_serialize_wrapper.topic_config_table.empty());
    const std::string packed = encode_compressed_registration(*body);
    const auto again = decode_registration(as_bytes(packed), true, version::kV5_5_0);
    ASSERT_TRUE(again.has_value()) << again.error().message();
    EXPECT_EQ(again->topic_config_serialize_wrapper.topic_config_table,
              body->topic_config_serialize_wrapper.topic_config_table);
    if (!compressed) expect_round_trip<RegisterBrokerBody>(golden, as_chars(frame.body));
  });
}

TEST(Registration, OldBrokersSendTopicsAlone) {
  const auto body = decode_registration(
      as_bytes(R"({"dataVersion":{"counter":3},"topicConfigTable":{"T":{"topicName":"T","perm":4}}})"), true, 36);
  ASSERT_TRUE(body.has_value()) << body.error().message();
  EXPECT_EQ(body->topic_config_serialize_wrapper.data_version.counter, 3);
  EXPECT_EQ(body->topic_config_serialize_wrapper.topic_config_table.at("T").perm, 4);
}

TEST(Registration, BrokenBodiesAreRefused) {
  EXPECT_FALSE(decode_registration(as_bytes("{\"a\""), true, version::kV5_5_0).has_value());
  EXPECT_FALSE(decode_registration(as_bytes("x"), false, version::kV5_5_0).has_value());
  RegisterBrokerBody body;
  body.topic_config_serialize_wrapper.topic_config_table["T"].topic_name = "T";
  const std::string packed = encode_compressed_registration(body);
  for (std::size_t size = 1; size < packed.size(); ++size) {
    EXPECT_FALSE(decode_registration(as_bytes(packed.substr(0, size)), true, version::kV5_5_0).has_value()) << size;
  }
}

TEST(TopicConfigLine, RoundTripsWithSpacesInAttributes) {
  TopicConfig config;
  config.topic_name = "T";
  config.read_queue_nums = 3;
  config.attributes["a b"] = "c d";
  const auto again = decode_topic_config(encode_topic_config(config));
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(*again, config);
  EXPECT_FALSE(decode_topic_config("T 1 2").has_value());
  EXPECT_FALSE(decode_topic_config("T 1 2 x SINGLE_TAG").has_value());
  EXPECT_TRUE(decode_topic_config("T 1 2 6 MULTI_TAG")->attributes.empty());
}

}  // namespace
}  // namespace ogive::protocol
