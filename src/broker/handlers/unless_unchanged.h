#pragma once
// Spares slaves the bodies they already have.

#include <cstdint>
#include <functional>
#include <string>

#include "remoting/handler_table.h"

namespace ogive::broker::handlers {

/// `row`, whose handler answers with a whole table, made to answer a peer that has that table already (it sends the
/// token we gave it) with the token alone. `version` grows with every change of the table; `boot_ms` tells lives of
/// this process apart. Peers that send no token are answered as ever.
struct TableState {
  std::function<std::uint64_t()> version;
  std::int64_t boot_ms = 0;
  std::function<std::int64_t()> log_end;    ///< If set: how far a slave's log must have come to take the answer.
  std::function<std::int64_t()> table_end;  ///< If set: where our log ended when the table was like that, or before.
};
remoting::HandlerRow unless_unchanged(remoting::HandlerRow row, TableState state);

}  // namespace ogive::broker::handlers
