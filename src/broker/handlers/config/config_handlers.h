#pragma once
// The configuration, read and changed at run time.

#include "base/settings/settings.h"
#include "broker/state/config_file.h"
#include "remoting/handler_table.h"

namespace ogive::broker::handlers {

remoting::HandlerRow update_broker_config(ConfigFile& config);               // 25
remoting::HandlerRow get_broker_config(const settings::Settings& settings);  // 26

}  // namespace ogive::broker::handlers
