#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "io/epoll_network.h"
#include "io/socket_address.h"

namespace ogive::io {
namespace {

/// Private ranges: reachable only from within.
bool is_internal(const Endpoint& endpoint) {
  const auto& a = endpoint.address;
  if (endpoint.is_v6()) return a[0] == 0xfe && (a[1] & 0x80) != 0;  // fe80::/10 link-local, fec0::/10 site-local
  return a[0] == 10 || a[0] == 127 || (a[0] == 172 && a[1] >= 16 && a[1] <= 31) || (a[0] == 192 && a[1] == 168);
}

bool is_usable(const ifaddrs& entry) {
  if (entry.ifa_addr == nullptr) return false;
  const int family = entry.ifa_addr->sa_family;
  if (family != AF_INET && family != AF_INET6) return false;
  if ((entry.ifa_flags & IFF_UP) == 0 || (entry.ifa_flags & (IFF_LOOPBACK | IFF_POINTOPOINT)) != 0) return false;
  const std::string_view name = entry.ifa_name;
  if (name.find(':') != std::string_view::npos) return false;  // An alias ("eth0:1").
  return ::access(("/sys/class/net/" + std::string(name) + "/bridge").c_str(), F_OK) != 0;
}

}  // namespace

// The original prefers IPv4 to IPv6 and public to private addresses; among public ones it takes the first of the JVM's
// list and among private IPv4 ones the last. The JVM lists interfaces in the reverse of the kernel's order.
std::vector<Endpoint> EpollNetwork::local_addresses() {
  std::vector<Endpoint> public_v4, private_v4, public_v6, private_v6;
  ifaddrs* entries = nullptr;
  if (::getifaddrs(&entries) != 0) return {};
  for (const ifaddrs* entry = entries; entry != nullptr; entry = entry->ifa_next) {
    if (!is_usable(*entry)) continue;
    sockaddr_storage address{};
    const bool v6 = entry->ifa_addr->sa_family == AF_INET6;
    std::memcpy(&address, entry->ifa_addr, v6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in));
    const Endpoint endpoint = from_socket_address(address);
    if (v6) {
      (is_internal(endpoint) ? private_v6 : public_v6).push_back(endpoint);
    } else {
      (is_internal(endpoint) ? private_v4 : public_v4).push_back(endpoint);
    }
  }
  ::freeifaddrs(entries);
  std::ranges::reverse(public_v4);
  std::ranges::reverse(public_v6);
  std::ranges::reverse(private_v6);
  std::vector<Endpoint> all = std::move(public_v4);
  for (const auto* group : {&private_v4, &public_v6, &private_v6}) all.insert(all.end(), group->begin(), group->end());
  return all;
}

}  // namespace ogive::io
