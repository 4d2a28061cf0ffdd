#include "base/log.h"

#include <spdlog/async.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "base/clock.h"
#include "base/rolling_file.h"
#include "base/thread_name.h"

namespace ogive::log {
namespace {

constexpr const char* kNames[] = {"DEBUG", "INFO", "WARN", "ERROR"};
constexpr std::chrono::seconds kFlushPatience{2};

/// Gives lines to a rolling file, on the log thread.
class RollingSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  RollingSink(const Options& options, const std::string& file)
      : file_(options.directory, file, options.max_file_bytes, options.max_files) {
    // The rest of the line comes ready from the calling thread, which alone knows its name.
    formatter_ = std::make_unique<spdlog::pattern_formatter>("%Y-%m-%d %H:%M:%S %v", spdlog::pattern_time_type::local);
  }

  std::string open() {
    const std::scoped_lock lock(mutex_);
    return file_.open();
  }

  std::uint64_t flushes() {
    const std::scoped_lock lock(flush_mutex_);
    return flushes_;
  }
  void wait_for_flush(std::uint64_t after, std::chrono::steady_clock::time_point until) {
    std::unique_lock lock(flush_mutex_);
    flushed_.wait_until(lock, until, [&] { return flushes_ > after; });
  }

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    if (!file_.write({line.data(), line.size()})) std::fwrite(line.data(), 1, line.size(), stderr);
  }
  void flush_() override {
    {
      const std::scoped_lock lock(flush_mutex_);
      ++flushes_;
    }
    flushed_.notify_all();
  }

 private:
  RollingFile file_;
  std::mutex flush_mutex_;
  std::condition_variable flushed_;
  std::uint64_t flushes_ = 0;  ///< Under flush_mutex_.
};

/// Everything between write() and the files; fixed once made.
class LogFiles {
 public:
  /// The reason is not empty when the default file cannot be opened.
  LogFiles(const Options& options, std::string& reason)
      : threads_(
            std::make_shared<spdlog::details::thread_pool>(options.max_queued, 1, [] { set_thread_name("log"); })) {
    default_ = make(options, options.default_file);
    reason = default_.sink->open();
    for (const std::string& name : options.own_files) {
      const std::string file = name + ".log";
      by_name_[name] = file == options.default_file ? default_ : make(options, file);
    }
  }

  void write(Level level, std::string_view logger, std::string_view line) {
    const auto found = by_name_.find(logger);
    const Output& output = found == by_name_.end() ? default_ : found->second;
    output.logger->log(level >= Level::warn ? spdlog::level::warn : spdlog::level::info, line);
  }

  void flush() {
    const auto until = std::chrono::steady_clock::now() + kFlushPatience;
    flush_one(default_, until);
    for (const auto& [name, output] : by_name_) flush_one(output, until);
  }

  std::uint64_t dropped() { return threads_->overrun_counter(); }

  /// What was there before the last start(): other threads may be inside of it still.
  LogFiles* earlier = nullptr;

 private:
  // spdlog shares loggers with its queue and sinks with loggers; these are the owners that stay.
  struct Output {
    std::shared_ptr<RollingSink> sink;
    std::shared_ptr<spdlog::async_logger> logger;
  };

  Output make(const Options& options, const std::string& file) {
    auto sink = std::make_shared<RollingSink>(options, file);
    auto logger =
        std::make_shared<spdlog::async_logger>(file, sink, threads_, spdlog::async_overflow_policy::overrun_oldest);
    logger->set_level(spdlog::level::trace);  // enabled() has decided already.
    return {std::move(sink), std::move(logger)};
  }

  static void flush_one(const Output& output, std::chrono::steady_clock::time_point until) {
    const std::uint64_t before = output.sink->flushes();
    output.logger->flush();
    output.sink->wait_for_flush(before, until);
  }

  std::shared_ptr<spdlog::details::thread_pool> threads_;  // Shared with the loggers, as spdlog wants it.
  Output default_;
  std::map<std::string, Output, std::less<>> by_name_;
};

std::atomic<Level> g_level{Level::warn};
// Never destroyed: other threads may log until the very end of the process.
std::atomic<LogFiles*> g_files{nullptr};

}  // namespace

std::string start(const Options& options) {
  g_level.store(options.level, std::memory_order_relaxed);
  if (options.directory.empty()) return {};
  std::string reason;
  auto files = std::make_unique<LogFiles>(options, reason);
  if (!reason.empty()) return reason;
  files->earlier = g_files.load(std::memory_order_acquire);
  g_files.store(files.release(), std::memory_order_release);
  return {};
}

void flush() {
  if (LogFiles* files = g_files.load(std::memory_order_acquire)) files->flush();
  std::fflush(stderr);
}

std::uint64_t dropped() {
  LogFiles* files = g_files.load(std::memory_order_acquire);
  return files == nullptr ? 0 : files->dropped();
}

bool enabled(Level level) {
  return level >= g_level.load(std::memory_order_relaxed);
}

void write(Level level, std::string_view logger, std::string text) {
  const std::string line = fmt::format("{} {} - {}", kNames[static_cast<int>(level)], thread_name(), text);
  if (LogFiles* files = g_files.load(std::memory_order_acquire)) {
    files->write(level, logger, line);
  } else {
    std::fprintf(stderr, "%s\n", line.c_str());
  }
}

bool Site::allow(std::int64_t now_ns, std::uint64_t& left_out) {
  left_out = 0;
  std::int64_t begin = window_begin_ns_.load(std::memory_order_relaxed);
  // The one that opens a window reports for the one before.
  if ((begin == INT64_MIN || now_ns - begin >= kWindowNs) &&
      window_begin_ns_.compare_exchange_strong(begin, now_ns, std::memory_order_relaxed)) {
    lines_.store(0, std::memory_order_relaxed);
    left_out = left_out_.exchange(0, std::memory_order_relaxed);
  }
  if (lines_.fetch_add(1, std::memory_order_relaxed) < kLinesPerWindow) return true;
  left_out_.fetch_add(1, std::memory_order_relaxed);
  return false;
}

void vwrite_from(Site& site, Level level, std::string_view logger, fmt::string_view format,
                 fmt::format_args arguments) {
  std::uint64_t left_out = 0;
  if (!site.allow(system_clock().monotonic_ns(), left_out)) return;
  std::string text = fmt::vformat(format, arguments);
  if (left_out > 0) text += fmt::format(" ({} more lines of this kind were left out before)", left_out);
  write(level, logger, std::move(text));
}

}  // namespace ogive::log
