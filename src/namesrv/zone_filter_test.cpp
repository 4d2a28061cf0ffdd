#include "namesrv/zone_filter.h"

#include <gtest/gtest.h>

namespace ogive::namesrv {
namespace {

TEST(ZoneFilter, KeepsTheZoneAndGroupsWithoutMaster) {
  TopicRoute route;
  route.groups = {{"a", "C", {{0, "h1:1"}}, false, "Z1"},
                  {"b", "C", {{0, "h2:1"}, {1, "h3:1"}}, false, "z2"},
                  {"c", "C", {{1, "h4:1"}}, false, "z2"},
                  {"d", "C", {{0, "h5:1"}}, false, std::nullopt}};
  for (const char* name : {"a", "b", "c", "d"}) route.queues[name] = {4, 4, 6, 0};
  route.filter_servers = {{"h1:1", {"f"}}, {"h3:1", {"f"}}};
  keep_zone(route, "z1");
  ASSERT_EQ(route.groups.size(), 2u);
  EXPECT_EQ(route.groups[0].name, "a");
  EXPECT_EQ(route.groups[1].name, "c");
  EXPECT_EQ(route.queues.size(), 2u);
  EXPECT_EQ(route.filter_servers.size(), 1u);
}

}  // namespace
}  // namespace ogive::namesrv
