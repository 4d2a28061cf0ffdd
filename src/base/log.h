#pragma once
// Logging: OGIVE_LOG(info, "broker", "topic {} created", name). Asynchronous; the calling thread never waits for the
// disk.
//
// `log::start` attaches the files; before it (and in tests) records go to stderr at warn and above. One logger is one
// file of ~/logs/rocketmqlogs (broker.log, namesrv.log, store.log …), rolled by size as the original rolls them. A line
// is "yyyy-MM-dd HH:mm:ss LEVEL thread - message" in the machine's time zone (the original always prints GMT+8).

#include <fmt/core.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ogive::log {

enum class Level : std::uint8_t { debug, info, warn, error };

struct Options {
  std::string directory;                    ///< Created when missing; "" keeps logging on stderr only.
  std::string default_file;                 ///< File of every logger without one of its own ("broker.log").
  std::size_t max_file_bytes = 128u << 20;  ///< A larger file is renamed to otherdays/<name>.1.log … and begun anew.
  std::size_t max_files = 10;
  Level level = Level::info;
  /// Loggers with a file of their own, "<name>.log"; all others write to default_file. Processes that share a directory
  /// (name server and broker) must not share names here.
  std::vector<std::string> own_files = {};
  std::size_t max_queued = 8192;  ///< Records waiting for the disk; beyond it the oldest are dropped.
};

/// Opens the log files. Call once, before threads start. On failure (no directory, no permission) logging goes to
/// stderr and the reason is returned for the caller to print.
std::string start(const Options& options);

/// Writes out what is queued, waiting at most two seconds for a slow disk. Call before the process ends.
void flush();

/// Records lost so far because the disk was slower than the callers, who never wait.
std::uint64_t dropped();

bool enabled(Level level);
void write(Level level, std::string_view logger, std::string text);

}  // namespace ogive::log

#define OGIVE_LOG(level, logger, ...)                                                      \
  do {                                                                                     \
    if (::ogive::log::enabled(::ogive::log::Level::level))                                 \
      ::ogive::log::write(::ogive::log::Level::level, logger, ::fmt::format(__VA_ARGS__)); \
  } while (false)
