// Runs each case of the instruction counts once: instruction_driver [CASE…]. Run under callgrind by
// bench/instructions/check, which reads one dump a case; prints "CASE MESSAGES" for each.

#include <cstdio>
#include <functional>
#include <span>

#include "base/check.h"
#include "bench/consume_workload.h"
#include "bench/instructions/counted.h"
#include "bench/instructions/server_load.h"
#include "broker/broker.h"
#include "io/file.h"
#include "namesrv/name_server.h"
#include "protocol/codes.h"
#include "replication/replica_writer.h"
#include "store/raw_log.h"

namespace ogive::bench {
namespace {

using protocol::Serialization;

constexpr std::uint16_t kBrokerPort = 10'911;
constexpr std::uint16_t kNameServerPort = 9'876;
constexpr unsigned kConnections = 8;
constexpr unsigned kWarmUpRounds = 12;

/// A broker on a stage.
class BrokerStage {
 public:
  BrokerStage() {
    settings_.assign("listenPort", std::to_string(kBrokerPort));
    settings_.assign("brokerIP1", "127.0.0.1");
    settings_.assign("storePathRootDir", stage.directory);
    settings_.assign("storePathCommitLog", stage.directory + "/commitlog");
    settings_.assign("mappedFileSizeCommitLog", "134217728");
    const broker::BrokerEnvironment environment{stage.network, {&stage.reactor}, stage.pool,   io::posix_file_system(),
                                                stage.clock,   stage.others,     stage.others, stage.others};
    auto opened = broker::Broker::open(environment, settings_);
    OGIVE_CHECK_MSG(opened.has_value(), "{}", opened.error().message());
    broker_ = std::move(*opened);
    OGIVE_CHECK(broker_->start().has_value());
    stage.settle();
  }

  store::MessageStore& store() { return broker_->store(); }

  Stage stage;

