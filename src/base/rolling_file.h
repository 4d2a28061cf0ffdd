#pragma once
// A log file that is put aside when it has grown too large, the way the original's file appender does.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>

namespace ogive::log {

/// Appends to `<directory>/<file>`. A write that finds it at `max_bytes` or beyond first puts it aside as
/// `<directory>/otherdays/<stem>.1.log.gz`, after moving 1 to 2 and so on; what would become number max_files + 1 is
/// dropped. Compression runs on a thread of its own, under the name without ".gz" until it is done; a roll waits for
/// the one before. Opened by the first write, so a logger that says nothing leaves no file. One thread at a time.
class RollingFile {
 public:
  RollingFile(std::string directory, std::string file, std::size_t max_bytes, std::size_t max_files);
  ~RollingFile();
  RollingFile(const RollingFile&) = delete;
  RollingFile& operator=(const RollingFile&) = delete;

  /// Opens the file now; the reason when that is impossible, else "".
  std::string open();
  /// One or more whole lines, handed to the operating system before it returns. False when they could not be written.
  bool write(std::string_view lines);

 private:
  std::string aside(std::size_t number, std::string_view ending) const;
  void roll();
  void wait_for_compression();
  void close();

  const std::string directory_;
  const std::string path_;
  const std::string stem_;
  const std::size_t max_bytes_;
  const std::size_t max_files_;
  int fd_ = -1;
  std::size_t size_ = 0;
  std::thread compression_;
};

}  // namespace ogive::log
