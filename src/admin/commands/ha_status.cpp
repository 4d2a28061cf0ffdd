// haStatus: a broker's replication, from the master's or the slave's side (907).
#include "protocol/bodies/ha_status.h"

#include "admin/brokers.h"
#include "admin/commands/commands.h"
#include "admin/print.h"
#include "admin/text.h"
#include "protocol/codes.h"

namespace ogive::admin {
namespace {

double kilobytes(std::int64_t bytes) {
  return static_cast<double>(bytes) / 1024.0;
}

void print_master(Context& context, const std::string& address, const protocol::HARuntimeInfo& info) {
  print(context.out,
        "\n#MasterAddr\t{}\n#MasterCommitLogMaxOffset\t{}\n#SlaveNum\t{}\n#InSyncSlaveNum\t{}\n"
        "{:<32}  {:<16} {:>16} {:>16} {:>16} {:>16}\n",
        address, info.master_commit_log_max_offset, info.ha_connection_info.size(), info.in_sync_slave_nums,
        "#SlaveAddr", "#SlaveAckOffset", "#Diff", "#TransferSpeed(KB/s)", "#Status", "#TransferFromWhere");
  for (const auto& slave : info.ha_connection_info) {
    print(context.out, "{:<32}  {:<16} {:>16} {:>16.2f} {:>16} {:>16}\n", slave.addr, slave.slave_ack_offset,
          slave.diff, kilobytes(slave.transferred_byte_in_second), slave.in_sync ? "OK" : "Fall Behind",
          slave.transfer_from_where);
  }
}

void print_slave(Context& context, const protocol::HAClientRuntimeInfo& info) {
  print(context.out,
        "\n#MasterAddr\t{}\n#CommitLogMaxOffset\t{}\n#TransferSpeed(KB/s)\t{:.2f}\n#LastReadTime\t{}\n"
        "#LastWriteTime\t{}\n#MasterFlushOffset\t{}\n",
        info.master_addr.value_or("null"), info.max_offset, kilobytes(info.transferred_byte_in_second),
        time_with_ms(info.last_read_timestamp), time_with_ms(info.last_write_timestamp), info.master_flush_offset);
}

Status print_once(Context& context) {
  const auto addresses = brokers_by_options(context, Members::kMasters);
  if (!addresses) return fail(addresses.error());
  for (const std::string& address : *addresses) {
    const auto info = context.cluster.ask_json<protocol::HARuntimeInfo>(
        address, remoting::Message(protocol::request_code::kGetBrokerHaStatus));
    if (!info) return fail(info.error());
    info->master ? print_master(context, address, *info) : print_slave(context, info->ha_client_runtime_info);
  }
  return {};
}

Status run(Context& context) {
  return repeat_by_interval(context, "i", print_once);
}

void options(settings::Options& options) {
  options.add(optional("c", "clusterName", "which cluster"))
      .add(optional("b", "brokerAddr", "which broker to fetch"))
      .add(optional("i", "interval", "the interval(second) of get info"));
}

}  // namespace

Command ha_status() {
  return {"haStatus", "Fetch ha runtime status data.", options, run};
}

}  // namespace ogive::admin
