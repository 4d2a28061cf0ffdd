#include "bench/bench_options.h"

#include <fmt/core.h>

#include <charconv>
#include <filesystem>
#include <limits>

#include "base/settings/options.h"

namespace ogive::bench {
namespace {

constexpr unsigned kSmallestEcho = 33;  ///< A binary frame with the reply's size in its body.
constexpr unsigned kLargestFrame = 4u << 20;

settings::Options known_options() {
  settings::Options options;
  options.add({"h", "help", false, "Print help"});
  options.add({"s", "server", true, "ip:port to send to, or to listen at (127.0.0.1:10911; route: 127.0.0.1:9876)"});
  options.add({"", "header", true, "rocketmq (binary, the default) or json"});
  options.add({"c", "connections", true, "connections (1)"});
  options.add({"i", "in-flight", true, "requests under way on each connection (1)"});
  options.add({"b", "size", true, "bytes of a message's body; echo: of the request frame (128)"});
  options.add({"k", "batch", true, "messages in a request; consume: at most in a reply (1; consume: 32)"});
  options.add({"", "reply-size", true, "echo: bytes of the reply frame (128)"});
  options.add({"t", "seconds", true, "measured time (5)"});
  options.add({"w", "warmup", true, "seconds before it (1)"});
  options.add({"r", "rate", true,
               "requests a second at equal distances, latency from when each was due (as fast as replies come)"});
  options.add({"", "topic", true, "topic, made by the first message (OgiveBench)"});
  options.add({"", "topics", true, "produce: that many topics in turn, topic, topic-1, topic-2 ... (1)"});
  options.add({"q", "queues", true, "queues used in turn (4)"});
  options.add({"", "preload", true, "consume: messages stored first (65536)"});
  options.add({"g", "groups", true, "deliver: consumer groups, each of which reads everything (1)"});
  options.add({"p", "server-pid", true, "process whose CPU, memory and context switches are reported"});
  options.add({"d", "directory", true, "limits: where files are made and removed (the system's temporary directory)"});
  options.add({"", "to", true, "relay: ip:port that connections are passed on to"});
  options.add({"", "delay", true, "relay: milliseconds that everything arrives later, on either way (2)"});
  options.add({"j", "json", false, "print one line of JSON"});
  return options;
}

Result<Task> parse_task(std::string_view word) {
  if (word == "produce") return Task::kProduce;
  if (word == "consume") return Task::kConsume;
  if (word == "deliver") return Task::kDeliver;
  if (word == "route") return Task::kRoute;
  if (word == "echo") return Task::kEcho;
  if (word == "echo-server") return Task::kEchoServer;
  if (word == "relay") return Task::kRelay;
  if (word == "limits") return Task::kLimits;
  return fail(
      Errc::kInvalidArgument,
      fmt::format("'{}' is no task of bench: say produce, consume, deliver, route, echo, echo-server, relay or limits",
                  word));
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
  OGIVE_TRY(take_number(line, "size", echo ? kSmallestEcho : 1, kLargestFrame, options.size));
  OGIVE_TRY(take_number(line, "batch", 1, 1'024, options.batch));
  OGIVE_TRY(take_number(line, "reply-size", kSmallestEcho, kLargestFrame, options.reply_size));
  OGIVE_TRY(take_number(line, "delay", 0, 60'000, options.delay_ms));
  OGIVE_TRY(take_number(line, "seconds", 1, 86'400, options.seconds));
  OGIVE_TRY(take_number(line, "warmup", 0, 3'600, options.warm_up));
  OGIVE_TRY(take_number(line, "rate", 1, 100'000'000, options.rate));
  OGIVE_TRY(take_number(line, "topics", 1, 100'000, options.topics));
  OGIVE_TRY(take_number(line, "queues", 1, 1'024, options.queues));
  OGIVE_TRY(take_number(line, "groups", 1, 1'024, options.groups));
  OGIVE_TRY(take_number(line, "preload", 1, 100'000'000, options.preload));
  auto pid = static_cast<unsigned>(options.server_pid);
  OGIVE_TRY(take_number(line, "server-pid", 1, std::numeric_limits<int>::max(), pid));
  options.server_pid = static_cast<int>(pid);
  return {};
}

}  // namespace

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
  if (options.task == Task::kDeliver && options.batch != 1) {
    return fail(Errc::kInvalidArgument, fmt::format("--batch {}: deliver sends messages one by one", options.batch));
  }
  return options;
}

std::string bench_help() {
  return known_options().help("ogive bench produce|consume|deliver|route|echo|echo-server|relay|limits");
}

}  // namespace ogive::bench
