#pragma once
// Which subcommands there are.

#include <span>
#include <string_view>

#include "admin/command.h"

namespace ogive::admin {

/// Every subcommand, in the order in which the original lists them.
std::span<const Command> commands();
/// By name, whatever the case of its letters; nullptr when there is none.
const Command* find_command(std::string_view name);

/// Subcommands of RocketMQ 5.5.0 that are not here.
std::span<const std::string_view> missing_commands();
bool is_missing_command(std::string_view name);

}  // namespace ogive::admin
