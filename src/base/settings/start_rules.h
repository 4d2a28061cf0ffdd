#pragma once
// What a broker decides about its settings before it starts, in the order and with the words of RocketMQ.
//
// Call once, before threads start, after the file and the command line are loaded.

#include <optional>
#include <string>

#include "base/settings/settings.h"

namespace ogive::settings {

/// Why a program does not start: a line for stdout and the exit status (RocketMQ's -3 is 253 for a shell).
struct StartRefusal {
  int exit_status = 0;
  std::string text;
};

/// Checks the name server list and the role, and fills in what follows from other keys: brokerId of a master,
/// haListenPort, storePathCommitLog, authConfigPath. Refuses modes whose data this release could not keep safe:
/// DLedger, controller mode, RocksDB metadata of version 2.
std::optional<StartRefusal> apply_broker_rules(Settings& settings);

}  // namespace ogive::settings
