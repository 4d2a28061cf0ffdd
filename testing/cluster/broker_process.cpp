#include "testing/cluster/broker_process.h"

#include "base/settings/start_rules.h"

namespace ogive::sim {
namespace {

constexpr std::int64_t kConnectionPatienceMs = 600;
constexpr Milliseconds kConnectionCheck{5};

settings::Machine machine(SimNode& node) {
  settings::Machine machine;
  machine.host_name = node.name();
  machine.local_ip = node.endpoint().host();
  machine.home = "/home";
  return machine;
}

}  // namespace

BrokerProcess::BrokerProcess(SimNode& node)
    : node_(node), start_number_(node.starts()), settings_(settings::broker_scopes(), machine(node)) {}

BrokerProcess::~BrokerProcess() = default;

Result<std::shared_ptr<BrokerProcess>> BrokerProcess::start(SimNode& node,
                                                            const std::map<std::string, std::string>& settings) {
  std::shared_ptr<BrokerProcess> process(new BrokerProcess(node));
  for (const auto& [key, value] : settings) process->settings_.assign(key, value);
  if (const auto refusal = settings::apply_broker_rules(process->settings_)) {
    return fail(Errc::kInvalidArgument, refusal->text);
  }
  const broker::BrokerEnvironment environment{node.network(), node.reactors(), node.tasks(),      node.files(),
                                              node.clock(),   node.flusher(),  node.background(), node.delivery()};
  auto broker = broker::Broker::open(environment, process->settings_);
  if (!broker) return fail(std::move(broker).error());
  process->broker_ = std::move(*broker);
  OGIVE_TRY(process->broker_->start());
  return process;
}

void BrokerProcess::stop(std::move_only_function<void(Status)> done) {
  stopped_ = std::move(done);
  broker_->stop([this] {
    node_.delivery().post([this] {
      broker_->stop_delivery();
      node_.reactor().post([this] { wait_for_connections(node_.clock().monotonic_ms() + kConnectionPatienceMs); });
    });
  });
}

void BrokerProcess::wait_for_connections(std::int64_t deadline_ms) {
  if (broker_->connection_count() > 0 && node_.clock().monotonic_ms() < deadline_ms) {
    node_.reactor().run_after(kConnectionCheck, [this, deadline_ms] { wait_for_connections(deadline_ms); });
    return;
  }
  node_.exit([this] {
    Status closed = broker_->close();
    alive_ = false;
    if (stopped_) stopped_(std::move(closed));
  });
}

}  // namespace ogive::sim
