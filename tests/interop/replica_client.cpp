// Ogive's own client beside masters and slaves that are killed under it, with the
// command line of ReplicaMain.java, so that the deployment modes can be shown without
// any other toolchain (modes.sh --small). The topic is there already. What each task
// writes and prints is said there. One of
//
//   replica_client send --namesrv N --topic T --acks FILE --others FILE
//       --stop-file FILE [--threads N] [--first-thread N] [--pause MS]
//   replica_client consume --namesrv N --topic T --group G --out FILE
//   replica_client read --namesrv N --topic T --acks FILE [--broker B]
//   replica_client watch --namesrv N --topic T --group G --out FILE
//
// `watch` asks every master and slave five times a second and writes a line for each
// queue: address, queue, the group's offset there (-1: none), the queue's end; or
// "address down" when it does not answer or is no longer in the route.

#include <fmt/core.h>
#include <fmt/ostream.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <random>
#include <semaphore>
#include <set>
#include <sstream>
#include <thread>
#include <tuple>

#include "admin/cluster.h"
#include "admin/reset_offset.h"
#include "client/route.h"
#include "io/epoll_network.h"
#include "io/epoll_reactor.h"
#include "protocol/codes.h"
#include "protocol/headers/offset.h"

namespace ogive {
namespace {

using Options = std::map<std::string, std::string>;

std::string option(const Options& options, const std::string& name, const std::string& otherwise) {
  const auto found = options.find(name);
  return found == options.end() ? otherwise : found->second;
}

/// Blocking calls from the thread that made it.
class OwnClient final : private admin::Waiter {
 public:
  explicit OwnClient(std::vector<client::HostPort> name_servers)
      : reactor_("client"),
        client_(network_, reactor_, options_for(std::move(name_servers))),
        cluster_(client_, *this, reactor_) {
    thread_ = std::thread([this] { reactor_.run(); });
  }
  ~OwnClient() override {
    reactor_.stop();
    thread_.join();
  }

  admin::Cluster& cluster() { return cluster_; }

  /// The topic's route, asked anew twice a second; the last one known when no name server answers.
  const protocol::TopicRouteData& route(const std::string& topic) {
    if (cluster_.monotonic_ms() - asked_ms_ < 500 && asked_ms_ != 0) return route_;
    asked_ms_ = cluster_.monotonic_ms();
    if (auto route = cluster_.route(topic)) route_ = std::move(*route);
    return route_;
  }
  void ask_route_again() { asked_ms_ = 0; }

 private:
  static client::ClientOptions options_for(std::vector<client::HostPort> name_servers) {
    client::ClientOptions options;
    options.name_servers = std::move(name_servers);
    options.timeout = Milliseconds(5'000);
    options.seed = std::random_device{}();
    return options;
  }
  void run(std::move_only_function<void(io::Task finished)> start) override {
    const auto finished = std::make_shared<std::binary_semaphore>(0);
    reactor_.post([&start, finished] { start([finished] { finished->release(); }); });
    finished->acquire();
  }

  io::EpollReactor reactor_;
  io::EpollNetwork network_;
  client::Client client_;
  admin::Cluster cluster_;
  std::thread thread_;
  protocol::TopicRouteData route_;
  std::int64_t asked_ms_ = 0;
};

std::string text_of(const message::RecordView& record) {
  return {reinterpret_cast<const char*>(record.body.data()), record.body.size()};
}

// ---- send ----

/// What all sending threads share.
struct Book {
  std::ofstream acks;
  std::ofstream others;
  std::map<std::string, int> counts;
  std::mutex mutex;
};

/// One sending thread's choice of queues: in turn, those of a broker that failed not for a while.
class Turn {
 public:
  explicit Turn(std::size_t first) : next_(first) {}
  std::optional<client::QueueAt> take(std::vector<client::QueueAt> queues, std::int64_t now_ms) {
    if (now_ms < avoided_until_ms_) {
      std::vector<client::QueueAt> others;
      std::ranges::copy_if(queues, std::back_inserter(others), [&](const auto& at) { return at.address != avoided_; });
      if (!others.empty()) queues = std::move(others);
    }
    if (queues.empty()) return {};
    return queues[next_++ % queues.size()];
  }
  void avoid(std::string address, std::int64_t until_ms) {
    avoided_ = std::move(address);
    avoided_until_ms_ = until_ms;
  }

