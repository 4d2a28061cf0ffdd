#include "base/settings/settings.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "base/settings/value_check.h"
#include "testing/source_dir.h"

namespace ogive::settings {
namespace {

Machine two_cores() {
  return {.cores = 2,
          .host_name = "host",
          .local_ip = "192.0.2.2",
          .home = "/home/user",
          .rocketmq_home = "/opt/rocketmq",
          .namesrv_addr = ""};
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

/// Recorded output of RocketMQ 5.5.0 with the time stamps cut off.
std::string recorded(const std::string& name) {
  std::ifstream file(source_dir() + "/testing/golden/settings/" + name);
  EXPECT_TRUE(file.is_open()) << name;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(Settings, PrintsAllItemsAsRecorded) {
  const Settings settings(broker_scopes(), two_cores());
  EXPECT_EQ(joined(settings.printed_items(false)), recorded("broker_p.txt"));
}

TEST(Settings, PrintsImportantItemsAsRecorded) {
  const Settings settings(broker_scopes(), two_cores());
  EXPECT_EQ(joined(settings.printed_items(true)), recorded("broker_m.txt"));
}

/// The recorded reply is from a broker with other values for some keys; those are loaded first.
TEST(Settings, PropertyTextHasTheRecordedKeysInOrder) {
  for (const bool broker : {true, false}) {
    Settings settings(broker ? broker_scopes() : namesrv_scopes(), two_cores());
    const std::string reply = recorded(broker ? "get_broker_config.txt" : "get_namesrv_config.txt");
    const auto problems = settings.load(Properties::parse(reply), "reply");
    EXPECT_FALSE(has_error(problems));
    std::string text = settings.property_text(false);
    std::string without_ours;
    std::set<std::string_view> ours;
    for (const SettingRow& row : ogive_rows()) ours.insert(row.name);
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      if (!ours.contains(std::string_view(line).substr(0, line.find('=')))) without_ours += line + "\n";
    }
    EXPECT_EQ(without_ours, reply);
  }
}

TEST(Settings, DefaultsAreThoseOfARecordedBroker) {
  // Keys given to the recorded broker, or taken from its machine.
  const std::set<std::string> given = {"brokerName",
                                       "listenPort",
                                       "haListenPort",
                                       "namesrvAddr",
                                       "brokerIP1",
                                       "brokerIP2",
                                       "storePathRootDir",
                                       "storePathCommitLog",
                                       "rocketmqHome",
                                       "mappedFileSizeCommitLog",
                                       "mappedFileSizeConsumeQueue",
                                       "mapperFileSizeBatchConsumeQueue",
                                       "maxHashSlotNum",
                                       "maxIndexNum",
                                       "mappedFileSizeTimerLog",
                                       "enablePropertyFilter",
                                       "recallMessageEnable",
                                       "transactionTimeOut",
                                       "diskMaxUsedSpaceRatio",
                                       "bitMapLengthConsumeQueueExt",
                                       "transactionCheckInterval",
                                       "fileReservedTime"};
  const Settings settings(broker_scopes(), two_cores());
  std::set<std::string> lines;
  std::istringstream text(settings.property_text(false));
  for (std::string line; std::getline(text, line);) lines.insert(line);
  std::istringstream reply(recorded("get_broker_config.txt"));
  for (std::string line; std::getline(reply, line);) {
    const bool is_default = !given.contains(line.substr(0, line.find('=')));
    EXPECT_TRUE(!is_default || lines.contains(line)) << line;
  }
}

TEST(Settings, FileOverridesDefaultsInEveryScopeThatHasTheKey) {
  Settings settings(broker_scopes(), two_cores());
  EXPECT_EQ(settings.get_int("listenPort"), 10911);
  EXPECT_TRUE(settings.load(Properties::parse("listenPort = 20911\nbrokerRole=SYNC_MASTER\n"), "broker.conf").empty());
  EXPECT_EQ(settings.get_int("listenPort"), 20911);
  EXPECT_EQ(settings.get_string("brokerRole"), "SYNC_MASTER");
  EXPECT_TRUE(settings.is_given("brokerRole"));
  EXPECT_FALSE(settings.is_given("flushDiskType"));
  const auto items = settings.printed_items(false);
  EXPECT_EQ(std::ranges::count(items, "listenPort=20911"), 2);
}

TEST(Settings, NamesPlaceAndRemedyOfWhatIsWrong) {
  Settings settings(broker_scopes(), two_cores());
  const auto problems = settings.load(Properties::parse("# comment\n"
                                                        "brokerNmae=a\n"
                                                        "listenPort=70000\n"
                                                        "flushDiskType=SYNC\n"
                                                        "autoCreateTopicEnable=yes\n"
                                                        "transientStorePoolEnable=true\n"),
                                      "broker.conf");
  ASSERT_EQ(problems.size(), 5u);
  EXPECT_EQ(problems[0].text, "broker.conf:2: unknown key 'brokerNmae' is ignored; did you mean 'brokerName'?");
  EXPECT_EQ(problems[1].text, "broker.conf:3: listenPort: 70000 is not within 0 to 65535");
  EXPECT_EQ(problems[2].text, "broker.conf:4: flushDiskType: 'SYNC' is not one of ASYNC_FLUSH, SYNC_FLUSH");
  EXPECT_EQ(problems[3].text, "broker.conf:5: autoCreateTopicEnable: 'yes' is neither true nor false");
  EXPECT_EQ(problems[4].severity, Problem::Severity::kNote);
  EXPECT_NE(problems[4].text.find("accepted, no effect, because"), std::string::npos);
  EXPECT_TRUE(has_error(problems));
  EXPECT_EQ(settings.get_int("listenPort"), 10911);
  EXPECT_TRUE(settings.get_bool("transientStorePoolEnable") == true);
}

TEST(Settings, UpdateIsAllOrNothing) {
  Settings settings(broker_scopes(), two_cores());
  std::vector<std::string> changed;
  settings.on_change([&](const std::vector<std::string>& keys) { changed = keys; });

  const auto refused = settings.update(Properties::parse("flushConsumerOffsetInterval=10\nmaxMessageSize=big\n"));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code(), Errc::kInvalidArgument);
  EXPECT_EQ(settings.get_int("flushConsumerOffsetInterval"), 5000);
  EXPECT_TRUE(changed.empty());

  const auto forbidden = settings.update(Properties::parse("brokerConfigPath=/etc/passwd\n"));
  ASSERT_FALSE(forbidden.has_value());
  EXPECT_EQ(forbidden.error().code(), Errc::kPermission);

  const auto accepted =
      settings.update(Properties::parse("flushConsumerOffsetInterval=10\nnoSuchKey=1\nbrokerName=b\n"));
  ASSERT_TRUE(accepted.has_value());
  ASSERT_EQ(accepted->size(), 2u);
  EXPECT_EQ((*accepted)[0].severity, Problem::Severity::kWarning);
  EXPECT_EQ((*accepted)[1].text, "brokerName: takes effect at the next start");
  EXPECT_EQ(settings.get_int("flushConsumerOffsetInterval"), 10);
  EXPECT_EQ(changed, (std::vector<std::string>{"flushConsumerOffsetInterval", "noSuchKey", "brokerName"}));
  EXPECT_EQ(settings.property_text(false).find("noSuchKey"), std::string::npos);
}

TEST(Settings, WrittenFileReadsBack) {
  Settings settings(broker_scopes(), two_cores());
  settings.load(Properties::parse("metricsLabel=a\\\\b\nscanAvailableNameSrv=false\nunknownKey=x\n"), "file");
  const std::string file = settings.property_text(true);
  Settings again(broker_scopes(), two_cores());
  EXPECT_FALSE(has_error(again.load(Properties::parse(file), "file")));
  EXPECT_EQ(again.property_text(true), file);
  EXPECT_EQ(again.get_string("metricsLabel"), "a\\b");
  EXPECT_FALSE(again.get_bool("isScanAvailableNameSrv"));
}

TEST(Settings, TablesAreSound) {
  for (const auto scopes : {broker_scopes(), namesrv_scopes()}) {
    for (const Scope& scope : scopes) {
      std::set<std::string_view> names;
      for (const SettingRow& row : scope.rows) {
        EXPECT_TRUE(names.insert(row.name).second) << row.name;
        EXPECT_FALSE(row.note.empty()) << row.name;
        if (row.default_kind == DefaultKind::kText) {
          EXPECT_TRUE(check_value(row, row.default_text).has_value()) << row.name;
        }
        if (row.default_kind == DefaultKind::kComputed && row.type != SettingType::kString) {
          EXPECT_TRUE(check_value(row, computed_default(row.name, two_cores())).has_value()) << row.name;
        }
      }
    }
  }
}

TEST(Settings, PrintedLineCarriesTheTimeOfGmtPlus8) {
  EXPECT_EQ(printed_line("a=b", 1795470446000), "2026-11-24 05:47:26 INFO main - a=b");
}

TEST(Settings, ASecretIsInTheFileOnly) {
  Settings settings(broker_scopes(), two_cores());
  EXPECT_FALSE(has_error(settings.load(Properties::parse("haSharedSecret=hush hush hush hush\n"), "file")));
  EXPECT_EQ(settings.get_string("haSharedSecret"), "hush hush hush hush");
  EXPECT_EQ(settings.property_text(false).find("hush"), std::string::npos);
  for (const std::string& item : settings.printed_items(false)) EXPECT_EQ(item.find("hush"), std::string::npos);
  EXPECT_NE(settings.property_text(true).find("haSharedSecret=hush"), std::string::npos);
}

}  // namespace
}  // namespace ogive::settings
