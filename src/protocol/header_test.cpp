#include "protocol/header.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "protocol/codes.h"
#include "protocol/decimal.h"
#include "protocol/golden_frames_for_test.h"
#include "protocol/headers/admin.h"
#include "protocol/headers/auth.h"
#include "protocol/headers/client.h"
#include "protocol/headers/controller.h"
#include "protocol/headers/ha.h"
#include "protocol/headers/namesrv.h"
#include "protocol/headers/offset.h"
#include "protocol/headers/pop.h"
#include "protocol/headers/pull.h"
#include "protocol/headers/routing.h"
#include "protocol/headers/send.h"
#include "protocol/headers/topic.h"
#include "protocol/headers/transaction.h"

namespace ogive::protocol {
namespace {

struct Sample {
  std::string_view first_name;
  std::int32_t body_crc32 = 0;
  std::optional<std::int64_t> queue_offset;
  Defaulted<bool> unit_mode;
  Defaulted<std::int32_t, -1> queue_id;
  std::optional<std::string_view> namespace_;
  std::optional<std::string_view> client_id;

  static constexpr NameOverride kWireNames[] = {{"client_id", "clientID"}};
};
BOOST_DESCRIBE_STRUCT(Sample, (), (first_name, body_crc32, queue_offset, unit_mode, queue_id, namespace_, client_id))

Frame frame_with(std::vector<Field> fields, Serialization serialization = Serialization::kJson) {
  Frame frame;
  frame.serialization = serialization;
  frame.fields = std::move(fields);
  return frame;
}

TEST(Header, NamesFollowFromMembers) {
  const Frame frame = frame_with({{"firstName", "x"},
                                  {"bodyCrc32", "7"},
                                  {"queueOffset", "-9000000000"},
                                  {"unitMode", "TRUE"},
                                  {"queueId", "+3"},
                                  {"namespace", "ns"},
                                  {"clientID", "c"},
                                  {"unknown", "y"}});
  const auto header = decode_header<Sample>(frame);
  ASSERT_TRUE(header.has_value()) << header.error().message();
  EXPECT_EQ(header->first_name, "x");
  EXPECT_EQ(header->body_crc32, 7);
  EXPECT_EQ(header->queue_offset, -9000000000);
  EXPECT_TRUE(header->unit_mode);
  EXPECT_EQ(header->queue_id, 3);
  EXPECT_EQ(header->namespace_, "ns");
  EXPECT_EQ(header->client_id, "c");
}

TEST(Header, MissingMandatoryFieldIsNamedInDeclarationOrder) {
  const auto header = decode_header<Sample>(frame_with({}));
  ASSERT_FALSE(header.has_value());
  EXPECT_EQ(header.error().code(), Errc::kInvalidArgument);
  EXPECT_EQ(header.error().message(), "the custom field <firstName> is null");
}

TEST(Header, DefaultsApply) {
  const auto header = decode_header<Sample>(frame_with({{"firstName", ""}, {"bodyCrc32", "1"}}));
  ASSERT_TRUE(header.has_value());
  EXPECT_FALSE(header->unit_mode);
  EXPECT_EQ(header->queue_id, -1);
  EXPECT_FALSE(header->queue_offset.has_value());
}

TEST(Header, EmptyBinaryValueIsMissing) {
  const auto header =
      decode_header<Sample>(frame_with({{"firstName", ""}, {"bodyCrc32", "1"}}, Serialization::kRocketmq));
  ASSERT_FALSE(header.has_value());
  EXPECT_EQ(header.error().message(), "the custom field <firstName> is null");
}

TEST(Header, BadNumberNamesFieldAndValue) {
  for (const std::string_view bad : {"", "x", "1x", "2147483648", "1.0", " 1", "+-1", "+"}) {
    const auto header = decode_header<Sample>(frame_with({{"firstName", "f"}, {"bodyCrc32", bad}}));
    ASSERT_FALSE(header.has_value()) << bad;
    EXPECT_EQ(header.error().code(), Errc::kInvalidArgument);
    EXPECT_NE(header.error().message().find("bodyCrc32"), std::string::npos);
    EXPECT_NE(header.error().message().find(bad), std::string::npos);
  }
}

TEST(Decimal, ReadsWhatFitsAndNothingElse) {
  const auto read = [](std::string_view text) {
    std::int32_t value = -99;
    return parse_decimal(text, value) ? std::optional(value) : std::nullopt;
  };
  EXPECT_EQ(read("0"), 0);
  EXPECT_EQ(read("007"), 7);
  EXPECT_EQ(read("999999999"), 999'999'999);
  EXPECT_EQ(read("2147483647"), 2'147'483'647);
  EXPECT_EQ(read("-2147483648"), std::numeric_limits<std::int32_t>::min());
  EXPECT_EQ(read("0000000000012"), 12);
  for (std::string_view bad :
       {"", "-", "+1", " 1", "1 ", "1x", "x", "12345678x", "2147483648", "-2147483649", "1.0", "/", ":"}) {
    EXPECT_EQ(read(bad), std::nullopt) << bad;
  }
  std::int64_t wide = 0;
  EXPECT_TRUE(parse_decimal("999999999999999999", wide) && wide == 999'999'999'999'999'999);
  EXPECT_TRUE(parse_decimal("9223372036854775807", wide) && wide == std::numeric_limits<std::int64_t>::max());
  EXPECT_FALSE(parse_decimal("9223372036854775808", wide));
}

TEST(Header, LastOfTwoCounts) {
  const auto header = decode_header<Sample>(frame_with({{"firstName", "1"}, {"firstName", "2"}, {"bodyCrc32", "1"}}));
  ASSERT_TRUE(header.has_value());
  EXPECT_EQ(header->first_name, "2");
}

TEST(SendHeader, ShortFormNamesTheMissingLetter) {
  Frame frame = frame_with({{"a", "g"}, {"b", "t"}, {"d", "4"}});
  frame.code = request_code::kSendMessageV2;
  const auto header = decode_send_header(frame);
  ASSERT_FALSE(header.has_value());
  EXPECT_EQ(header.error().message(), "the custom field <c> is null");
}

using Fields = std::map<std::string, std::string>;

/// Decodes the header and writes it again in both serializations; every field that the struct knows must come back as
/// it was.
template <class Header>
void expect_round_trip(const Frame& frame) {
  const auto header = decode_header<Header>(frame);
  if (!header.has_value()) {
    // Recordings contain requests sent without their fields or with bad ones, to see what happens.
    EXPECT_TRUE(header.error().message().starts_with("the custom field <")) << header.error().message();
    return;
  }
  std::set<std::string> known;
  boost::mp11::mp_for_each<WireMembers<Header>>(
      [&](auto descriptor) { known.insert(std::string(WireMember<decltype(descriptor)>::kName)); });
  Fields expected;
  for (const Field& field : frame.fields) {
    const bool missing = frame.serialization == Serialization::kRocketmq && field.value.empty();
    if (known.contains(std::string(field.name)) && !missing) expected[std::string(field.name)] = field.value;
  }
  io::OutBuffer out;
  FrameWriter writer(out, frame.serialization, frame.code, frame.opaque, frame.flag);
  encode_header(*header, writer);
  writer.finish();
  const std::string bytes = flatten(out);
  Frame again;
  ASSERT_TRUE(again.decode(as_bytes(bytes)).has_value());
  Fields written;
  for (const Field& field : again.fields) written[std::string(field.name)] = field.value;
  for (const auto& [name, value] : expected) EXPECT_EQ(written[name], value) << name;
}

using RoundTrip = void (*)(const Frame&);

std::map<std::int32_t, RoundTrip> request_headers() {
  namespace c = request_code;
  return {
      {c::kSendMessage, expect_round_trip<SendMessageRequestHeader>},
      {c::kPushReplyMessageToClient, expect_round_trip<ReplyMessageRequestHeader>},
      {c::kConsumerSendMsgBack, expect_round_trip<ConsumerSendMsgBackRequestHeader>},
      {c::kRecallMessage, expect_round_trip<RecallMessageRequestHeader>},
      {c::kEndTransaction, expect_round_trip<EndTransactionRequestHeader>},
      {c::kCheckTransactionState, expect_round_trip<CheckTransactionStateRequestHeader>},
      {c::kPullMessage, expect_round_trip<PullMessageRequestHeader>},
      {c::kLitePullMessage, expect_round_trip<PullMessageRequestHeader>},
      {c::kQueryMessage, expect_round_trip<QueryMessageRequestHeader>},
      {c::kViewMessageById, expect_round_trip<ViewMessageRequestHeader>},
      {c::kPopMessage, expect_round_trip<PopMessageRequestHeader>},
      {c::kAckMessage, expect_round_trip<AckMessageRequestHeader>},
      {c::kPeekMessage, expect_round_trip<PeekMessageRequestHeader>},
      {c::kChangeMessageInvisibletime, expect_round_trip<ChangeInvisibleTimeRequestHeader>},
      {c::kNotification, expect_round_trip<NotificationRequestHeader>},
      {c::kPollingInfo, expect_round_trip<PollingInfoRequestHeader>},
      {c::kUnregisterClient, expect_round_trip<UnregisterClientRequestHeader>},
      {c::kGetConsumerListByGroup, expect_round_trip<GetConsumerListByGroupRequestHeader>},
      {c::kNotifyConsumerIdsChanged, expect_round_trip<NotifyConsumerIdsChangedRequestHeader>},
      {c::kGetConsumerConnectionList, expect_round_trip<GetConsumerConnectionListRequestHeader>},
      {c::kGetProducerConnectionList, expect_round_trip<GetProducerConnectionListRequestHeader>},
      {c::kGetConsumerRunningInfo, expect_round_trip<GetConsumerRunningInfoRequestHeader>},
      {c::kConsumeMessageDirectly, expect_round_trip<ConsumeMessageDirectlyResultRequestHeader>},
      {c::kDeleteSubscriptiongroup, expect_round_trip<DeleteSubscriptionGroupRequestHeader>},
      {c::kQueryConsumerOffset, expect_round_trip<QueryConsumerOffsetRequestHeader>},
      {c::kUpdateConsumerOffset, expect_round_trip<UpdateConsumerOffsetRequestHeader>},
      {c::kSearchOffsetByTimestamp, expect_round_trip<SearchOffsetRequestHeader>},
      {c::kGetMaxOffset, expect_round_trip<GetMaxOffsetRequestHeader>},
      {c::kGetMinOffset, expect_round_trip<GetMinOffsetRequestHeader>},
      {c::kGetEarliestMsgStoretime, expect_round_trip<GetEarliestMsgStoretimeRequestHeader>},
      {c::kInvokeBrokerToResetOffset, expect_round_trip<ResetOffsetRequestHeader>},
      {c::kUpdateAndCreateTopic, expect_round_trip<CreateTopicRequestHeader>},
      {c::kUpdateAndCreateStaticTopic, expect_round_trip<CreateTopicRequestHeader>},
      {c::kDeleteTopicInBroker, expect_round_trip<DeleteTopicRequestHeader>},
      {c::kGetTopicConfig, expect_round_trip<GetTopicConfigRequestHeader>},
      {c::kGetTopicStatsInfo, expect_round_trip<GetTopicStatsInfoRequestHeader>},
      {c::kQueryTopicConsumeByWho, expect_round_trip<QueryTopicConsumeByWhoRequestHeader>},
      {c::kPutKvConfig, expect_round_trip<PutKVConfigRequestHeader>},
      {c::kGetKvConfig, expect_round_trip<GetKVConfigRequestHeader>},
      {c::kDeleteKvConfig, expect_round_trip<DeleteKVConfigRequestHeader>},
      {c::kGetKvlistByNamespace, expect_round_trip<GetKVListByNamespaceRequestHeader>},
      {c::kRegisterBroker, expect_round_trip<RegisterBrokerRequestHeader>},
      {c::kUnregisterBroker, expect_round_trip<UnRegisterBrokerRequestHeader>},
      {c::kGetRouteinfoByTopic, expect_round_trip<GetRouteInfoRequestHeader>},
      {c::kWipeWritePermOfBroker, expect_round_trip<WipeWritePermOfBrokerRequestHeader>},
      {c::kAddWritePermOfBroker, expect_round_trip<AddWritePermOfBrokerRequestHeader>},
      {c::kDeleteTopicInNamesrv, expect_round_trip<DeleteTopicFromNamesrvRequestHeader>},
      {c::kQueryDataVersion, expect_round_trip<QueryDataVersionRequestHeader>},
      {c::kGetBrokerMemberGroup, expect_round_trip<GetBrokerMemberGroupRequestHeader>},
      {c::kGetConsumeStats, expect_round_trip<GetConsumeStatsRequestHeader>},
      {c::kViewBrokerStatsData, expect_round_trip<ViewBrokerStatsDataRequestHeader>},
      {c::kGetBrokerConsumeStats, expect_round_trip<GetConsumeStatsInBrokerHeader>},
      {c::kQueryConsumeQueue, expect_round_trip<QueryConsumeQueueRequestHeader>},
  };
}

std::map<std::int32_t, RoundTrip> response_headers() {
  namespace c = request_code;
  return {
      {c::kSendMessage, expect_round_trip<SendMessageResponseHeader>},
      {c::kSendMessageV2, expect_round_trip<SendMessageResponseHeader>},
      {c::kSendBatchMessage, expect_round_trip<SendMessageResponseHeader>},
      {c::kPullMessage, expect_round_trip<PullMessageResponseHeader>},
      {c::kLitePullMessage, expect_round_trip<PullMessageResponseHeader>},
      {c::kPopMessage, expect_round_trip<PopMessageResponseHeader>},
      {c::kChangeMessageInvisibletime, expect_round_trip<ChangeInvisibleTimeResponseHeader>},
      {c::kQueryConsumerOffset, expect_round_trip<QueryConsumerOffsetResponseHeader>},
      {c::kSearchOffsetByTimestamp, expect_round_trip<SearchOffsetResponseHeader>},
      {c::kGetMaxOffset, expect_round_trip<GetMaxOffsetResponseHeader>},
      {c::kGetEarliestMsgStoretime, expect_round_trip<GetEarliestMsgStoretimeResponseHeader>},
      {c::kGetAllTopicConfig, expect_round_trip<GetAllTopicConfigResponseHeader>},
      {c::kRegisterBroker, expect_round_trip<RegisterBrokerResponseHeader>},
      {c::kGetKvConfig, expect_round_trip<GetKVConfigResponseHeader>},
      {c::kWipeWritePermOfBroker, expect_round_trip<WipeWritePermOfBrokerResponseHeader>},
      {c::kAddWritePermOfBroker, expect_round_trip<AddWritePermOfBrokerResponseHeader>},
      {c::kQueryDataVersion, expect_round_trip<QueryDataVersionResponseHeader>},
      {c::kGetBrokerConfig, expect_round_trip<GetBrokerConfigResponseHeader>},
  };
}

TEST(HeaderGolden, TypedHeadersRoundTrip) {
  if (golden_frame_files().empty()) GTEST_SKIP() << "no recorded frames under " << golden_frame_directories();
  const auto requests = request_headers();
  const auto responses = response_headers();
  Frame frame;
  std::size_t checked = 0;
  for_each_golden_frame([&](const GoldenFrame& golden) {
    SCOPED_TRACE(golden.where);
    ASSERT_TRUE(frame.decode(as_bytes(golden.raw)).has_value());
    const auto& table = frame.is_response() ? responses : requests;
    const auto found = table.find(frame.is_response() ? golden.request_code : frame.code);
    if (found == table.end() || (frame.is_response() && frame.code != response_code::kSuccess)) return;
    found->second(frame);
    ++checked;
  });
  EXPECT_GT(checked, 50u);
}

TEST(HeaderGolden, SendRequestsRoundTrip) {
  if (golden_frame_files().empty()) GTEST_SKIP() << "no recorded frames under " << golden_frame_directories();
  Frame frame;
  for_each_golden_frame([&](const GoldenFrame& golden) {
    SCOPED_TRACE(golden.where);
    ASSERT_TRUE(frame.decode(as_bytes(golden.raw)).has_value());
    if (frame.is_response() || !has_short_send_fields(frame.code)) return;
    const auto header = decode_send_header(frame);
    ASSERT_TRUE(header.has_value()) << header.error().message();
    io::OutBuffer out;
    FrameWriter writer(out, frame.serialization, frame.code, frame.opaque, frame.flag);
    encode_send_header_v2(*header, writer);
    writer.finish();
    const std::string bytes = flatten(out);
    Frame again;
    ASSERT_TRUE(again.decode(as_bytes(bytes)).has_value());
    for (const Field& field : frame.fields) {
      const bool signature = field.name.size() > 1;
      if (signature) continue;
      if (field.value.empty() && frame.serialization == Serialization::kRocketmq) continue;
      EXPECT_EQ(again.find(field.name), field.value) << field.name;
    }
  });
}

}  // namespace
}  // namespace ogive::protocol
