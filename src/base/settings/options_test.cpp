#include "base/settings/options.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "testing/source_dir.h"

namespace ogive::settings {
namespace {

Options topic_route() {
  Options options;
  options.add({"h", "help", false, "Print help"})
      .add({"n", "namesrvAddr", true, "Name server address list, eg: '192.168.0.1:9876;192.168.0.2:9876'"})
      .add({"t", "topic", true, "topic name", true})
      .add({"l", "list", false, "Use list format to print data"});
  return options;
}

std::string error_of(const Options& options, std::vector<std::string> words) {
  const auto line = options.parse(words);
  return line.has_value() ? "(parsed)" : line.error().message();
}

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; std::getline(stream, word, ' ');) words.push_back(word);
  return words;
}

TEST(Options, ReadsEverySpelling) {
  for (const char* text :
       {"-n a:1 -t T", "-na:1 -tT", "-n=a:1 -t=T", "--namesrvAddr a:1 --topic T", "--namesrvAddr=a:1 --topic=T",
        "-namesrvAddr a:1 -topic T", "--names a:1 --to T", "-namesrvAddra:1 -topicT"}) {
    const Options options = topic_route();
    const auto line = options.parse(words_of(text));
    ASSERT_TRUE(line.has_value()) << text << ": " << line.error().message();
    EXPECT_EQ(line->value("n"), "a:1") << text;
    EXPECT_EQ(line->value("namesrvAddr"), "a:1") << text;
    EXPECT_EQ(line->value("topic"), "T") << text;
    EXPECT_FALSE(line->has("h")) << text;
    EXPECT_EQ(line->properties().find("namesrvAddr")->value, "a:1") << text;
  }
}

TEST(Options, ErrorTexts) {
  const Options options = topic_route();
  EXPECT_EQ(error_of(options, {"-zz"}), "Unrecognized option: -zz");
  EXPECT_EQ(error_of(options, {"--nope"}), "Unrecognized option: --nope");
  EXPECT_EQ(error_of(options, {"-t"}), "Missing argument for option: t");
  EXPECT_EQ(error_of(options, {"-h"}), "Missing required option: t");
}

/// Results of Commons CLI 1.5.0 for the options below: command line, tab, options and values or the error.
TEST(Options, AgreesWithRecordedResults) {
  Options options;
  options.add({"h", "help", false, "Print help"})
      .add({"n", "namesrvAddr", true, "addr"})
      .add({"p", "printConfigItem", false, "print"})
      .add({"pc", "proxyConfigPath", true, "path"})
      .add({"", "proxyMode", true, "mode"})
      .add({"t", "topic", true, "topic", true})
      .add_group({{"b", "brokerAddr", true, "get which broker"}, {"c", "clusterName", true, "get which cluster"}},
                 true);
  std::ifstream file(source_dir() + "/testing/golden/settings/command_lines.tsv");
  ASSERT_TRUE(file.is_open());
  for (std::string row; std::getline(file, row);) {
    const std::size_t tab = row.find('\t');
    const std::string text = row.substr(0, tab);
    const auto line = options.parse(words_of(text));
    std::string result;
    if (line.has_value()) {
      result = line->summary() + "|";
      for (const std::string& word : line->arguments()) result += " " + word;
    } else {
      result = "error: " + line.error().message();
    }
    EXPECT_EQ(result, row.substr(tab + 1)) << text;
  }
}

TEST(Options, HelpLayout) {
  EXPECT_EQ(topic_route().help("mqadmin topicRoute"),
            "usage: mqadmin topicRoute [-h] [-l] [-n <arg>] -t <arg>\n"
            " -h,--help                Print help\n"
            " -l,--list                Use list format to print data\n"
            " -n,--namesrvAddr <arg>   Name server address list, eg: '192.168.0.1:9876;192.168.0.2:9876'\n"
            " -t,--topic <arg>         topic name\n");
}

TEST(Options, HelpOfGroups) {
  Options options;
  options.add({"h", "help", false, "Print help"})
      .add({"n", "namesrvAddr", true, "Name server address list, eg: '192.168.0.1:9876;192.168.0.2:9876'"})
      .add_group({{"b", "brokerAddr", true, "get which broker"}, {"c", "clusterName", true, "get which cluster"}},
                 true);
  EXPECT_EQ(options.help("mqadmin getBrokerConfig"),
            "usage: mqadmin getBrokerConfig -b <arg> | -c <arg>  [-h] [-n <arg>]\n"
            " -b,--brokerAddr <arg>    get which broker\n"
            " -c,--clusterName <arg>   get which cluster\n"
            " -h,--help                Print help\n"
            " -n,--namesrvAddr <arg>   Name server address list, eg: '192.168.0.1:9876;192.168.0.2:9876'\n");
}

TEST(Options, HelpWrapsLongLines) {
  Options options;
  for (const char* name : {"c", "d", "f", "g", "n", "s", "u"}) options.add({name, "", true, ""});
  options.add({"h", "help", false, "Print help"}).add({"i", "msgId", true, "Message Id", true});
  options.add({"t", "", true, std::string(60, 'x') + " " + std::string(50, 'y'), true});
  EXPECT_EQ(
      options.help("mqadmin queryMsgById"),
      "usage: mqadmin queryMsgById [-c <arg>] [-d <arg>] [-f <arg>] [-g <arg>] [-h] -i <arg> [-n <arg>] [-s <arg>] -t\n"
      "       <arg> [-u <arg>]\n"
      " -c <arg>\n"
      " -d <arg>\n"
      " -f <arg>\n"
      " -g <arg>\n"
      " -h,--help          Print help\n"
      " -i,--msgId <arg>   Message Id\n"
      " -n <arg>\n"
      " -s <arg>\n"
      " -t <arg>           " +
          std::string(60, 'x') + "\n" + std::string(20, ' ') + std::string(50, 'y') +
          "\n"
          " -u <arg>\n");
}

}  // namespace
}  // namespace ogive::settings
