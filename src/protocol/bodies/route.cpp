#include "protocol/bodies/route.h"

#include "protocol/codes.h"

namespace ogive::protocol {

JsonStyle route_style(std::int32_t client_version, bool accept_standard_json_only) {
  return accept_standard_json_only || client_version >= version::kV4_9_4 ? kStrictJson : JsonStyle{};
}

}  // namespace ogive::protocol
