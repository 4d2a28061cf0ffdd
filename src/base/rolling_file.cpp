#include "base/rolling_file.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>

namespace ogive::log {

RollingFile::RollingFile(std::string directory, std::string file, std::size_t max_bytes, std::size_t max_files)
    : directory_(std::move(directory)),
      path_(directory_ + "/" + file),
      stem_(file.ends_with(".log") ? file.substr(0, file.size() - 4) : file),
      max_bytes_(max_bytes),
      max_files_(max_files) {}

RollingFile::~RollingFile() {
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

std::string RollingFile::aside(std::size_t number) const {
  return fmt::format("{}/otherdays/{}.{}.log", directory_, stem_, number);
}

void RollingFile::roll() {
  close();
  std::error_code ignored;  // Whatever fails here, going on in the file at hand is better than losing lines.
  std::filesystem::create_directories(directory_ + "/otherdays", ignored);
  if (max_files_ == 0) {
    std::filesystem::remove(path_, ignored);
    return;
  }
  for (std::size_t number = max_files_; number > 1; --number) {
    std::filesystem::rename(aside(number - 1), aside(number), ignored);
  }
  std::filesystem::rename(path_, aside(1), ignored);
}

}  // namespace ogive::log
