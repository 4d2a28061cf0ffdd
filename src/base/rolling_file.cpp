#include "base/rolling_file.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>

#include "base/thread_name.h"

namespace ogive::log {
namespace {

constexpr std::string_view kPlain = "log";
constexpr std::string_view kCompressed = "log.gz";

/// Leaves the plain file in place when anything fails.
void compress(const std::string& plain, const std::string& packed) {
  const std::string unfinished = packed + ".tmp";
  const int from = ::open(plain.c_str(), O_RDONLY | O_CLOEXEC);
  if (from < 0) return;
  gzFile to = ::gzopen(unfinished.c_str(), "wbe");
  bool good = to != nullptr;
  std::array<char, 64 << 10> block;
  while (good) {
    const ssize_t got = ::read(from, block.data(), block.size());
    if (got <= 0) {
      good = got == 0;
      break;
    }
    good = ::gzwrite(to, block.data(), static_cast<unsigned>(got)) == got;
  }
  ::close(from);
  if (to != nullptr) good = ::gzclose(to) == Z_OK && good;
  std::error_code ignored;
  if (good) {
    std::filesystem::rename(unfinished, packed, ignored);
    std::filesystem::remove(plain, ignored);
  } else {
    std::filesystem::remove(unfinished, ignored);
  }
}

}  // namespace

RollingFile::RollingFile(std::string directory, std::string file, std::size_t max_bytes, std::size_t max_files)
    : directory_(std::move(directory)),
      path_(directory_ + "/" + file),
      stem_(file.ends_with(".log") ? file.substr(0, file.size() - 4) : file),
      max_bytes_(max_bytes),
      max_files_(max_files) {}

RollingFile::~RollingFile() {
  wait_for_compression();
  close();
}

void RollingFile::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

std::string RollingFile::open() {
  if (fd_ >= 0) return {};
  std::error_code error;
  std::filesystem::create_directories(directory_, error);
  if (error) return fmt::format("cannot create log directory '{}': {}", directory_, error.message());
  fd_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (fd_ < 0) return fmt::format("cannot open log file '{}': {}", path_, std::strerror(errno));
  struct stat info{};
  size_ = ::fstat(fd_, &info) == 0 ? static_cast<std::size_t>(info.st_size) : 0;
  return {};
}

bool RollingFile::write(std::string_view lines) {
  if (fd_ < 0 && !open().empty()) return false;
  if (size_ >= max_bytes_) {
    roll();
    if (!open().empty()) return false;
  }
  while (!lines.empty()) {
    const ssize_t wrote = ::write(fd_, lines.data(), lines.size());
    if (wrote < 0) {
      if (errno == EINTR) continue;
      return false;
    }
    size_ += static_cast<std::size_t>(wrote);
    lines.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return true;
}

void RollingFile::wait_for_compression() {
  if (compression_.joinable()) compression_.join();
}

std::string RollingFile::aside(std::size_t number, std::string_view ending) const {
  return fmt::format("{}/otherdays/{}.{}.{}", directory_, stem_, number, ending);
}

void RollingFile::roll() {
  close();
  wait_for_compression();
  std::error_code ignored;  // Whatever fails here, going on in the file at hand is better than losing lines.
  std::filesystem::create_directories(directory_ + "/otherdays", ignored);
  if (max_files_ == 0) {
    std::filesystem::remove(path_, ignored);
    return;
  }
  for (std::size_t number = max_files_; number > 0; --number) {
    for (const std::string_view ending : {kPlain, kCompressed}) {  // A plain one when compression was interrupted.
      if (number == max_files_) {
        std::filesystem::remove(aside(number, ending), ignored);
      } else {
        std::filesystem::rename(aside(number, ending), aside(number + 1, ending), ignored);
      }
    }
  }
  std::filesystem::rename(path_, aside(1, kPlain), ignored);
  compression_ = std::thread([plain = aside(1, kPlain), packed = aside(1, kCompressed)] {
    set_thread_name("log-compression");
    compress(plain, packed);
  });
}

}  // namespace ogive::log
