#include "base/log.h"

#include <atomic>
#include <cstdio>

namespace ogive::log {
namespace {
std::atomic<Level> g_level{Level::warn};
constexpr const char* kNames[] = {"DEBUG", "INFO", "WARN", "ERROR"};
}  // namespace

std::string start(const Options& options) {
  g_level = options.level;
  return {};
}

void flush() { std::fflush(stderr); }

bool enabled(Level level) { return level >= g_level.load(std::memory_order_relaxed); }

void write(Level level, std::string_view logger, std::string text) {
  std::fprintf(stderr, "%s %.*s - %s\n", kNames[static_cast<int>(level)], static_cast<int>(logger.size()), logger.data(),
               text.c_str());
}

}  // namespace ogive::log
