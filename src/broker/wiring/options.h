#pragma once
// What the parts of a broker take from its settings.

#include "base/settings/settings.h"
#include "broker/consume/pull_path.h"
#include "broker/topic/topic_table.h"
#include "remoting/server.h"

namespace ogive::broker {

/// `memory_bytes` of the machine.
PullOptions pull_options(const settings::Settings& settings, std::int64_t memory_bytes);
TopicTableOptions topic_options(const settings::Settings& settings);
remoting::ServerOptions server_options(const settings::Settings& settings);

}  // namespace ogive::broker
