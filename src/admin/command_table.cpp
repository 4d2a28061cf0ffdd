#include "admin/command_table.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "admin/commands/commands.h"

namespace ogive::admin {
namespace {

constexpr auto kMissing = std::to_array<std::string_view>({"setConsumeMode",
                                                           "addBroker",
                                                           "removeBroker",
                                                           "resetMasterFlushOffset",
                                                           "queryMsgTraceById",
                                                           "consumerStatus",
                                                           "startMonitoring",
                                                           "allocateMQ",
                                                           "checkMsgSendRT",
                                                           "clusterRT",
                                                           "updateStaticTopic",
                                                           "remappingStaticTopic",
                                                           "exportMetadata",
                                                           "exportConfigs",
                                                           "exportMetrics",
                                                           "exportMetadataInRocksDB",
                                                           "exportPopRecord",
                                                           "getSyncStateSet",
                                                           "getBrokerEpoch",
                                                           "getControllerMetaData",
                                                           "getControllerConfig",
                                                           "updateControllerConfig",
                                                           "electMaster",
                                                           "cleanBrokerMetadata",
                                                           "dumpCompactionLog",
                                                           "getColdDataFlowCtrInfo",
                                                           "updateColdDataFlowCtrGroupConfig",
                                                           "removeColdDataFlowCtrGroupConfig",
                                                           "setCommitLogReadAheadMode",
                                                           "createUser",
                                                           "updateUser",
                                                           "deleteUser",
                                                           "getUser",
                                                           "listUser",
                                                           "copyUser",
                                                           "createAcl",
                                                           "updateAcl",
                                                           "deleteAcl",
                                                           "getAcl",
                                                           "listAcl",
                                                           "copyAcl",
                                                           "rocksDBConfigToJson",
                                                           "checkRocksdbCqWriteProgress",
                                                           "switchTimerEngine",
                                                           "getBrokerLiteInfo",
                                                           "getParentTopicInfo",
                                                           "getLiteTopicInfo",
                                                           "getLiteClientInfo",
                                                           "getLiteGroupInfo",
                                                           "triggerLiteDispatch",
                                                           "updateTopicList",
                                                           "updateSubGroupList"});

bool same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

}  // namespace

std::span<const Command> commands() {
  static const auto kCommands = std::to_array<Command>({
      update_topic(),
      delete_topic(),
      update_sub_group(),
      delete_sub_group(),
      update_broker_config(),
      update_topic_perm(),
      topic_route(),
      topic_status(),
      topic_cluster_list(),
      broker_status(),
      query_msg_by_id(),
      query_msg_by_key(),
      query_msg_by_unique_key(),
      query_msg_by_offset(),
      print_msg(),
      print_msg_by_queue(),
      send_msg_status(),
      broker_consume_stats(),
      producer_connection(),
      consumer_connection(),
      consumer_progress(),
      clone_group_offset(),
      producer(),
      cluster_list(),
      topic_list(),
      update_kv_config(),
      delete_kv_config(),
      wipe_write_perm(),
      add_write_perm(),
      reset_offset_by_time(),
      skip_accumulated_message(),
      update_order_conf(),
      clean_expired_cq(),
      delete_expired_commit_log(),
      clean_unused_topic(),
      stats_all(),
      get_namesrv_config(),
      update_namesrv_config(),
      get_broker_config(),
      get_consumer_config(),
      query_cq(),
      send_message(),
      consume_message(),
      ha_status(),
  });
  return kCommands;
}

const Command* find_command(std::string_view name) {
  const auto all = commands();
  const auto found = std::ranges::find_if(all, [&](const Command& command) { return same_name(command.name, name); });
  return found == all.end() ? nullptr : &*found;
}

std::span<const std::string_view> missing_commands() {
  return kMissing;
}

bool is_missing_command(std::string_view name) {
  return std::ranges::any_of(kMissing, [&](std::string_view missing) { return same_name(missing, name); });
}

}  // namespace ogive::admin
