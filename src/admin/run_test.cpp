// The command line of mqadmin: lists, help texts, exit statuses.

#include "admin/run.h"

#include <gmock/gmock.h>

#include "admin/command_table.h"
#include "admin/fake_cluster_for_test.h"

namespace ogive::admin {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class RunTest : public FakeCluster {};

/// The recorded help text of every command of 5.5.0, by its name.
std::map<std::string, std::string> recorded_help() {
  std::map<std::string, std::string> help;
  std::string name;
  for (const std::string& line : lines_of(golden("help_all.txt"))) {
    if (line.starts_with("@@@ ")) {
      name = line.substr(4);
    } else {
      help[name] += line + "\n";
    }
  }
  return help;
}

TEST_F(RunTest, EveryCommandHasTheRecordedHelpText) {
  const auto recorded = recorded_help();
  for (const Command& command : commands()) {
    const auto found = recorded.find(std::string(command.name));
    ASSERT_NE(found, recorded.end()) << command.name;
    const Outcome outcome = run({"help", std::string(command.name)});
    EXPECT_EQ(outcome.status, 0);
    EXPECT_EQ(outcome.out, found->second) << command.name;
  }
}

TEST_F(RunTest, EveryCommandOfTheOriginalIsHereOrNamedAsMissing) {
  for (const auto& [name, text] : recorded_help()) {
    EXPECT_NE(find_command(name) != nullptr, is_missing_command(name)) << name;
  }
}

TEST_F(RunTest, WithoutArgumentsListsTheCommandsAsTheOriginalDoes) {
  const Outcome outcome = run({});
  EXPECT_EQ(outcome.status, 0);
  std::string expected;
  for (const std::string& line : lines_of(golden("noargs.out"))) {
    const bool row = line.starts_with("   ");
    if (row && is_missing_command(line.substr(3, line.find(' ', 3) - 3))) continue;
    if (line.empty()) break;
    expected += line + "\n";
  }
  EXPECT_THAT(outcome.out, StartsWith(expected));
  EXPECT_THAT(outcome.out, HasSubstr("Not part of Ogive: "));
  EXPECT_THAT(outcome.out, HasSubstr("See 'mqadmin help <command>' for more information on a specific command.\n"));
}

TEST_F(RunTest, WrongCommandLinesPrintTheRecordedTextsAndFail) {
  struct Case {
    const char* file;
    std::vector<std::string> words;
    std::string err;
  };
  const std::vector<Case> cases = {
      {"missing_option.out", {"topicRoute"}, "Missing required option: t\n"},
      {"missing_arg.out", {"topicRoute", "-t"}, "Missing argument for option: t\n"},
      {"unknown_option.out", {"topicRoute", "-t", "A", "-zz"}, "Unrecognized option: -zz\n"},
      {"topicRoute_h.out", {"topicRoute", "-h"}, "Missing required option: t\n"},
      {"queryMsgById_missing_t.out", {"queryMsgById", "-i", "7F"}, "Missing required option: t\n"}};
  for (const Case& one : cases) {
    const Outcome outcome = run(one.words);
    EXPECT_EQ(outcome.status, kFailed);
    EXPECT_EQ(outcome.out, golden(one.file)) << one.file;
    EXPECT_EQ(outcome.err, one.err);
  }
}

TEST_F(RunTest, UnknownCommandsFailAndSayWhatThereIs) {
  const Outcome unknown = run({"noSuchCommand"});
  EXPECT_EQ(unknown.status, kFailed);
  EXPECT_EQ(unknown.out, "The sub command noSuchCommand not exist.\n");
  EXPECT_THAT(unknown.err, HasSubstr("   clusterList "));
  EXPECT_EQ(run({"help"}).out, golden("help.out"));
  EXPECT_EQ(run({"help", "noSuchCommand"}).out, golden("help_unknown.out"));
  const Outcome missing = run({"createUser", "-u", "x"});
  EXPECT_EQ(missing.status, kFailed);
  EXPECT_EQ(missing.err, "mqadmin: createUser is a command of RocketMQ 5.5.0 that Ogive does not have\n");
}

TEST_F(RunTest, NamesOfCommandsIgnoreCaseAndOptionsMayBeShortened) {
  one_broker();
  EXPECT_EQ(run({"TOPICROUTE", "--top", "TopicA"}).out, golden("topicRoute.out"));
  EXPECT_EQ(run({"topicRoute", "-tTopicA", "--namesrvAddr=127.0.0.1:29876"}, "127.0.0.1:1").out,
            golden("topicRoute.out"));
}

TEST_F(RunTest, AFailingCommandSaysWhyInOneLineAndFails) {
  on_refuse(protocol::request_code::kGetRouteinfoByTopic, 17,
            "No topic route info in name server for the topic: X\nSee the FAQ");
  const Outcome refused = run({"topicRoute", "-t", "X"});
  EXPECT_EQ(refused.status, kFailed);
  EXPECT_EQ(refused.out, "");
  EXPECT_EQ(refused.err,
            "mqadmin: topicRoute failed: CODE: 17  DESC: No topic route info in name server for the topic: X See the "
            "FAQ (from 127.0.0.1:29876)\n");
  EXPECT_THAT(run({"topicRoute", "-t", "X"}, "").err, HasSubstr("no name server is known; give -n"));
  EXPECT_THAT(run({"topicRoute", "-t", "X", "-n", "here"}).err, HasSubstr("'here' is not host:port"));
  EXPECT_THAT(run({"topicRoute", "-t", "X", "-n", "127.0.0.1:1"}).err, HasSubstr("127.0.0.1:1"));
  EXPECT_THAT(run({"updateTopic", "-t", "X", "-b", "127.0.0.1:20911", "-r", "many"}).err,
              HasSubstr("option -r: 'many' is not a whole number"));
}

}  // namespace
}  // namespace ogive::admin
