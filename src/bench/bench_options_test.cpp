#include "bench/bench_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ogive::bench {
namespace {

using ::testing::HasSubstr;

Result<BenchOptions> parse(std::vector<std::string> words) {
  return parse_bench_options(words);
}

std::string refusal(std::vector<std::string> words) {
  const auto options = parse(std::move(words));
  return options ? "accepted" : options.error().message();
}

TEST(BenchOptions, ARelayHasTwoAddresses) {
  const auto options = parse({"relay", "--server", "127.0.0.1:1", "--to", "127.0.0.1:2", "--delay", "7"});
  ASSERT_TRUE(options.has_value()) << options.error().message();
  EXPECT_EQ(options->task, Task::kRelay);
  EXPECT_EQ(options->to.to_string(), "127.0.0.1:2");
  EXPECT_EQ(options->delay_ms, 7u);
  EXPECT_THAT(refusal({"relay"}), HasSubstr("--to"));
}

TEST(BenchOptions, EveryOptionIsTaken) {
  const auto options =
      parse({"produce", "--server", "10.1.2.3:10", "--header", "json", "--connections", "64", "--in-flight",
             "32",      "--size",   "1024",        "--batch",  "16",   "--seconds",     "3",  "--warmup",
             "0",       "--topic",  "T",           "--queues", "2",    "--server-pid",  "77", "--json"});
  ASSERT_TRUE(options.has_value()) << options.error().message();
  EXPECT_EQ(options->task, Task::kProduce);
  EXPECT_EQ(options->server.to_string(), "10.1.2.3:10");
  EXPECT_EQ(options->header, protocol::Serialization::kJson);
  EXPECT_EQ(options->connections, 64u);
  EXPECT_EQ(options->in_flight, 32u);
  EXPECT_EQ(options->size, 1024u);
  EXPECT_EQ(options->batch, 16u);
  EXPECT_EQ(options->seconds, 3u);
  EXPECT_EQ(options->warm_up, 0u);
  EXPECT_EQ(options->topic, "T");
  EXPECT_EQ(options->queues, 2u);
  EXPECT_EQ(options->server_pid, 77);
  EXPECT_TRUE(options->json);
}

TEST(BenchOptions, MessagesCanBeLikeThoseOfRealClients) {
  const auto options = parse({"produce", "--size", "128:7,4096:3", "--keys", "--tag", "Paid", "--properties", "4",
                              "--delay-level", "3", "--one-way", "--html", "report.html", "--progress"});
  ASSERT_TRUE(options.has_value()) << options.error().message();
  EXPECT_EQ(options->size, 4'096u);
  EXPECT_FALSE(options->sizes.is_fixed());
  EXPECT_TRUE(options->keys);
  EXPECT_EQ(options->tag, "Paid");
  EXPECT_EQ(options->properties, 4u);
  EXPECT_EQ(options->delay_level, 3u);
  EXPECT_TRUE(options->one_way);
  EXPECT_EQ(options->html, "report.html");
  EXPECT_TRUE(options->progress);
  EXPECT_EQ(parse({"mixed", "--consumers", "9"})->consumers, 9u);
  EXPECT_EQ(parse({"mixed"})->task, Task::kMixed);
  EXPECT_TRUE(parse({"produce", "--size", "512"})->sizes.is_fixed());
}

TEST(BenchOptions, WhatContradictsItselfIsRefused) {
  EXPECT_THAT(refusal({"produce", "--size", "1..9", "--batch", "2"}), HasSubstr("several sizes"));
  EXPECT_THAT(refusal({"consume", "--size", "1..9"}), HasSubstr("several sizes"));
  EXPECT_THAT(refusal({"echo", "--size", "64..128"}), HasSubstr("several sizes"));
  EXPECT_THAT(refusal({"produce", "--delay-level", "3", "--batch", "2"}), HasSubstr("--delay-level 3"));
  EXPECT_THAT(refusal({"consume", "--delay-level", "3"}), HasSubstr("--delay-level 3"));
  EXPECT_THAT(refusal({"consume", "--one-way"}), HasSubstr("--one-way"));
  EXPECT_THAT(refusal({"deliver", "--batch", "2"}), HasSubstr("--batch 2"));
}

TEST(BenchOptions, TasksHaveTheirOwnDefaults) {
  EXPECT_EQ(parse({"consume"})->batch, 32u);
  EXPECT_EQ(parse({"produce"})->batch, 1u);
  EXPECT_EQ(parse({"route"})->server.port, 9876);
  EXPECT_EQ(parse({"produce"})->server.port, 10911);
  EXPECT_TRUE(parse({})->help);
  EXPECT_TRUE(parse({"echo", "-h"})->help);
}

TEST(BenchOptions, WhatCannotBeMeantIsNamed) {
  EXPECT_THAT(refusal({"publish"}), HasSubstr("'publish'"));
  EXPECT_THAT(refusal({"produce", "--connections", "0"}), HasSubstr("--connections '0'"));
  EXPECT_THAT(refusal({"produce", "--size", "12k"}), HasSubstr("--size '12k'"));
  EXPECT_THAT(refusal({"produce", "--header", "xml"}), HasSubstr("'xml'"));
  EXPECT_THAT(refusal({"produce", "--server", "nowhere"}), HasSubstr("nowhere"));
  EXPECT_THAT(refusal({"echo", "--size", "8"}), HasSubstr("from 33"));
  EXPECT_THAT(refusal({"produce", "extra"}), HasSubstr("'extra'"));
  EXPECT_THAT(refusal({"produce", "--colour", "red"}), HasSubstr("colour"));
}

}  // namespace
}  // namespace ogive::bench
