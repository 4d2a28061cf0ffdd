#pragma once
// Which names the name server accepts from peers: topics, brokers, clusters and addresses. Names end up in file names
// and shell scripts of others, so "../x" and control characters stop here.

#include <string_view>

#include "base/error.h"

namespace ogive::namesrv {

/// Longest topic, broker or cluster name in bytes; retry topics of long groups need it all.
inline constexpr std::size_t kMaxNameBytes = 255;
/// Longest "host:port".
inline constexpr std::size_t kMaxAddressBytes = 261;

/// 1 to kMaxNameBytes of letters, digits and "%|_-.", not beginning with a dot. Dots are there because a broker without
/// a configured name is called as its host, and a topic of that name is made. kInvalidArgument names the kind, the name
/// and the offending character.
Status check_name(std::string_view kind, std::string_view name);

/// "host:port" with a name, an IPv4 or an IPv6 address, bracketed or bare. `kind` says whose address in the error.
Status check_address(std::string_view kind, std::string_view address);

/// Cluster name, broker name and address of one broker.
Status check_broker(std::string_view cluster, std::string_view broker_name, std::string_view address);

}  // namespace ogive::namesrv
