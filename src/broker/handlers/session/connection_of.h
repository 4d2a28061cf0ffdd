#pragma once
// A client as the tables of connections show it (203, 204).

#include "broker/session/client_session.h"
#include "protocol/bodies/connections.h"
#include "protocol/codes.h"

namespace ogive::broker::handlers {

inline protocol::Connection connection_of(const ClientSession& session) {
  return {session.client_id, session.remote.to_string(), std::string(protocol::language_name(session.language)),
          session.version};
}

}  // namespace ogive::broker::handlers
