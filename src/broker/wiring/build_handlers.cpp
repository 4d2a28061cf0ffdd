// The parts of a broker as its request handlers and statistics see them.

#include "broker/broker.h"
#include "broker/handlers/handler_table.h"

namespace ogive::broker {

TrafficTotals Broker::traffic_totals() const {
  TrafficTotals totals;
  const auto add = [&totals](const AppendCounters& counters) {
    totals.puts += counters.messages.get();
    totals.put_bytes += counters.bytes.get();
    totals.put_failures += counters.failures.get();
    totals.put_max_ms = std::max(totals.put_max_ms, counters.latency.max_ms());
    const auto counts = counters.latency.counts();
    for (std::size_t i = 0; i < counts.size(); ++i) totals.latency[i] += counts[i];
  };
  for (const ReactorSide& side : sides_) {
    add(side.send->lane().counters());
    totals.put_failures += side.send->refused();
    const PullCounters& pulls = side.pull->counters();
    totals.found += pulls.found.get();
    totals.missed += pulls.missed.get();
    totals.transferred += pulls.messages.get();
    totals.get_max_ms = std::max(totals.get_max_ms, pulls.slowest_read_ms.get());
  }
  add(delay_->counters());
  return totals;
}

void Broker::build_traffic() {
  Traffic::Ports ports{environment_.background,
                       {},
                       [this] { return traffic_totals(); },
                       [this](std::string_view topic) { return topics_->is_system_topic(topic); },
                       identity_.cluster_name};
  for (const auto& shard : shards_) ports.shards.push_back(shard.get());
  traffic_ = std::make_unique<Traffic>(std::move(ports));
}

void Broker::build_handlers() {
  const handlers::HandlerPorts ports{
      .sides = sides_,
      .session = {*topics_, *groups_, consumers_, producers_, *expiry_},
      .lock = {locks_},
      .offset = {*topics_, *groups_, *offsets_, *store_},
      .start = {*offsets_, *store_, environment_.blocking, *server_, settings_, environment_.memory_bytes},
      .queue = {*store_, *topics_, consumers_, *topic_removal_},
      .topic = {*topics_, *topic_removal_, *deletions_, settings_},
      .group = {*groups_, *offsets_, *deletions_},
      .progress = {*topics_, consumers_, *offsets_, *store_, identity_, *traffic_},
      .status = {*traffic_, *store_, *delay_, settings_, environment_.files, environment_.clock},
      .client = {*client_calls_, *topics_, *groups_, *store_, environment_.blocking, identity_},
      .reset = {*topics_, *groups_, *offset_reset_, *client_calls_, identity_, settings_},
      .delay = *delay_,
      .replication = *replication_,
      .deletions = {*deletions_, *topics_, *groups_},
      .settings = settings_,
      .clock = environment_.clock,
      .config_file = config_file_,
  };
  handlers_ = make_handler_table(ports, handlers::Port::kMain);
  fast_handlers_ = make_handler_table(ports, handlers::Port::kFast);
}

}  // namespace ogive::broker
