#pragma once
// What the configuration says about the store, in the store's terms.

#include "base/error.h"
#include "base/settings/settings.h"
#include "store/message_store.h"

namespace ogive::broker {

/// Options of the store, without what the broker adds of its own (delay levels, kinds of topics). kInvalidArgument for
/// a deleteWhen that names no hours.
Result<store::StoreOptions> store_options(const settings::Settings& settings);

/// Keys that may change at run time. A deleteWhen that names no hours counts as not set.
store::RetentionSettings retention_settings(const settings::Settings& settings);

}  // namespace ogive::broker
