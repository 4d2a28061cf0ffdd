#include "tests/simulation/nemesis.h"

#include <fmt/core.h>

namespace ogive::sim {

Nemesis::Nemesis(SimWorld& world, Cluster& cluster, History& history, std::vector<std::string> clients)
    : world_(world),
      cluster_(cluster),
      history_(history),
      clients_(std::move(clients)),
      random_(world.stream("nemesis")),
      log_failed_(cluster.broker_count(), false) {}

void Nemesis::note(std::string what) {
  story_.push_back(fmt::format("{:>6} ms  {}", world_.now_ms(), what));
}

void Nemesis::plan(unsigned count, Milliseconds span) {
  static constexpr Disaster kDisasters[] = {
      &Nemesis::kill_broker,          &Nemesis::kill_broker, &Nemesis::kill_broker_in_write,
      &Nemesis::kill_broker_in_write, &Nemesis::stop_broker, &Nemesis::kill_name_server,
      &Nemesis::kill_client,          &Nemesis::cut_clients, &Nemesis::cut_name_server,
      &Nemesis::reset_connections,    &Nemesis::fail_log,    &Nemesis::fail_other_files,
      &Nemesis::fail_reads,           &Nemesis::fill_disk,   &Nemesis::slow_disk,
  };
  for (unsigned i = 0; i < count; ++i) {
    const Disaster disaster = kDisasters[random_.below(std::size(kDisasters))];
    world_.after(Milliseconds(random_.below(static_cast<std::uint64_t>(span.count()))), [this, disaster] {
      if (!healed_) (this->*disaster)();
    });
  }
}

void Nemesis::crash(unsigned broker, bool power) {
  SimNode& node = cluster_.broker_node(broker);
  node.disk().watch({});
  if (!node.alive()) return;
  note(fmt::format("{} {}", node.name(), power ? "loses power" : "is killed"));
  history_.crashed(node.name(), power, world_.now_ms());
  if (power) {
    node.power_loss();
  } else {
    node.kill();
  }
}

void Nemesis::start(unsigned broker) {
  SimNode& node = cluster_.broker_node(broker);
  if (node.alive()) return;
  note(fmt::format("{} starts", node.name()));
  if (log_failed_[broker]) node.disk().clear_faults();
  log_failed_[broker] = false;
  node.restart();
  // Told when it serves: until then what is on its disk is not safe again.
  world_.after(Milliseconds(200), [this, broker, name = node.name()] {
    if (cluster_.broker(broker) != nullptr) return history_.started(name, world_.now_ms());
    const auto& failure = cluster_.start_failure(broker);
    if (!failure || cluster_.broker_node(broker).alive()) return;
    note(fmt::format("{} did not start: {}", name, failure->message()));
    start(broker);  // As a supervisor does.
  });
}

void Nemesis::kill_broker() {
  const unsigned broker = any_broker();
  crash(broker, random_.chance(50));
  world_.after(some_ms(1, 2'000), [this, broker] { start(broker); });
}

void Nemesis::kill_broker_in_write() {
  const unsigned broker = any_broker();
  SimNode& node = cluster_.broker_node(broker);
  const bool power = random_.chance(50);
  const std::uint64_t changes = 1 + random_.below(60);
  node.disk().watch([this, &node, at = node.disk().changes() + changes, power](const DiskEvent& event) {
    if (event.number != at) return;
    note(fmt::format("{} {} before it can {} {}", node.name(), power ? "loses power" : "is killed", to_string(event.op),
                     event.path));
    history_.crashed(node.name(), power, world_.now_ms());
    if (power) {
      node.power_loss();
    } else {
      node.kill();
    }
  });
  world_.after(some_ms(500, 2'500), [this, broker, &node] {
    node.disk().watch({});
    start(broker);
  });
}

void Nemesis::stop_broker() {
  const unsigned broker = any_broker();
  BrokerProcess* process = cluster_.broker(broker);
  if (process == nullptr) return;
  note(fmt::format("{} is asked to stop", cluster_.broker_name(broker)));
  // A stop that a failing disk spoils is a crash that keeps the page cache.
  history_.crashed(cluster_.broker_name(broker), false, world_.now_ms());
  process->stop([](const Status&) {});
  world_.after(some_ms(2'000, 3'000), [this, broker] { start(broker); });
}

void Nemesis::kill_name_server() {
  SimNode& node = cluster_.name_server_node(static_cast<unsigned>(random_.below(cluster_.name_server_count())));
  const bool power = random_.chance(50);
  note(fmt::format("{} {}", node.name(), power ? "loses power" : "is killed"));
  if (power) {
    node.power_loss();
  } else {
    node.kill();
  }
  world_.after(some_ms(1, 3'000), [this, &node] {
    if (node.alive()) return;
    note(fmt::format("{} starts", node.name()));
    node.restart();
  });
}

void Nemesis::kill_client() {
  SimNode& node = world_.node(clients_[random_.below(clients_.size())]);
  note(fmt::format("{} is killed and starts again", node.name()));
  node.restart();
}

void Nemesis::cut_clients() {
  const std::string broker = cluster_.broker_name(any_broker());
  const std::string client = clients_[random_.below(clients_.size())];
  const bool both = random_.chance(60);
  note(fmt::format("{} is cut off from {}{}", client, broker, both ? "" : " one way"));
  world_.internet().block(client, broker);
  if (both) world_.internet().block(broker, client);
  world_.after(some_ms(50, 4'000), [this, client, broker] {
    world_.internet().unblock(client, broker);
    world_.internet().unblock(broker, client);
  });
}

void Nemesis::cut_name_server() {
  const std::string broker = cluster_.broker_name(any_broker());
  const std::string server =
      cluster_.name_server_name(static_cast<unsigned>(random_.below(cluster_.name_server_count())));
  note(fmt::format("{} is cut off from {}", broker, server));
  world_.internet().partition({broker}, {server});
  world_.after(some_ms(50, 6'000), [this, broker, server] {
    world_.internet().unblock(broker, server);
    world_.internet().unblock(server, broker);
  });
}

void Nemesis::reset_connections() {
  const std::string broker = cluster_.broker_name(any_broker());
  const std::string client = clients_[random_.below(clients_.size())];
  note(fmt::format("connections of {} and {} are reset", client, broker));
  world_.internet().reset_connections(client, broker);
}

void Nemesis::fail_log() {
  const unsigned broker = any_broker();
  SimNode& node = cluster_.broker_node(broker);
  const bool sync = random_.chance(50);
  note(fmt::format("{}: a {} of the commit log will fail", node.name(), sync ? "sync" : "write"));
  node.disk().add_fault({sync ? DiskOp::kSync : DiskOp::kWrite, "/commitlog/", 1 + random_.below(5)});
  history_.disk_went_bad(node.name(), world_.now_ms());
  log_failed_[broker] = true;
  const bool power = random_.chance(30);
  world_.after(some_ms(500, 3'000), [this, broker, power] {
    if (!log_failed_[broker]) return;
    cluster_.broker_node(broker).disk().clear_faults();
    crash(broker, power);
    world_.after(some_ms(1, 500), [this, broker] { start(broker); });
  });
}

void Nemesis::fail_other_files() {
  static constexpr const char* kPaths[] = {"/consumequeue/", "/config/", "/checkpoint"};
  static constexpr DiskOp kOps[] = {DiskOp::kWrite, DiskOp::kSync, DiskOp::kRename, DiskOp::kCreate, DiskOp::kAny};
  SimNode& node = cluster_.broker_node(any_broker());
  DiskFault fault{kOps[random_.below(std::size(kOps))], kPaths[random_.below(std::size(kPaths))]};
  fault.nth = 1 + random_.below(4);
  fault.times = 1 + random_.below(3);
  note(fmt::format("{}: {} {} will fail {} times", node.name(), to_string(fault.op), fault.path_contains, fault.times));
  history_.disk_went_bad(node.name(), world_.now_ms());
  node.disk().add_fault(std::move(fault));
}

void Nemesis::fail_reads() {
  SimNode& node = cluster_.broker_node(any_broker());
  DiskFault fault{DiskOp::kRead, "/commitlog/"};
  fault.times = 1 + random_.below(3);
  note(fmt::format("{}: reading the commit log will fail {} times", node.name(), fault.times));
  node.disk().add_fault(std::move(fault));
}

void Nemesis::fill_disk() {
  SimNode& node = cluster_.broker_node(any_broker());
  note(fmt::format("{}: the disk is full", node.name()));
  history_.disk_went_bad(node.name(), world_.now_ms());
  node.disk().set_capacity(node.disk().used_bytes() + random_.below(100'000));
  world_.after(some_ms(500, 4'000), [this, &node] {
    note(fmt::format("{}: the disk has room again", node.name()));
    node.disk().set_capacity(std::uint64_t{1} << 40);
  });
}

void Nemesis::slow_disk() {
  SimNode& node = cluster_.broker_node(any_broker());
  note(fmt::format("{}: syncs are slow", node.name()));
  node.disk().set_sync_time(10'000, 10'000 + static_cast<std::int64_t>(random_.below(200'000)));
  world_.after(some_ms(500, 3'000), [&node] { node.disk().set_sync_time(80, 250); });
}

void Nemesis::heal() {
  note("everything is repaired");
  world_.internet().heal();
  for (unsigned i = 0; i < cluster_.broker_count(); ++i) {
    SimNode& node = cluster_.broker_node(i);
    node.disk().watch({});
    node.disk().clear_faults();
    node.disk().set_capacity(std::uint64_t{1} << 40);
    node.disk().set_sync_time(80, 250);
    if (log_failed_[i]) crash(i, false);
  }
  healed_ = true;
  world_.after(Milliseconds(2'500), [this] {
    for (unsigned i = 0; i < cluster_.broker_count(); ++i) start(i);
    for (unsigned i = 0; i < cluster_.name_server_count(); ++i) {
      if (!cluster_.name_server_node(i).alive()) cluster_.name_server_node(i).restart();
    }
  });
}

}  // namespace ogive::sim
