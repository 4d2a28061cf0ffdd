#include "client/client.h"

#include <fmt/core.h>

#include "protocol/codes.h"
#include "protocol/headers/namesrv.h"

namespace ogive::client {

namespace code = protocol::request_code;

/// A request on its way through the name servers.
struct Client::Round {
  remoting::Message request;
  Done<Reply> done;
  std::size_t tried = 0;
};

Client::Client(io::Network& network, io::Executor& executor, ClientOptions options, const remoting::HandlerTable* table)
    : network_(network),
      executor_(executor),
      options_(std::move(options)),
      unique_ids_(network.local_addresses(), options_.seed, executor.clock()),
      remoting_(network, executor, options_.remoting, table) {}

Client::~Client() {
  *alive_ = false;
}

void Client::with_endpoint(const HostPort& address, Done<io::Endpoint> use) {
  if (const auto endpoint = io::Endpoint::parse(address.text())) return use(*endpoint);
  network_.resolve(
      executor_, address.host, address.port,
      [alive = alive_, address, use = std::move(use)](Result<std::vector<io::Endpoint>> found) mutable {
        if (!*alive) return;
        if (found && !found->empty()) return use(found->front());
        use(fail(Errc::kNotFound, fmt::format("the host of {} cannot be looked up: {}", address.text(),
                                              found ? std::string("it has no address") : found.error().message())));
      });
}

void Client::request(const io::Endpoint& remote, std::string address, remoting::Message message, Milliseconds timeout,
                     Done<Reply> done) {
  remoting_.request(
      remote, std::move(message), timeout,
      [address = std::move(address), done = std::move(done)](Result<const protocol::Frame*> frame) mutable {
        if (frame) return done(Reply::copy_of(**frame, std::move(address)));
        done(fail(frame.error().code(), fmt::format("{}: {}", address, frame.error().message())));
      });
}

void Client::send_to(const HostPort& address, remoting::Message message, Milliseconds timeout, Done<Reply> done) {
  with_endpoint(address, [this, name = address.text(), message = std::move(message), timeout,
                          done = std::move(done)](Result<io::Endpoint> endpoint) mutable {
    if (!endpoint) return done(fail(std::move(endpoint).error()));
    request(*endpoint, std::move(name), std::move(message), timeout, std::move(done));
  });
}

void Client::call(std::string_view address, remoting::Message message, Done<Reply> done) {
  call(address, std::move(message), options_.timeout, std::move(done));
}

void Client::call(std::string_view address, remoting::Message message, Milliseconds timeout, Done<Reply> done) {
  auto target = parse_host_port(address);
  if (target) return send_to(*target, std::move(message), timeout, std::move(done));
  executor_.post([alive = alive_, error = std::move(target).error(), done = std::move(done)]() mutable {
    if (*alive) done(fail(std::move(error)));
  });
}

void Client::call_one_way(std::string_view address, remoting::Message message) {
  const auto target = parse_host_port(address);
  if (!target) return;
  with_endpoint(*target, [this, message = std::move(message)](Result<io::Endpoint> endpoint) mutable {
    if (endpoint) remoting_.request_one_way(*endpoint, std::move(message));
  });
}

void Client::call_name_server(remoting::Message message, Done<Reply> done) {
  auto round = std::make_shared<Round>(std::move(message), std::move(done));
  if (!options_.name_servers.empty()) return next_name_server(std::move(round));
  executor_.post([alive = alive_, round] {
    if (*alive) {
      round->done(fail(Errc::kInvalidArgument, "no name server is known; give -n host:port or set NAMESRV_ADDR"));
    }
  });
}

void Client::next_name_server(std::shared_ptr<Round> round) {
  const auto& servers = options_.name_servers;
  send_to(servers[current_name_server_ % servers.size()], round->request, options_.timeout,
          [this, round](Result<Reply> reply) {
            if (reply || ++round->tried >= options_.name_servers.size()) return round->done(std::move(reply));
            ++current_name_server_;
            next_name_server(round);
          });
}

void Client::route(std::string_view topic, Done<protocol::TopicRouteData> done) {
  protocol::GetRouteInfoRequestHeader header;
  header.topic = topic;
  header.accept_standard_json_only = true;
  call_name_server(make_request(code::kGetRouteinfoByTopic, header), want_json(std::move(done)));
}

void Client::cluster(Done<protocol::ClusterInfo> done) {
  call_name_server(remoting::Message(code::kGetBrokerClusterInfo), want_json(std::move(done)));
}

void Client::send(std::string_view address, OutgoingMessage message, Done<SendResult> done) {
  remoting::Message request = encode_send(message, unique_ids_, executor_.clock().wall_ms());
  call(address, std::move(request),
       [unique_id = message.unique_id, done = std::move(done)](Result<Reply> reply) mutable {
         if (!reply) return done(fail(std::move(reply).error()));
         done(decode_send_reply(*reply, std::move(unique_id)));
       });
}

void Client::pull(std::string_view address, const PullRequest& pull_request, Done<PullResult> done) {
  call(address, encode_pull(pull_request), options_.timeout + pull_request.wait,
       [done = std::move(done)](Result<Reply> reply) mutable {
         if (!reply) return done(fail(std::move(reply).error()));
         done(decode_pull_reply(std::move(*reply)));
       });
}

}  // namespace ogive::client
