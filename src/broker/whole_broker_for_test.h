#pragma once
// What tests of whole brokers share: a broker's process on a simulated node, requests and answers.

#include <gtest/gtest.h>

#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "base/settings/settings.h"
#include "protocol/json.h"
#include "remoting/client.h"
#include "testing/sim_node.h"

namespace ogive::broker {

class Broker;

/// An answer, copied out of its frame.
struct Reply {
  std::int32_t code = -1;  ///< -1: there was none, see remark.
  std::string remark;
  std::string body;
  std::map<std::string, std::string> fields;

  std::string field(const std::string& name) const {
    const auto found = fields.find(name);
    return found == fields.end() ? "(absent)" : found->second;
  }
  template <class Body>
  Body as() const {
    auto read = protocol::from_json<Body>(as_bytes(body));
    EXPECT_TRUE(read.has_value()) << body << (read ? "" : read.error().message());
    return read ? std::move(*read) : Body{};
  }
};
Reply copy_reply(const Result<const protocol::Frame*>& frame);

/// A broker's process: what the node's program owns.
struct TestBroker {
  explicit TestBroker(const settings::Machine& machine);
  ~TestBroker();
  settings::Settings settings;
  std::unique_ptr<Broker> broker;
  std::string refusal;  ///< Why it was not opened; then broker is null.
};
/// Opens and starts one on the node, with `wanted` before settings that keep its store small. Inside the node's
/// program.
std::shared_ptr<TestBroker> start_broker(sim::SimNode& node, const std::map<std::string, std::string>& wanted,
                                         const settings::Machine& machine = {});

/// As by a signal; the node is down then.
void stop_in_order(sim::SimNode& node, Broker& broker);

using RequestFields = std::initializer_list<std::pair<const char*, std::string>>;
remoting::Message test_request(std::int32_t code, RequestFields fields = {}, std::string body = {});

struct TopicShape {
  int queues = 1;
  std::string order = "false";
  std::string attributes;
};
remoting::Message topic_request(const std::string& topic, const TopicShape& shape = {});
remoting::Message send_request(const std::string& topic, int queue, const std::string& body,
                               const std::string& properties = {}, int queues_if_new = 4);
/// Up to 32 messages of any tag, for group G.
remoting::Message pull_request(const std::string& topic, int queue, std::int64_t offset, std::int64_t suspend_ms = 0);
remoting::Message group_request(const std::string& group);
remoting::Message commit_request(const std::string& group, const std::string& topic, int queue, std::int64_t offset);
remoting::Message committed_request(const std::string& group, const std::string& topic, int queue);

}  // namespace ogive::broker
