#pragma once
// Spares slaves the bodies they already have.

#include <cstdint>
#include <functional>
#include <string>

#include "remoting/handler_table.h"

namespace ogive::broker::handlers {

/// `row`, whose handler answers with a whole table, made to answer a peer that has that table already (it sends the
/// token we gave it) with the token alone. `version` grows with every change of the table; `boot_ms` tells lives of
/// this process apart. With `log_end` the answer also says how far a slave's log must have come to take it. Peers that
/// send no token are answered as ever.
remoting::HandlerRow unless_unchanged(remoting::HandlerRow row, std::function<std::uint64_t()> version,
                                      std::int64_t boot_ms, std::function<std::int64_t()> log_end = {});

}  // namespace ogive::broker::handlers
