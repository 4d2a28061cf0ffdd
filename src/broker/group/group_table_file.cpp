// subscriptionGroup.json: the stored form of the group table.

#include <mutex>

#include "base/log.h"
#include "broker/group/group_table.h"
#include "broker/topic/names.h"
#include "protocol/bodies/subscription_group.h"

namespace ogive::broker {

std::string GroupTable::encode(bool pretty) const {
  protocol::SubscriptionGroupWrapper stored;
  {
    std::shared_lock lock(mutex_);
    for (const auto& [name, group] : groups_) stored.subscription_group_table.emplace(name, *group);
    stored.forbidden_table = forbidden_;
    stored.data_version = version_;
  }
  return protocol::to_json(stored, protocol::JsonStyle{.pretty = pretty});
}

Status GroupTable::decode(std::string_view json) {
  auto stored = protocol::from_json<protocol::SubscriptionGroupWrapper>(json);
  if (!stored) return fail(stored.error());
  std::unique_lock lock(mutex_);
  for (auto& [name, config] : stored->subscription_group_table) {
    if (const auto error = group_name_error(name)) {
      OGIVE_LOG(error, "broker", "a stored subscription group is left out: {}", *error);
      continue;
    }
    config.group_name = name;
    put(std::move(config));
  }
  forbidden_ = std::move(stored->forbidden_table);
  any_forbidden_ = !forbidden_.empty();
  version_ = stored->data_version;
  return {};
}

}  // namespace ogive::broker
