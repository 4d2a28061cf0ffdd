#include "testing/cluster/cluster.h"

#include <fmt/core.h>

#include "base/check.h"
#include "namesrv/name_server.h"

namespace ogive::sim {
namespace {

struct NameServerProcess {
  explicit NameServerProcess(SimNode& node) : reactors(node.reactors()) {}
  settings::Settings settings{settings::namesrv_scopes(), settings::Machine{}};
  std::vector<io::Executor*> reactors;
  std::unique_ptr<namesrv::NameServer> server;
};

}  // namespace

Cluster::Cluster(SimWorld& world, ClusterOptions options) : world_(world), options_(std::move(options)) {
  for (unsigned i = 0; i < options_.name_servers; ++i) {
    name_servers_.push_back(&world_.add_node(name_server_name(i)));
    run_name_server(*name_servers_.back());
  }
  brokers_.resize(options_.brokers);
  for (unsigned i = 0; i < options_.brokers; ++i) add_broker(brokers_[i], i, "");
  if (!options_.slaves) return;
  slaves_.resize(options_.brokers);
  for (unsigned i = 0; i < options_.brokers; ++i) add_broker(slaves_[i], i, "SLAVE");
}

std::vector<io::Endpoint> Cluster::name_server_endpoints() const {
  std::vector<io::Endpoint> endpoints;
  for (const SimNode* node : name_servers_) endpoints.push_back(node->endpoint(kNameServerPort));
  return endpoints;
}

BrokerProcess* Cluster::running(const BrokerSlot& slot) {
  const auto process = slot.running.lock();
  return process && process->alive() ? process.get() : nullptr;
}

void Cluster::revive(BrokerSlot& slot) {
  if (!slot.node->alive()) slot.node->restart();
}

void Cluster::run_name_server(SimNode& node) {
  node.run([settings = options_.name_server_settings](SimNode& on) -> std::shared_ptr<void> {
    auto process = std::make_shared<NameServerProcess>(on);
    process->settings.assign("kvConfigPath", "/ns/kvConfig.json");
    process->settings.assign("configStorePath", "/ns/namesrv.properties");
    for (const auto& [key, value] : settings) process->settings.assign(key, value);
    process->server = std::make_unique<namesrv::NameServer>(
        namesrv::Environment{on.network(), process->reactors, on.tasks(), on.files()}, process->settings);
    const Status started = process->server->start();
    OGIVE_CHECK_MSG(started.has_value(), "a simulated name server did not start: {}", started.error().message());
    return process;
  });
}

void Cluster::add_broker(BrokerSlot& slot, unsigned index, const std::string& role) {
  NodeOptions options;
  options.reactors = options_.reactors;
  options.disk = options_.broker_disk;
  options.disk.page_cache = true;
  slot.node = &world_.add_node(broker_name(index) + (role.empty() ? "" : "-s"), options);
  std::map<std::string, std::string> settings = options_.broker_settings;
  settings["brokerName"] = broker_name(index);
  if (!role.empty()) {
    settings["brokerRole"] = role;
    settings["brokerId"] = "1";
  }
  std::string servers;
  for (unsigned i = 0; i < options_.name_servers; ++i) {
    servers += fmt::format("{}{}:{}", i == 0 ? "" : ";", name_server_name(i), kNameServerPort);
  }
  settings["namesrvAddr"] = servers;
  slot.node->run([&slot, settings](SimNode& node) -> std::shared_ptr<void> {
    slot.failure.reset();
    auto process = BrokerProcess::start(node, settings);
    if (process) {
      slot.running = *process;
      return *process;
    }
    slot.failure = process.error();
    node.exit([] {});
    return nullptr;
  });
}

}  // namespace ogive::sim
