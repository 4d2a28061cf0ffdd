#include "admin/cluster.h"

namespace ogive::admin {

using client::Done;
using client::Reply;

Result<Reply> Cluster::call(std::string_view address, remoting::Message request, std::optional<Milliseconds> timeout) {
  return wait<Reply>([&](Done<Reply> done) {
    if (timeout) return client_.call(address, std::move(request), *timeout, std::move(done));
    client_.call(address, std::move(request), std::move(done));
  });
}

Result<Reply> Cluster::ask(std::string_view address, remoting::Message request, std::optional<Milliseconds> timeout) {
  auto reply = call(address, std::move(request), timeout);
  if (reply && !reply->ok()) return fail(reply->refusal());
  return reply;
}

Result<Reply> Cluster::ask_name_server(remoting::Message request) {
  auto reply = wait<Reply>([&](Done<Reply> done) { client_.call_name_server(std::move(request), std::move(done)); });
  if (reply && !reply->ok()) return fail(reply->refusal());
  return reply;
}

Status Cluster::ask_every_name_server(const remoting::Message& request) {
  if (name_servers().empty()) OGIVE_TRY(ask_name_server(request));
  for (const client::HostPort& server : name_servers()) OGIVE_TRY(ask(server.text(), request));
  return {};
}

Result<protocol::TopicRouteData> Cluster::route(std::string_view topic) {
  return wait<protocol::TopicRouteData>([&](auto done) { client_.route(topic, std::move(done)); });
}

Result<protocol::ClusterInfo> Cluster::info() {
  return wait<protocol::ClusterInfo>([&](auto done) { client_.cluster(std::move(done)); });
}

Result<client::SendResult> Cluster::send(std::string_view address, client::OutgoingMessage message) {
  return wait<client::SendResult>([&](auto done) { client_.send(address, std::move(message), std::move(done)); });
}

Result<client::PullResult> Cluster::pull(std::string_view address, const client::PullRequest& request) {
  return wait<client::PullResult>([&](auto done) { client_.pull(address, request, std::move(done)); });
}

void Cluster::pause(Milliseconds span) {
  waiter_.run([&](io::Task finished) { executor_.run_after(span, std::move(finished)); });
}

}  // namespace ogive::admin
