#pragma once
// Configurations as servers send them.

#include <ostream>
#include <string_view>

namespace ogive::admin {

/// Prints the properties in `text`, a key a line, in the original's order.
void print_properties(std::ostream& out, std::string_view text);

}  // namespace ogive::admin
