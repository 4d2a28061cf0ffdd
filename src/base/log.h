#pragma once
// Logging: OGIVE_LOG(info, "broker", "topic {} created", name). Asynchronous; the calling thread never waits for the
// disk. A place in the code that says more than 1,000 lines within 10 seconds is silenced until they are over; its next
// line says how many were left out.
//
// `log::start` attaches the files; before it (and in tests) records go to stderr at warn and above. One logger is one
// file of ~/logs/rocketmqlogs (broker.log, namesrv.log, store.log …), rolled by size as the original rolls them. A line
// is "yyyy-MM-dd HH:mm:ss LEVEL thread - message" in the machine's time zone (the original always prints GMT+8).

#include <fmt/core.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ogive::log {

/// `none` is for Options::level only: nothing is logged.
enum class Level : std::uint8_t { debug, info, warn, error, none };

struct Options {
  std::string directory;                    ///< Created when missing; "" keeps logging on stderr only.
  std::string default_file;                 ///< File of every logger without one of its own ("broker.log").
  std::size_t max_file_bytes = 128u << 20;  ///< A larger file is renamed to otherdays/<name>.1.log.gz … and begun anew.
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

/// What one place in the code may still say. Constant-initialised, so that a place costs no guard. Thread-safe.
class Site {
 public:
  static constexpr std::uint32_t kLinesPerWindow = 1'000;
  static constexpr std::int64_t kWindowNs = 10'000'000'000;

  /// False when this line is one too many at `now_ns`; `left_out` gets how many were before, to be said once.
  bool allow(std::int64_t now_ns, std::uint64_t& left_out);

 private:
  std::atomic<std::int64_t> window_begin_ns_{INT64_MIN};
  std::atomic<std::uint32_t> lines_{0};
  std::atomic<std::uint64_t> left_out_{0};
};

/// write(), unless the place has said too much.
void vwrite_from(Site& site, Level level, std::string_view logger, fmt::string_view format, fmt::format_args arguments);
template <class... Arguments>
void write_from(Site& site, Level level, std::string_view logger, fmt::format_string<Arguments...> format,
                Arguments&&... arguments) {
  vwrite_from(site, level, logger, fmt::string_view(format), fmt::make_format_args(arguments...));
}

}  // namespace ogive::log

#define OGIVE_LOG(level, logger, ...)                                                            \
  do {                                                                                           \
    if (::ogive::log::enabled(::ogive::log::Level::level)) {                                     \
      static constinit ::ogive::log::Site ogive_log_site;                                        \
      ::ogive::log::write_from(ogive_log_site, ::ogive::log::Level::level, logger, __VA_ARGS__); \
    }                                                                                            \
  } while (false)
