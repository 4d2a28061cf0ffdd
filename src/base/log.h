#pragma once
// Logging: OGIVE_LOG(info, "broker", "topic {} created", name). Asynchronous; the calling thread never waits for the disk.
//
// `log::start` attaches the files; before it (and in tests) records go to stderr at warn and above. One logger is one file
// of ~/logs/rocketmqlogs (broker.log, namesrv.log, store.log …), rolled by size as the original rolls them.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <fmt/core.h>

namespace ogive::log {

enum class Level : std::uint8_t { debug, info, warn, error };

struct Options {
  std::string directory;                        ///< Created when missing; "" keeps logging on stderr only.
  std::string default_file;                     ///< File of every logger without one of its own ("broker.log").
  std::size_t max_file_bytes = 128u << 20;      ///< A larger file is renamed to otherdays/<name>.1.log … and begun anew.
  std::size_t max_files = 10;
  Level level = Level::info;
};

/// Opens the log files. Call once, before threads start. On failure (no directory, no permission) logging goes to stderr
/// and the reason is returned for the caller to print.
std::string start(const Options& options);

/// Writes out what is queued. Call before the process ends.
void flush();

bool enabled(Level level);
void write(Level level, std::string_view logger, std::string text);

}  // namespace ogive::log

#define OGIVE_LOG(level, logger, ...)                                                          \
  do {                                                                                         \
    if (::ogive::log::enabled(::ogive::log::Level::level))                                     \
      ::ogive::log::write(::ogive::log::Level::level, logger, ::fmt::format(__VA_ARGS__));     \
  } while (false)
