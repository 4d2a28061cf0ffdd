#include <fmt/core.h>

#include <charconv>
#include <cstdio>

#include "base/settings/properties.h"
#include "store_tool/commands.h"

namespace ogive::store_tool {
namespace {

constexpr int kUsageError = 2;
constexpr int kFailed = 1;
constexpr std::uint64_t kMaxConfigBytes = 4u << 20;

constexpr std::string_view kUsage =
    "usage: ogive store COMMAND DIRECTORY [options]      a store directory that no broker uses\n"
    "  check                     compares records, queues, index, checkpoint and configuration with each other\n"
    "  repair [--write]          says what is wrong; with --write puts right what can be\n"
    "  stat                      records, bytes, offsets and times by topic and queue\n"
    "  dump                      prints records\n"
    "  export --out FILE         writes records to a new file: as stored, or with --json with their bodies in Base64\n"
    "options:\n"
    "  --json                    JSON instead of text\n"
    "  -c FILE                   the broker's configuration: paths and sizes\n"
    "  --from OFFSET --count N --topic T --queue Q      which records (dump, export)\n"
    "  --kept                    those that a start cut off the log or passed over (damagedlog), not the log's\n"
    "exit status: 0 sound, 1 failed, 2 usage, 3 damaged without loss, 4 messages or metadata damaged or missing\n";

struct Arguments {
  std::string command;
  std::string directory;
  Selection selection;
  Output output;
  std::string out;
  std::string config;
  bool write = false;
};

bool to_number(const std::string& text, std::int64_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && value >= 0;
}

Result<Arguments> parse(const std::vector<std::string>& words) {
  Arguments arguments;
  std::vector<std::string> plain;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "--json") {
      arguments.output.json = true;
    } else if (word == "--write") {
      arguments.write = true;
    } else if (word == "--kept") {
      arguments.selection.kept = true;
    } else if (word.starts_with('-')) {
      if (i + 1 == words.size()) return fail(Errc::kInvalidArgument, word + " needs a value");
      const std::string& value = words[++i];
      std::int64_t number = 0;
      const bool numeric = to_number(value, number);
      if (word == "-c") {
        arguments.config = value;
      } else if (word == "--out") {
        arguments.out = value;
      } else if (word == "--topic") {
        arguments.selection.topic = value;
      } else if (word == "--from" && numeric) {
        arguments.selection.from = number;
      } else if (word == "--count" && numeric) {
        arguments.selection.count = number;
      } else if (word == "--queue" && numeric) {
        arguments.selection.queue = static_cast<std::int32_t>(number);
      } else {
        return fail(Errc::kInvalidArgument, fmt::format("{} {} is not understood", word, value));
      }
    } else {
      plain.push_back(word);
    }
  }
  if (plain.size() != 2) return fail(Errc::kInvalidArgument, "a command and a directory are needed");
  arguments.command = plain[0];
  arguments.directory = plain[1];
  return arguments;
}

Result<StoreSizes> sizes_of(const std::string& config) {
  StoreSizes sizes;
  if (config.empty()) return sizes;
  auto text = io::read_file(io::posix_file_system(), config, kMaxConfigBytes);
  if (!text) return fail(std::move(text).error());
  const settings::Properties properties = settings::Properties::parse(*text);
  Status status;
  const auto number = [&](std::string_view key, auto& to) {
    const settings::Property* property = properties.find(key);
    if (property == nullptr) return;
    std::int64_t value = 0;
    if (!to_number(property->value, value)) {
      status = fail(Errc::kInvalidArgument,
                    fmt::format("{}:{}: {}={} is no number", config, property->line, key, property->value));
    }
    to = static_cast<std::remove_reference_t<decltype(to)>>(value);
  };
  number("mappedFileSizeCommitLog", sizes.segment_bytes);
  number("mappedFileSizeConsumeQueue", sizes.queue_file_bytes);
  number("mapperFileSizeBatchConsumeQueue", sizes.batch_queue_file_bytes);
  number("maxHashSlotNum", sizes.index_shape.slots);
  number("maxIndexNum", sizes.index_shape.entries);
  if (const settings::Property* path = properties.find("storePathCommitLog")) sizes.commit_log_path = path->value;
  if (!status) return fail(std::move(status).error());
  return sizes;
}

int failed(const Error& error, int status) {
  std::fputs((error.message() + "\n").c_str(), stderr);
  if (status == kUsageError) std::fputs(std::string(kUsage).c_str(), stderr);
  return status;
}

}  // namespace

int run(const std::vector<std::string>& words) {
  auto arguments = parse(words);
  if (!arguments) return failed(arguments.error(), kUsageError);
  auto sizes = sizes_of(arguments->config);
  if (!sizes) return failed(sizes.error(), kFailed);
  const std::string& command = arguments->command;
  if (command == "export" && arguments->out.empty()) {
    return failed(Error(Errc::kInvalidArgument, "export needs --out FILE"), kUsageError);
  }
  for (const auto* known : {"check", "repair", "stat", "dump", "export"}) {
    if (command != known) continue;
    auto view = StoreView::open(io::posix_file_system(), arguments->directory, *sizes);
    if (!view) return failed(view.error(), kFailed);
    if (command == "check") return check(**view, arguments->output);
    if (command == "stat") return stat(**view, arguments->output);
    if (command == "dump") return dump(**view, arguments->selection, arguments->output);
    if (command == "repair") return repair(std::move(*view), arguments->write, arguments->output);
    return export_records(**view, arguments->selection, arguments->out, arguments->output);
  }
  return failed(Error(Errc::kInvalidArgument, fmt::format("there is no command {}", command)), kUsageError);
}

}  // namespace ogive::store_tool
