#include "bench/bench_options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <charconv>
#include <filesystem>
#include <limits>

#include "base/settings/options.h"

namespace ogive::bench {
namespace {

constexpr unsigned kSmallestEcho = 33;  ///< A binary frame with the reply's size in its body.
constexpr unsigned kLargestFrame = 4u << 20;
constexpr unsigned kMostDelayLevel = 64;  ///< messageDelayLevel may be longer than the usual 18.

settings::Options known_options() {
  settings::Options options;
  options.add({"h", "help", false, "Print help"});
  options.add({"s", "server", true, "ip:port to send to, or to listen at (127.0.0.1:10911; route: 127.0.0.1:9876)"});
  options.add({"", "header", true, "rocketmq (binary, the default) or json"});
  options.add({"c", "connections", true, "connections (1)"});
  options.add({"i", "in-flight", true, "requests under way on each connection (1)"});
  options.add({"b", "size", true,
               "bytes of a message's body, also 128..4096 or 128:70,1024:30; echo: of the request frame (128)"});
  options.add({"k", "batch", true, "messages in a request; consume: at most in a reply (1; consume: 32)"});
  options.add({"", "reply-size", true, "echo: bytes of the reply frame (128)"});
  options.add({"t", "seconds", true, "measured time (5)"});
  options.add({"w", "warmup", true, "seconds before it (1)"});
  options.add({"r", "rate", true,
               "requests a second at equal distances, latency from when each was due (as fast as replies come)"});
  options.add({"", "asleep", false,
               "with a rate: sleeps between sends, for 0.1 ms at least, where others need the core; costs latency"});
  options.add({"", "topic", true, "topic, made by the first message (OgiveBench)"});
  options.add({"", "topics", true, "produce: that many topics in turn, topic, topic-1, topic-2 ... (1)"});
  options.add({"q", "queues", true, "queues used in turn (4)"});
  options.add({"", "one-way", false, "produce: without replies; whether messages were stored is not known"});
  options.add({"", "tag", true, "tag of every message, '' for none (TagA)"});
  options.add({"", "keys", false, "every message gets a key of its own besides its unique key"});
  options.add({"", "properties", true, "user properties of every message, 32 bytes each (0)"});
  options.add({"", "delay-level", true, "messages are delivered later, by that level of the broker (0: at once)"});
  options.add({"", "consumers", true, "mixed: connections that pull while others send (1)"});
  options.add({"", "preload", true, "consume, mixed: messages stored first (65536); 0: reads what is there"});
  options.add({"g", "groups", true, "deliver: consumer groups, each of which reads everything (1)"});
  options.add({"p", "server-pid", true, "process whose CPU, memory and context switches are reported"});
  options.add({"d", "directory", true, "limits: where files are made and removed (the system's temporary directory)"});
  options.add({"", "to", true, "relay: ip:port that connections are passed on to"});
  options.add({"", "delay", true, "relay: milliseconds that everything arrives later, on either way (2)"});
  options.add({"", "html", true, "write the report as one HTML page with plots to this file"});
  options.add({"", "progress", false, "print how it goes every second, also when standard error is no terminal"});
  options.add({"j", "json", false, "print one line of JSON"});
  return options;
}

constexpr std::array<std::string_view, 9> kTaskNames{"produce",     "consume", "deliver", "route", "echo",
                                                     "echo-server", "relay",   "limits",  "mixed"};

Result<Task> parse_task(std::string_view word) {
  for (std::size_t i = 0; i < kTaskNames.size(); ++i) {
    if (kTaskNames[i] == word) return static_cast<Task>(i);
  }
  return fail(Errc::kInvalidArgument,
              fmt::format("'{}' is no task of bench: say {}", word, fmt::join(kTaskNames, ", ")));
}

Status take_number(const settings::CommandLine& line, std::string_view name, unsigned low, unsigned high,
                   unsigned& out) {
  const auto text = line.value(name);
  if (!text) return {};
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || end != text->data() + text->size() || value < low || value > high) {
    return fail(Errc::kInvalidArgument, fmt::format("--{} '{}' is not a number from {} to {}", name, *text, low, high));
  }
  out = value;
  return {};
}

Status take_numbers(const settings::CommandLine& line, BenchOptions& options) {
  const bool echo = options.task == Task::kEcho;
  OGIVE_TRY(take_number(line, "connections", 1, 10'000, options.connections));
  OGIVE_TRY(take_number(line, "in-flight", 1, 4'096, options.in_flight));
  if (const auto text = line.value("size")) {
    auto sizes = SizeMix::parse(*text, echo ? kSmallestEcho : 1, kLargestFrame);
    if (!sizes) return fail(sizes.error());
    options.sizes = std::move(*sizes);
    options.size = options.sizes.largest();
  }
  OGIVE_TRY(take_number(line, "batch", 1, 1'024, options.batch));
  OGIVE_TRY(take_number(line, "reply-size", kSmallestEcho, kLargestFrame, options.reply_size));
  OGIVE_TRY(take_number(line, "delay", 0, 60'000, options.delay_ms));
  OGIVE_TRY(take_number(line, "seconds", 1, 86'400, options.seconds));
  OGIVE_TRY(take_number(line, "warmup", 0, 3'600, options.warm_up));
  OGIVE_TRY(take_number(line, "rate", 1, 100'000'000, options.rate));
  OGIVE_TRY(take_number(line, "topics", 1, 100'000, options.topics));
  OGIVE_TRY(take_number(line, "queues", 1, 1'024, options.queues));
  OGIVE_TRY(take_number(line, "groups", 1, 1'024, options.groups));
  OGIVE_TRY(take_number(line, "delay-level", 0, kMostDelayLevel, options.delay_level));
  OGIVE_TRY(take_number(line, "properties", 0, 256, options.properties));
  OGIVE_TRY(take_number(line, "consumers", 1, 10'000, options.consumers));
  OGIVE_TRY(take_number(line, "preload", 0, 100'000'000, options.preload));
  auto pid = static_cast<unsigned>(options.server_pid);
  OGIVE_TRY(take_number(line, "server-pid", 1, std::numeric_limits<int>::max(), pid));
  options.server_pid = static_cast<int>(pid);
  return {};
}

/// What cannot be had together.
Status check_together(const BenchOptions& options) {
  const auto refuse = [](std::string why) { return Status(fail(Errc::kInvalidArgument, std::move(why))); };
  const bool one_by_one = options.batch == 1 || options.task == Task::kConsume;
  if (options.task == Task::kDeliver && !one_by_one) {
    return refuse(fmt::format("--batch {}: deliver sends messages one by one", options.batch));
  }
  const bool sends = options.task == Task::kProduce || options.task == Task::kDeliver || options.task == Task::kMixed;
  if (!options.sizes.is_fixed() && (!sends || !one_by_one)) {
    return refuse("--size: several sizes are for messages that produce, deliver or mixed send one by one");
  }
  if (options.delay_level != 0 && (!sends || !one_by_one)) {
    return refuse(fmt::format("--delay-level {}: for messages that produce, deliver or mixed send one by one",
                              options.delay_level));
  }
  if (options.one_way && options.task != Task::kProduce) return refuse("--one-way is for produce");
  return {};
}

}  // namespace

std::string_view task_name(Task task) {
  return kTaskNames.at(static_cast<std::size_t>(task));
}

Result<BenchOptions> parse_bench_options(std::span<const std::string> words) {
  BenchOptions options;
  if (words.empty() || words[0] == "-h" || words[0] == "--help") {
    options.help = true;
    return options;
  }
  auto task = parse_task(words[0]);
  if (!task) return fail(task.error());
  options.task = *task;
  if (options.task == Task::kConsume) options.batch = 32;
  auto line = known_options().parse(words.subspan(1));
  if (!line) return fail(line.error());
  if (!line->arguments().empty()) {
    return fail(Errc::kInvalidArgument, fmt::format("'{}' belongs to no option", line->arguments().front()));
  }
  options.help = line->has("help");
  options.json = line->has("json");
  options.one_way = line->has("one-way");
  options.asleep = line->has("asleep");
  options.keys = line->has("keys");
  options.progress = line->has("progress");
  options.html = line->value_or("html", "");
  options.tag = line->value_or("tag", options.tag);
  auto server = io::Endpoint::parse(
      line->value_or("server", options.task == Task::kRoute ? "127.0.0.1:9876" : "127.0.0.1:10911"));
  if (!server) return fail(Errc::kInvalidArgument, "--server: " + server.error().message());
  options.server = *server;
  if (options.task == Task::kRelay && !options.help) {
    auto to = io::Endpoint::parse(line->value_or("to", ""));
    if (!to) return fail(Errc::kInvalidArgument, "--to: " + to.error().message());
    options.to = *to;
  }
  const std::string header = line->value_or("header", "rocketmq");
  if (header != "json" && header != "rocketmq") {
    return fail(Errc::kInvalidArgument, fmt::format("--header '{}' is neither json nor rocketmq", header));
  }
  if (header == "json") options.header = protocol::Serialization::kJson;
  options.topic = line->value_or("topic", options.topic);
  options.directory = line->value_or("directory", std::filesystem::temp_directory_path().string());
  OGIVE_TRY(take_numbers(*line, options));
  OGIVE_TRY(check_together(options));
  return options;
}

std::string bench_help() {
  return known_options().help("ogive bench produce|consume|deliver|mixed|route|echo|echo-server|relay|limits");
}

}  // namespace ogive::bench
