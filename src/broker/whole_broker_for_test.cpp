#include "broker/whole_broker_for_test.h"

#include "broker/broker.h"
#include "protocol/codes.h"
#include "testing/sim_world.h"

namespace ogive::broker {

namespace request_code = protocol::request_code;

Reply copy_reply(const Result<const protocol::Frame*>& frame) {
  Reply reply;
  if (!frame) {
    reply.remark = frame.error().message();
    return reply;
  }
  reply.code = (*frame)->code;
  reply.remark = (*frame)->remark;
  reply.body = as_chars((*frame)->body);
  for (const auto& field : (*frame)->fields) reply.fields[std::string(field.name)] = field.value;
  return reply;
}

TestBroker::TestBroker(const settings::Machine& machine) : settings(settings::broker_scopes(), machine) {}
TestBroker::~TestBroker() = default;

std::shared_ptr<TestBroker> start_broker(sim::SimNode& node, const std::map<std::string, std::string>& wanted,
                                         const settings::Machine& machine) {
  std::map<std::string, std::string> all = wanted;
  all.insert({{"brokerName", "broker-a"},
              {"storePathRootDir", "/store"},
              {"storePathCommitLog", "/store/commitlog"},
              {"brokerIP1", node.endpoint().host()},
              {"brokerIP2", node.endpoint().host()},
              {"mappedFileSizeCommitLog", "4194304"},
              {"mappedFileSizeConsumeQueue", "6000"}});
  auto process = std::make_shared<TestBroker>(machine);
  for (const auto& [key, value] : all) process->settings.assign(key, value);
  auto opened = Broker::open({node.network(), node.reactors(), node.tasks(), node.files(), node.clock(), node.flusher(),
                              node.background(), node.background()},
                             process->settings);
  if (!opened) {
    process->refusal = opened.error().message();
    return process;
  }
  process->broker = std::move(*opened);
  EXPECT_TRUE(process->broker->start().has_value());
  return process;
}

void stop_in_order(sim::SimNode& node, Broker& broker) {
  constexpr Milliseconds kPatience{20'000};
  sim::SimWorld& world = node.world();
  bool stopped = false;
  node.reactor().post([&] { broker.stop([&] { stopped = true; }); });
  ASSERT_TRUE(world.run_until([&] { return stopped; }, kPatience));
  node.background().run_here([&] { broker.stop_delivery(); });
  bool closed = false;
  node.exit([&] {
    const Status status = broker.close();
    EXPECT_TRUE(status) << status.error().message();
    closed = true;
  });
  ASSERT_TRUE(world.run_until([&] { return closed; }, kPatience));
}

remoting::Message test_request(std::int32_t code, RequestFields fields, std::string body) {
  remoting::Message message(code);
  for (const auto& [name, value] : fields) message.field(name, std::string_view(value));
  message.body = std::move(body);
  return message;
}

remoting::Message topic_request(const std::string& topic, const TopicShape& shape) {
  remoting::Message message =
      test_request(request_code::kUpdateAndCreateTopic, {{"topic", topic},
                                                         {"defaultTopic", "TBW102"},
                                                         {"readQueueNums", std::to_string(shape.queues)},
                                                         {"writeQueueNums", std::to_string(shape.queues)},
                                                         {"perm", "6"},
                                                         {"topicFilterType", "SINGLE_TAG"},
                                                         {"topicSysFlag", "0"},
                                                         {"order", shape.order}});
  if (!shape.attributes.empty()) message.field("attributes", std::string_view(shape.attributes));
  return message;
}

remoting::Message send_request(const std::string& topic, int queue, const std::string& body,
                               const std::string& properties, int queues_if_new) {
  return test_request(request_code::kSendMessage,
                      {{"producerGroup", "P"},
                       {"topic", topic},
                       {"defaultTopic", "TBW102"},
                       {"defaultTopicQueueNums", std::to_string(queues_if_new)},
                       {"queueId", std::to_string(queue)},
                       {"sysFlag", "0"},
                       {"bornTimestamp", "1700000000000"},
                       {"flag", "0"},
                       {"properties", properties}},
                      body);
}

remoting::Message pull_request(const std::string& topic, int queue, std::int64_t offset, std::int64_t suspend_ms) {
  return test_request(request_code::kPullMessage, {{"consumerGroup", "G"},
                                                   {"topic", topic},
                                                   {"queueId", std::to_string(queue)},
                                                   {"queueOffset", std::to_string(offset)},
                                                   {"maxMsgNums", "32"},
                                                   {"sysFlag", suspend_ms > 0 ? "6" : "4"},
                                                   {"commitOffset", "0"},
                                                   {"suspendTimeoutMillis", std::to_string(suspend_ms)},
                                                   {"subscription", "*"},
                                                   {"subVersion", "0"},
                                                   {"expressionType", "TAG"}});
}

remoting::Message group_request(const std::string& group) {
  return test_request(request_code::kUpdateAndCreateSubscriptiongroup, {}, R"({"groupName":")" + group + R"("})");
}

remoting::Message commit_request(const std::string& group, const std::string& topic, int queue, std::int64_t offset) {
  return test_request(request_code::kUpdateConsumerOffset, {{"consumerGroup", group},
                                                            {"topic", topic},
                                                            {"queueId", std::to_string(queue)},
                                                            {"commitOffset", std::to_string(offset)}});
}

remoting::Message committed_request(const std::string& group, const std::string& topic, int queue) {
  return test_request(request_code::kQueryConsumerOffset,
                      {{"consumerGroup", group}, {"topic", topic}, {"queueId", std::to_string(queue)}});
}

}  // namespace ogive::broker
