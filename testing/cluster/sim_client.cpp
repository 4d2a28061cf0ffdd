#include "testing/cluster/sim_client.h"

#include <charconv>

#include "protocol/codes.h"
#include "protocol/headers/namesrv.h"

namespace ogive::sim {
namespace {

constexpr Milliseconds kRouteTimeout{3'000};

remoting::ClientOptions options() {
  remoting::ClientOptions options;
  options.connect_timeout = Milliseconds(1'000);
  return options;
}

Reply copy(const protocol::Frame& frame) {
  Reply reply;
  reply.code = frame.code;
  reply.remark = frame.remark;
  for (const auto& field : frame.fields) reply.fields.emplace(field.name, field.value);
  reply.body = as_chars(frame.body);
  return reply;
}

}  // namespace

std::int64_t Reply::number(std::string_view name) const {
  const auto found = fields.find(name);
  std::int64_t value = -1;
  if (found != fields.end()) {
    std::from_chars(found->second.data(), found->second.data() + found->second.size(), value);
  }
  return value;
}

SimClient::SimClient(SimNode& node, std::vector<io::Endpoint> name_servers)
    : node_(node), name_servers_(std::move(name_servers)), client_(node.network(), node.reactor(), options()) {}

void SimClient::call(const io::Endpoint& to, remoting::Message message, Milliseconds timeout, Done done) {
  client_.request(to, std::move(message), timeout, [done = std::move(done)](Result<const protocol::Frame*> frame) {
    if (frame) {
      done(copy(**frame));
    } else {
      done(fail(std::move(frame).error()));
    }
  });
}

void SimClient::route(const std::string& topic, RouteDone done) {
  ask_name_server(topic, 0, std::move(done));
}

void SimClient::ask_name_server(const std::string& topic, std::size_t tried, RouteDone done) {
  const io::Endpoint& server = name_servers_[(favourite_ + tried) % name_servers_.size()];
  protocol::GetRouteInfoRequestHeader header;
  header.topic = topic;
  call(server, make_request(protocol::request_code::kGetRouteinfoByTopic, header), kRouteTimeout,
       [this, topic, tried, done = std::move(done)](const Result<Reply>& reply) {
         if (reply && reply->code == protocol::response_code::kSuccess) {
           favourite_ = (favourite_ + tried) % name_servers_.size();
           auto route = protocol::from_json<protocol::TopicRouteData>(reply->body);
           if (route) learn(topic, *route);
           return done(route);
         }
         if (tried + 1 < name_servers_.size()) return ask_name_server(topic, tried + 1, done);
         if (!reply) return done(fail(reply.error()));
         done(fail(Errc::kNotFound, reply->remark));
       });
}

void SimClient::learn(const std::string& topic, const protocol::TopicRouteData& route) {
  routes_[topic] = route;
  for (const auto& broker : route.broker_datas) {
    auto& members = members_[broker.broker_name];
    members.clear();
    for (const auto& [id, address] : broker.broker_addrs) {
      if (const auto endpoint = io::Endpoint::parse(address)) members[id] = *endpoint;
    }
    const auto master = broker.broker_addrs.find(0);
    if (master == broker.broker_addrs.end()) continue;
    if (const auto endpoint = io::Endpoint::parse(master->second)) brokers_[broker.broker_name] = *endpoint;
  }
}

const protocol::TopicRouteData* SimClient::known_route(const std::string& topic) const {
  const auto found = routes_.find(topic);
  return found == routes_.end() ? nullptr : &found->second;
}

const std::map<std::int64_t, io::Endpoint>& SimClient::members(const std::string& name) const {
  static const std::map<std::int64_t, io::Endpoint> none;
  const auto found = members_.find(name);
  return found == members_.end() ? none : found->second;
}

const io::Endpoint* SimClient::broker(const std::string& name) const {
  const auto found = brokers_.find(name);
  return found == brokers_.end() ? nullptr : &found->second;
}

}  // namespace ogive::sim
