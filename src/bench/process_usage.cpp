#include "bench/process_usage.h"

#include <fmt/core.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace ogive::bench {
namespace {

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::uint64_t leading_number(std::string_view text) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

std::uint64_t status_number(std::string_view status, std::string_view name) {
  while (!status.empty()) {
    const std::size_t end = status.find('\n');
    std::string_view line = status.substr(0, end);
    status.remove_prefix(end == std::string_view::npos ? status.size() : end + 1);
    if (!line.starts_with(name) || line.size() <= name.size() || line[name.size()] != ':') continue;
    line.remove_prefix(name.size() + 1);
    const std::size_t digits = line.find_first_not_of(" \t");
    return digits == std::string_view::npos ? 0 : leading_number(line.substr(digits));
  }
  return 0;
}

Result<ProcessUsage> process_usage(int pid) {
  const std::filesystem::path root = pid == 0 ? "/proc/self" : fmt::format("/proc/{}", pid);
  const std::string status = text_of(root / "status");
  if (status.empty()) return fail(Errc::kNotFound, fmt::format("there is no process {} to look at", pid));
  ProcessUsage usage;
  usage.resident_bytes = status_number(status, "VmRSS") * 1024;
  std::error_code error;
  for (const auto& thread : std::filesystem::directory_iterator(root / "task", error)) {
    const std::string schedule = text_of(thread.path() / "schedstat");  // Running, waiting, number of turns.
    usage.cpu_ns += leading_number(schedule);
    if (const std::size_t blank = schedule.find(' '); blank != std::string::npos) {
      usage.wait_ns += leading_number(std::string_view(schedule).substr(blank + 1));
    }
    const std::string threads_status = text_of(thread.path() / "status");
    usage.voluntary_switches += status_number(threads_status, "voluntary_ctxt_switches");
    usage.involuntary_switches += status_number(threads_status, "nonvoluntary_ctxt_switches");
  }
  return usage;
}

}  // namespace ogive::bench
