#include "broker/cluster/replication.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace ogive::broker {
namespace {

/// Null where none is set.
Result<std::shared_ptr<const replication::SharedSecret>> shared_secret(const settings::Settings& settings) {
  std::string text = settings.get_string("haSharedSecret");
  if (text.empty()) return nullptr;
  auto secret = replication::SharedSecret::make(std::move(text));
  if (!secret) return fail(Errc::kInvalidArgument, "haSharedSecret: " + secret.error().message());
  return std::make_shared<const replication::SharedSecret>(std::move(*secret));
}

Result<replication::MasterOptions> master_options(const settings::Settings& settings) {
  replication::MasterOptions options;
  options.session.window_bytes = settings.get_int("haSendWindow");
  if (settings.is_given("haTransferBatchSize")) {
    options.session.piece_bytes = settings.get_int("haTransferBatchSize");
  }
  options.session.heartbeat = Milliseconds(settings.get_int("haSendHeartbeatInterval"));
  options.session.silence = Milliseconds(settings.get_int("haHousekeepingInterval"));
  options.session.empty_gets_last_segment = settings.get_bool("syncFromLastFile");
  if (settings.get_bool("haFlowControlEnable")) {
    options.session.bytes_per_second = settings.get_int("maxHaTransferByteInSecond");
  }
  // inSyncReplicas counts the master; SYNC_MASTER means one slave even where the key has its default.
  const auto copies = static_cast<std::uint32_t>(settings.get_int("inSyncReplicas"));
  options.rule.slaves = std::max(1u, copies - 1);
  options.rule.least = static_cast<std::uint32_t>(settings.get_int("minInSyncReplicas")) - 1;
  options.rule.as_many_as_there_are = settings.get_bool("enableAutoInSyncReplicas");
  options.rule.max_gap_bytes = settings.get_int("haMaxGapNotInSync");
  auto allowed = replication::parse_addresses(settings.get_string("haAllowedAddresses"));
  if (!allowed) return fail(Errc::kInvalidArgument, "haAllowedAddresses: " + allowed.error().message());
  options.allowed = std::move(*allowed);
  options.only_flushed = settings.get_string("flushDiskType") == "SYNC_FLUSH";
  auto secret = shared_secret(settings);
  if (!secret) return fail(std::move(secret).error());
  options.secret = std::move(*secret);
  return options;
}

Result<replication::SlaveOptions> slave_options(const settings::Settings& settings) {
  replication::SlaveOptions options;
  options.heartbeat = Milliseconds(settings.get_int("haSendHeartbeatInterval"));
  options.silence = Milliseconds(settings.get_int("haHousekeepingInterval"));
  options.report_flushed = settings.get_string("flushDiskType") == "SYNC_FLUSH";
  options.only_last_segment = settings.get_bool("syncFromLastFile");
  auto secret = shared_secret(settings);
  if (!secret) return fail(std::move(secret).error());
  options.secret = std::move(*secret);
  return options;
}

}  // namespace

Result<std::unique_ptr<Replication>> Replication::make(const ReplicationEnvironment& environment,
                                                       const settings::Settings& settings) {
  std::unique_ptr<Replication> replication(new Replication(environment));
  if (settings.get_string("brokerRole") == "SLAVE") {
    auto options = slave_options(settings);
    if (!options) return fail(std::move(options).error());
    replication->fixed_master_ = settings.get_string("haMasterAddress");
    replication->link_ = std::make_unique<replication::MasterLink>(
        replication::SlaveEnvironment{environment.network, environment.executor, environment.blocking,
                                      environment.store},
        std::move(*options));
    return replication;
  }
  auto options = master_options(settings);
  if (!options) return fail(std::move(options).error());
  replication->port_ = std::make_unique<replication::MasterPort>(
      replication::MasterEnvironment{environment.network, environment.executor, environment.blocking,
                                     environment.store},
      std::move(*options));
  return replication;
}

Status Replication::start(const io::Endpoint& local) {
  if (link_) {
    if (!fixed_master_.empty()) set_master(fixed_master_);
    return {};
  }
  auto bound = port_->listen(local);
  if (!bound) {
    return fail(bound.error().code(), fmt::format("the replication port (haListenPort): {}", bound.error().message()));
  }
  OGIVE_LOG(info, "replication", "slaves are served at {}", bound->to_string());
  return {};
}

void Replication::learn_master(const std::string& address) {
  if (link_ && fixed_master_.empty() && !address.empty()) set_master(address);
}

void Replication::set_master(const std::string& address) {
  const std::lock_guard lock(mutex_);
  waits_ = address;
  if (!held_) link_->set_master(address);
}

void Replication::hold() {
  const std::lock_guard lock(mutex_);
  held_ = true;
}

void Replication::release() {
  const std::lock_guard lock(mutex_);
  if (std::exchange(held_, false) && !waits_.empty()) link_->set_master(waits_);
}

void Replication::apply(const settings::Settings& settings) {
  if (!port_) return;
  auto options = master_options(settings);
  if (options) return port_->configure(std::move(*options));
  OGIVE_LOG(error, "replication", "{}: the change is not applied", options.error().message());
}

void Replication::stop() {
  if (port_) port_->stop();
  if (link_) link_->stop();
}

protocol::HARuntimeInfo Replication::status() const {
  protocol::HARuntimeInfo info;
  const std::int64_t end = environment_.store.max_physical_offset().value();
  info.master = port_ != nullptr;
  if (port_) {
    info.master_commit_log_max_offset = end;
    for (const replication::ReplicaState& replica : port_->replicas().snapshot()) {
      protocol::HAConnectionRuntimeInfo one;
      one.addr = replica.remote.to_string();
      one.slave_ack_offset = replica.acknowledged;
      one.diff = end - replica.acknowledged;
      one.in_sync = replica.in_sync;
      one.transferred_byte_in_second = replica.bytes_per_second;
      one.transfer_from_where = replica.sent;
      if (replica.in_sync) ++info.in_sync_slave_nums;
      info.ha_connection_info.push_back(std::move(one));
    }
    return info;
  }
  const replication::LinkStatus link = link_->status();
  auto& client = info.ha_client_runtime_info;
  if (!link.master.empty()) client.master_addr = link.master;
  client.max_offset = end;
  client.last_read_timestamp = link.last_read_ms;
  client.last_write_timestamp = link.last_write_ms;
  client.transferred_byte_in_second = link.bytes_per_second;
  client.master_flush_offset = link.master_end;
  return info;
}

}  // namespace ogive::broker