 private:
  settings::Settings settings_{settings::broker_scopes(), settings::Machine{}};
  std::unique_ptr<broker::Broker> broker_;
};

BenchOptions options_for(Serialization header, unsigned size, unsigned batch) {
  BenchOptions options;
  options.header = header;
  options.connections = kConnections;
  options.size = size;
  options.batch = batch;
  return options;
}

/// Messages that were moved while it was counted.
using Messages = std::uint64_t;

Messages count_rounds(ServerLoad& load, Workload& workload, unsigned rounds) {
  for (unsigned i = 0; i < rounds; ++i) load.round(workload);
  return Messages{rounds} * load.requests_per_round() * workload.messages_per_request();
}

Messages produce(Serialization header, unsigned size, unsigned batch, unsigned in_flight) {
  BrokerStage broker;
  ProduceWorkload workload(options_for(header, size, batch));
  ServerLoad load(broker.stage, kBrokerPort, kConnections, in_flight);
  load.warm_up(workload, kWarmUpRounds);
  return count_rounds(load, workload, 16);
}

Messages consume(Serialization header) {
  BrokerStage broker;
  BenchOptions options = options_for(header, 128, 32);
  options.connections = kConnections;
  options.in_flight = 4;
  ServerLoad load(broker.stage, kBrokerPort, kConnections, options.in_flight);
  ProduceWorkload messages(options);
  load.warm_up(messages, kWarmUpRounds);
  std::vector<LoadedQueue> loaded;
  for (unsigned queue = 0; queue < options.queues; ++queue) {
    loaded.push_back({0, kWarmUpRounds * load.requests_per_round() / options.queues * options.batch});
  }
  ConsumeWorkload workload(options, loaded);
  load.warm_up(workload, kWarmUpRounds);
  return count_rounds(load, workload, 16);
}

/// Registers a broker that has the topic looked up, and another: a broker's first table must not be of one topic.
RequestTemplate registration(const BenchOptions& options) {
  constexpr std::string_view kBody =
      R"({"filterServerList":[],"topicConfigSerializeWrapper":{"dataVersion":{"counter":1,"stateVersion":0,"timestamp":7},)"
      R"("topicConfigTable":{"OgiveBench":{"perm":6,"readQueueNums":4,"topicName":"OgiveBench","topicSysFlag":0,)"
      R"("writeQueueNums":4},"T2":{"perm":6,"readQueueNums":1,"topicName":"T2","topicSysFlag":0,"writeQueueNums":1}}}})";
  io::OutBuffer out;
  protocol::FrameWriter writer(out, options.header, protocol::request_code::kRegisterBroker,
                               RequestTemplate::kFirstOpaque, 0);
  writer.field("brokerName", "broker-a");
  writer.field("brokerAddr", "127.0.0.1:10911");
  writer.field("clusterName", "DefaultCluster");
  writer.field("haServerAddr", "127.0.0.1:10912");
  writer.field("brokerId", 0);
  writer.finish(kBody);
  return RequestTemplate(take_bytes(out), options.header);
}

Messages route(Serialization header) {
  Stage stage;
  const BenchOptions options = options_for(header, 0, 1);
  settings::Settings settings(settings::namesrv_scopes(), settings::Machine{});
  settings.assign("listenPort", std::to_string(kNameServerPort));
  settings.assign("kvConfigPath", stage.directory + "/kvConfig.json");
  settings.assign("configStorePath", stage.directory + "/namesrv.properties");
  io::Executor* reactors[] = {&stage.reactor};
  namesrv::NameServer server({stage.network, reactors, stage.pool, io::posix_file_system()}, settings);
  OGIVE_CHECK(server.start().has_value());
  FixedWorkload registers(registration(options));
  ServerLoad broker(stage, kNameServerPort, 1, 1);
  broker.warm_up(registers, 1);
  FixedWorkload workload(route_request(options));
  ServerLoad load(stage, kNameServerPort, kConnections, 1);
  load.warm_up(workload, kWarmUpRounds);
  return count_rounds(load, workload, 64);
}

/// What a slave does with its master's bytes, as they come: 64 KiB at a time.
Messages replicate() {
  BrokerStage master;
  const BenchOptions options = options_for(Serialization::kRocketmq, 128, 1);
  ProduceWorkload workload(options);
  ServerLoad load(master.stage, kBrokerPort, kConnections, 32);
  load.warm_up(workload, kWarmUpRounds);
  store::RawLog& log = master.store().raw_log();
  std::vector<std::byte> bytes(static_cast<std::size_t>(log.end().value()));
  OGIVE_CHECK(log.read(PhysicalOffset(0), bytes).has_value());

  Stage stage;
  store::StoreOptions store_options;
  store_options.root = stage.directory;
  store_options.replica = true;
  store_options.segment_bytes = 128u << 20;
  auto store =
      store::MessageStore::open({io::posix_file_system(), stage.clock, stage.others, stage.others}, store_options);
  OGIVE_CHECK_MSG(store.has_value(), "{}", store.error().message());
  stage.settle();
  replication::ReplicaWriter writer(**store, stage.reactor,
                                    {[] {}, [] {}, [](std::span<const store::AppendBatch::Entry>) {},
                                     [](const Error& error) { OGIVE_CHECK_MSG(false, "{}", error.message()); }});
  writer.start();
  constexpr std::size_t kPiece = 64 << 10;
  std::span rest(bytes);
  const std::uint64_t each = bytes.size() / (Messages{kWarmUpRounds} * load.requests_per_round());
  Messages messages = 0;
  for (unsigned piece = 0; rest.size() >= kPiece; ++piece, rest = rest.subspan(kPiece)) {
    if (piece < 4) {  // The first ones make queues and buffers.
      writer.add(rest.first(kPiece));
      writer.flush();
    } else {
      const Counted counted;
      writer.add(rest.first(kPiece));
      writer.flush();
      stage.reactor.turn();
      messages += kPiece / each;
    }
    stage.settle();
    OGIVE_CHECK(!writer.busy());
  }
  return messages;
}

struct Case {
  const char* name;
  std::function<Messages()> run;
};

const Case kCases[] = {
    {"send-128-binary", [] { return produce(Serialization::kRocketmq, 128, 1, 32); }},
    {"send-128-json", [] { return produce(Serialization::kJson, 128, 1, 32); }},
    {"send-1024-json", [] { return produce(Serialization::kJson, 1024, 1, 32); }},
    {"send-128-one-by-one-binary", [] { return produce(Serialization::kRocketmq, 128, 1, 1); }},
    {"batch-32-binary", [] { return produce(Serialization::kRocketmq, 128, 32, 4); }},
    {"batch-32-json", [] { return produce(Serialization::kJson, 128, 32, 4); }},
    {"pull-32-binary", [] { return consume(Serialization::kRocketmq); }},
    {"pull-32-json", [] { return consume(Serialization::kJson); }},
    {"route-binary", [] { return route(Serialization::kRocketmq); }},
    {"route-json", [] { return route(Serialization::kJson); }},
    {"replica-append", [] { return replicate(); }},
};

int run(std::span<char*> wanted) {
  for (const Case& one : kCases) {
    const auto is_it = [&](const char* name) { return std::string_view(name) == one.name; };
    if (!wanted.empty() && std::none_of(wanted.begin(), wanted.end(), is_it)) continue;
    CALLGRIND_ZERO_STATS;
    const Messages messages = one.run();
    CALLGRIND_DUMP_STATS_AT(one.name);
    std::printf("%s %llu\n", one.name, static_cast<unsigned long long>(messages));
  }
  return 0;
}

}  // namespace
}  // namespace ogive::bench

int main(int argc, char** argv) {
  return ogive::bench::run(std::span(argv, static_cast<std::size_t>(argc)).subspan(1));
}
