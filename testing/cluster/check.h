#pragma once
// What must hold of a history and a reading of everything the brokers hold at the end.

#include <string>
#include <vector>

#include "testing/cluster/auditor.h"
#include "testing/cluster/history.h"

namespace ogive::sim {

/// A group that must have had every message of these topics that its expression lets through.
struct GroupPromise {
  std::string group;
  std::map<std::string, std::vector<std::string>> tags;  ///< Topic → tags; empty: all.
};

/// Nothing acknowledged is lost, nothing is there that nobody sent or more often than it was sent, every record lies
/// where it says, delayed messages are not early. One sentence for each breach.
std::vector<std::string> check_stored(const History& history, const Reading& reading);

/// What a group has not had yet of what the reading holds; empty when it has had everything.
std::vector<std::string> check_consumed(const History& history, const Reading& reading, const GroupPromise& promise);

}  // namespace ogive::sim
