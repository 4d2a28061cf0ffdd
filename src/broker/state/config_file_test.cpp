#include "broker/state/config_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "testing/sim_disk.h"
#include "testing/sim_file_system.h"

namespace ogive::broker {
namespace {

using ::testing::HasSubstr;

class ConfigFileTest : public ::testing::Test {
 protected:
  std::string content(const std::string& path) { return io::read_file(files_, path, 1u << 20).value_or("none"); }

  sim::SimDisk disk_{4};
  sim::SimFileSystem files_{disk_, system_clock()};
  settings::Settings settings_{settings::broker_scopes(), settings::Machine{}};
  ConfigFile file_{settings_, files_, "/store/config/broker.properties"};
};

TEST_F(ConfigFileTest, AChangeIsThereAfterARestartWithThatFile) {
  settings_.assign("brokerConfigPath", "/etc/broker.conf");
  ASSERT_TRUE(file_.update("fileReservedTime=10\nbrokerPermission=4\n").has_value());
  settings::Settings again(settings::broker_scopes(), settings::Machine{});
  EXPECT_FALSE(has_error(again.load(settings::Properties::parse(content("/etc/broker.conf")), "file")));
  EXPECT_EQ(again.get_int("fileReservedTime"), 10);
  EXPECT_EQ(again.get_int("brokerPermission"), 4);
}

TEST_F(ConfigFileTest, WithoutAFileOfTheCommandLineItGoesBesideTheMetadata) {
  ASSERT_TRUE(file_.update("fileReservedTime=10\n").has_value());
  EXPECT_THAT(content("/store/config/broker.properties"), HasSubstr("fileReservedTime=10\n"));
}

TEST_F(ConfigFileTest, ARefusedChangeWritesNothing) {
  EXPECT_EQ(file_.update("brokerConfigPath=/etc/passwd\n").error().code(), Errc::kPermission);
  EXPECT_EQ(file_.update("fileReservedTime=soon\n").error().code(), Errc::kInvalidArgument);
  EXPECT_EQ(content("/store/config/broker.properties"), "none");
}

TEST_F(ConfigFileTest, AFileThatCannotBeWrittenIsSaid) {
  disk_.set_read_only(true);
  const auto outcome = file_.update("fileReservedTime=10\n");
  ASSERT_FALSE(outcome.has_value());
  EXPECT_THAT(outcome.error().message(), HasSubstr("only until the next start"));
  EXPECT_EQ(settings_.get_int("fileReservedTime"), 10);
}

}  // namespace
}  // namespace ogive::broker