 private:
  std::size_t next_;
  std::string avoided_;
  std::int64_t avoided_until_ms_ = 0;
};

/// Sends one message and notes what became of it; returns whether the broker answered.
bool send_one(OwnClient& own, const std::string& topic, const std::string& id, Turn& turn, Book& book) {
  const auto at = turn.take(client::queues_to_write(own.route(topic), topic), own.cluster().monotonic_ms());
  Result<client::SendResult> sent = fail(Errc::kNotFound, "no queue");
  if (at) {
    client::OutgoingMessage message;
    message.topic = topic;
    message.queue_id = at->queue.queue_id;
    message.body = id;
    sent = own.cluster().send(at->address, std::move(message));
    if (!sent) turn.avoid(at->address, own.cluster().monotonic_ms() + 3'000);
  }
  const std::lock_guard lock(book.mutex);
  if (!sent) {
    ++book.counts["error"];
    return false;
  }
  const std::string_view status = to_string(sent->status);
  ++book.counts[std::string(status)];
  const std::string& broker = at->queue.broker_name;
  if (sent->status == client::SendStatus::kOk) {
    fmt::print(book.acks, "{} {} {} {}\n", id, broker, sent->queue_id, sent->queue_offset);
    book.acks.flush();
  } else {
    fmt::print(book.others, "{} {} {} {} {}\n", status, broker, id, sent->queue_id, sent->queue_offset);
    book.others.flush();
  }
  return true;
}

void send(const std::vector<client::HostPort>& name_servers, const Options& options) {
  Book book;
  book.acks.open(options.at("--acks"));
  book.others.open(options.at("--others"));
  const Milliseconds pause(std::stoi(option(options, "--pause", "1")));  // A steady stream, not a load test.
  const int first = std::stoi(option(options, "--first-thread", "0"));
  std::vector<std::jthread> threads;
  for (int i = first; i < first + std::stoi(option(options, "--threads", "2")); ++i) {
    threads.emplace_back([&, i] {
      OwnClient own(name_servers);
      Turn turn(static_cast<std::size_t>(i));
      for (std::size_t n = 0; !std::filesystem::exists(options.at("--stop-file")); ++n) {
        const bool answered = send_one(own, options.at("--topic"), fmt::format("{}-{}", i, n), turn, book);
        if (!answered) own.ask_route_again();
        own.cluster().pause(answered ? pause : Milliseconds(50));
      }
    });
  }
  threads.clear();
  std::string counts;
  for (const auto& [what, count] : book.counts)
    counts += fmt::format("{}{}={}", counts.empty() ? "" : ", ", what, count);
  fmt::print("sent {{{}}}\n", counts);
}

// ---- consume ----

class Consumer {
 public:
  Consumer(OwnClient& own, const Options& options)
      : own_(own), topic_(options.at("--topic")), group_(options.at("--group")), out_(options.at("--out")) {}

  /// One look into every queue; returns whether there was anything.
  bool look() {
    bool any = false;
    for (const client::QueueAt& at : client::queues_to_read(own_.route(topic_), topic_)) any |= look_into(at);
    return any;
  }

 private:
  bool look_into(const client::QueueAt& at) {
    auto& offset = offsets_[at.queue];
    if (!offset) offset = begin(at);
    if (!offset) return false;
    client::PullRequest request;
    request.consumer_group = group_;
    request.topic = topic_;
    request.queue_id = at.queue.queue_id;
    request.offset = *offset;
    request.commit_offset = *offset;
    const auto pulled = own_.cluster().pull(at.address, request);
    if (!pulled) {
      own_.ask_route_again();
      return false;
    }
    if (pulled->status == client::PullStatus::kOffsetIllegal) offset = pulled->next_offset;
    const auto records = pulled->records();
    if (!records) return false;
    for (const message::RecordView& record : *records) {
      fmt::print(out_, "{} {} {} {}\n", text_of(record), at.queue.broker_name, record.queue_id, record.queue_offset);
      offset = record.queue_offset + 1;
    }
    out_.flush();
    return !records->empty();
  }

  /// What the broker remembers of the group; the queue's first offset when it remembers nothing.
  std::optional<std::int64_t> begin(const client::QueueAt& at) {
    const protocol::QueryConsumerOffsetRequestHeader header{group_, topic_, at.queue.queue_id, {}};
    const auto reply =
        own_.cluster().call(at.address, client::make_request(protocol::request_code::kQueryConsumerOffset, header));
    if (!reply) return {};
    if (reply->ok()) {
      if (const auto known = reply->header<protocol::QueryConsumerOffsetResponseHeader>()) return known->offset;
    }
    const auto first = admin::min_offset(own_.cluster(), at.address, at.queue);
    return first ? std::optional(*first) : std::nullopt;
  }

  OwnClient& own_;
  const std::string topic_;
  const std::string group_;
  std::ofstream out_;
  std::map<protocol::MessageQueue, std::optional<std::int64_t>> offsets_;
};

void consume(const std::vector<client::HostPort>& name_servers, const Options& options) {
  OwnClient own(name_servers);
  Consumer consumer(own, options);
  while (true) {
    if (!consumer.look()) own.cluster().pause(Milliseconds(20));
  }
}

// ---- watch ----

Result<std::int64_t> committed(admin::Cluster& cluster, const client::QueueAt& at, const std::string& group) {
  const protocol::QueryConsumerOffsetRequestHeader header{group, at.queue.topic, at.queue.queue_id, {}};
  const auto reply = cluster.call(
      at.address, client::make_request(protocol::request_code::kQueryConsumerOffset, header), Milliseconds(500));
  if (!reply) return fail(reply.error());
  if (!reply->ok()) return -1;
  const auto known = reply->header<protocol::QueryConsumerOffsetResponseHeader>();
  if (!known) return fail(known.error());
  return known->offset;
}

void watch(const std::vector<client::HostPort>& name_servers, const Options& options) {
  OwnClient own(name_servers);
  const std::string& topic = options.at("--topic");
  std::ofstream out(options.at("--out"));
  std::set<std::string> before;  // Who was in the route; a broker that died is not.
  while (true) {
    const protocol::TopicRouteData route = own.route(topic);
    std::set<std::string> there;
    for (const auto& broker : route.broker_datas) {
      for (const auto& [id, address] : broker.broker_addrs) there.insert(address);
    }
    for (const std::string& address : before) {
      if (!there.contains(address)) fmt::print(out, "{} down\n", address);
    }
    before = std::move(there);
    for (const auto& broker : route.broker_datas) {
      for (const auto& [id, address] : broker.broker_addrs) {
        for (const auto& queues : route.queue_datas) {
          if (queues.broker_name != broker.broker_name) continue;
          for (std::int32_t queue = 0; queue < queues.read_queue_nums; ++queue) {
            const client::QueueAt at{{topic, broker.broker_name, queue}, address};
            const auto offset = committed(own.cluster(), at, options.at("--group"));
            const auto end = offset ? admin::max_offset(own.cluster(), address, at.queue) : offset;
            if (!end) {
              fmt::print(out, "{} down\n", address);
              break;
            }
            fmt::print(out, "{} {} {} {}\n", address, queue, *offset, *end);
          }
        }
      }
    }
    out.flush();
    own.cluster().pause(Milliseconds(200));
  }
}

// ---- read ----

using Place = std::tuple<std::string, std::int32_t, std::int64_t>;  ///< Broker, queue, offset.

/// What the masters have of the topic.
struct Stored {
  std::map<Place, std::string> ids;
  int out_of_order = 0;  ///< Of acknowledged messages of one thread in one queue.
};

Status read_queue(admin::Cluster& cluster, const client::QueueAt& at, const std::map<Place, std::string>& acknowledged,
                  Stored& stored) {
  const auto first = admin::min_offset(cluster, at.address, at.queue);
  const auto end = admin::max_offset(cluster, at.address, at.queue);
  if (!first || !end) return fail((first ? end : first).error());
  std::map<std::string, long> last;
  for (std::int64_t offset = *first; offset < *end;) {
    client::PullRequest request;
    request.topic = at.queue.topic;
    request.queue_id = at.queue.queue_id;
    request.offset = offset;
    const auto pulled = cluster.pull(at.address, request);
    if (!pulled) return fail(pulled.error());
    const auto records = pulled->records();
    if (!records) return fail(records.error());
    if (records->empty()) return fail(Errc::kCorrupt, fmt::format("nothing at {} of {}", offset, *end));
    for (const message::RecordView& record : *records) {
      if (record.queue_offset != offset++)
        return fail(Errc::kCorrupt, fmt::format("{} at {}", record.queue_offset, offset - 1));
      const Place place{at.queue.broker_name, at.queue.queue_id, record.queue_offset};
      const std::string id = text_of(record);
      stored.ids[place] = id;
      if (!acknowledged.contains(place)) continue;
      const std::size_t dash = id.find('-');
      const long number = std::stol(id.substr(dash + 1));
      const auto [before, is_new] = last.try_emplace(id.substr(0, dash), number);
      if (!is_new && before->second > number) ++stored.out_of_order;
      before->second = number;
    }
  }
  return {};
}

Result<Stored> read_all(admin::Cluster& cluster, const std::string& topic, const std::string& broker,
                        const std::map<Place, std::string>& acknowledged) {
  const auto route = cluster.route(topic);
  if (!route) return fail(route.error());
  Stored stored;
  for (const client::QueueAt& at : client::queues_to_write(*route, topic)) {
    if (broker.empty() || broker == at.queue.broker_name) OGIVE_TRY(read_queue(cluster, at, acknowledged, stored));
  }
  return stored;
}

std::map<Place, std::string> acknowledged_in(const std::string& path, const std::string& broker) {
  std::map<Place, std::string> acknowledged;
  std::ifstream lines(path);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string id;
    Place place;
    words >> id >> std::get<0>(place) >> std::get<1>(place) >> std::get<2>(place);
    if (broker.empty() || broker == std::get<0>(place)) acknowledged[place] = id;
  }
  return acknowledged;
}

int read(const std::vector<client::HostPort>& name_servers, const Options& options) {
  OwnClient own(name_servers);
  const std::string broker = option(options, "--broker", "");
  const auto acknowledged = acknowledged_in(options.at("--acks"), broker);
  const auto stored = read_all(own.cluster(), options.at("--topic"), broker, acknowledged);
  if (!stored) {
    fmt::print(stderr, "{}\n", stored.error().message());
    return 1;
  }
  int wrong = 0;
  for (const auto& [place, id] : acknowledged) {
    const auto found = stored->ids.find(place);
    if (found != stored->ids.end() && found->second == id) continue;
    if (wrong++ < 10) {
      fmt::print("acknowledged {} {} {} {}: {} there\n", id, std::get<0>(place), std::get<1>(place), std::get<2>(place),
                 found == stored->ids.end() ? "nothing" : found->second);
    }
  }
  fmt::print("acknowledged {}, stored {}, lost or misplaced {}, out of order {}\n", acknowledged.size(),
             stored->ids.size(), wrong, stored->out_of_order);
  return wrong == 0 && stored->out_of_order == 0 && !acknowledged.empty() ? 0 : 1;
}

int run(int argc, char** argv) {
  Options options;
  for (int i = 2; i + 1 < argc; i += 2) options[argv[i]] = argv[i + 1];
  const auto name_servers = client::parse_address_list(options["--namesrv"]);
  const std::string task = argc > 1 ? argv[1] : "";
  if (name_servers && task == "read") return read(*name_servers, options);
  for (const auto& [name, perform] :
       {std::pair("send", &send), std::pair("consume", &consume), std::pair("watch", &watch)}) {
    if (!name_servers || task != name) continue;
    perform(*name_servers, options);
    return 0;
  }
  fmt::print(stderr, "usage: replica_client send|consume|read|watch --namesrv N --topic T …\n");
  return 2;
}

}  // namespace
}  // namespace ogive

int main(int argc, char** argv) {
  return ogive::run(argc, argv);
}
