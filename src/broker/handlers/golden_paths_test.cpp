// The recorded requests whose answers depend on the messages there are: sends, pulls, messages by place or key,
// messages sent back, questions passed on to clients. Every one is asked, with our own places in it where it names one.
// The answer must be of a kind that was recorded for that request: its code, and with that code its header fields.

#include "broker/handlers/golden_exchanges_for_test.h"
#include "message/record.h"

namespace ogive::broker {
namespace {

namespace request_code = protocol::request_code;
namespace code = protocol::response_code;

class GoldenPathsTest : public GoldenFixture {
 protected:
  void SetUp() override {
    GoldenFixture::SetUp();
    const Reply stored = send("GoldenTopicJ", 0, "golden", "KEYS\x01keyB\x02UNIQ_KEY\x01unique\x02");
    ASSERT_EQ(stored.code, 0) << stored.remark;
    message_id_ = stored.field("msgId");
    const auto place = message::parse_offset_message_id(message_id_);
    ASSERT_TRUE(place.has_value());
    offset_ = std::to_string(place->physical_offset);
    world_.run_for(Milliseconds(25'000));  // The statistics have taken their readings.
  }

  /// The client that the request names is there, with the newest subscriptions, and answers what it is asked.
  void bring_online(const protocol::GoldenFrame& request) {
    const auto field = [&](const char* name) {
      const auto found = request.fields.find(name);
      return found == request.fields.end() ? std::string() : found->second;
    };
    const std::string group = field("consumerGroup");
    if (group.empty() || group.starts_with("NoSuch") || group == "TOOLS_CONSUMER") return;
    const std::string id = field("clientId").empty() ? "client of " + group : field("clientId");
    if (online_.insert(id).second) {
      for (const std::int32_t asked : {request_code::kGetConsumerRunningInfo, request_code::kConsumeMessageDirectly}) {
        client(id).table.add({asked, "TEST", remoting::Lane::kReactor, remoting::Answer([](const remoting::Request&) {
                                remoting::Message answer(code::kSuccess);
                                answer.body = R"({"properties":{}})";
                                return answer;
                              })});
      }
    }
    const std::string topic = field("topic").empty() ? "GoldenTopicJ" : field("topic");
    const Reply beat = ask(
        id, BrokerFixture::request(
                request_code::kHeartBeat, {},
                R"({"clientID":")" + id +
                    R"(","consumerDataSet":[{"consumeFromWhere":"CONSUME_FROM_LAST_OFFSET",)"
                    R"("consumeType":"CONSUME_PASSIVELY","groupName":")" +
                    group + R"(","messageModel":"CLUSTERING","subscriptionDataSet":[{"topic":")" + topic +
                    R"(","subString":"*","expressionType":"TAG","subVersion":9000000000000,"classFilterMode":false}],)"
                    R"("unitMode":false}],"producerDataSet":[]})"));
    ASSERT_EQ(beat.code, 0) << beat.remark;
  }

  /// The request as it was recorded, but for the values that name a place or a time where they led to something.
  std::string request_bytes(const Exchange& exchange) const {
    const protocol::GoldenFrame& golden = exchange.request;
    if (exchange.answer.code != code::kSuccess) return golden.raw;
    std::map<std::string_view, std::string> ours;
    switch (golden.code) {
      case request_code::kViewMessageById:
      case request_code::kConsumerSendMsgBack:
        if (golden.fields.contains("offset")) ours["offset"] = offset_;
        break;
      case request_code::kConsumeMessageDirectly:
        ours["msgId"] = message_id_;
        break;
      case request_code::kQueryMessage:
        ours["endTimestamp"] = "9223372036854775807";
        break;
      default:
        return golden.raw;
    }
    protocol::Frame frame;
    EXPECT_TRUE(frame.decode(as_bytes(golden.raw)).has_value());
    io::OutBuffer out;
    protocol::FrameWriter writer(out, frame.serialization, frame.code, frame.opaque, frame.flag,
                                 {.language = frame.language, .version = frame.version});
    for (const auto& field : frame.fields) {
      const auto changed = ours.find(field.name);
      writer.field(field.name, changed == ours.end() ? field.value : std::string_view(changed->second));
    }
    writer.finish(as_chars(frame.body));
    return protocol::flatten(out);
  }

  std::string message_id_;
  std::string offset_;
  std::set<std::string> online_;
};

TEST_F(GoldenPathsTest, AnswersAreOfTheRecordedKinds) {
  using Kind = std::pair<std::int32_t, std::int32_t>;  // Request and response code.
  std::vector<Exchange> exchanges;
  std::map<Kind, std::set<std::set<std::string>>> recorded;
  for (Exchange& exchange : recorded_exchanges()) {
    const bool by_key = exchange.request.code == request_code::kQueryMessage;
    if (!depends_on_messages(exchange.request.code) && !by_key) continue;
    recorded[{exchange.request.code, exchange.answer.code}].insert(names_of(exchange.answer.fields));
    // The original stumbles where a field is missing; ours is named instead.
    if (exchange.answer.remark.find("Exception") == std::string::npos) exchanges.push_back(std::move(exchange));
  }
  std::set<Kind> seen;
  for (const Exchange& exchange : exchanges) {
    SCOPED_TRACE(exchange.request.where + " " + exchange.request.serialization);
    bring_online(exchange.request);
    const Reply reply = ask_raw(request_bytes(exchange));
    if (reply.remark.find("not serve") != std::string::npos) continue;  // Transactions and timers: said so.
    const Kind kind(exchange.request.code, reply.code);
    seen.insert(kind);
    const auto found = recorded.find(kind);
    EXPECT_NE(found, recorded.end()) << "code " << reply.code << " was never recorded: " << reply.remark
                                     << " / recorded here: " << exchange.answer.code << " " << exchange.answer.remark;
    if (found == recorded.end()) continue;
    std::string names;
    for (const std::string& name : names_of(reply.fields)) names += name + " ";
    EXPECT_TRUE(found->second.contains(names_of(reply.fields))) << reply.code << ": " << names;
  }
  // And each of them succeeds somewhere.
  for (const auto& [kind, names] : recorded) {
    if (kind.second == code::kSuccess) {
      EXPECT_TRUE(seen.contains(kind)) << kind.first;
    }
  }
}

}  // namespace
}  // namespace ogive::broker
