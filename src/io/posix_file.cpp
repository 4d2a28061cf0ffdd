#include <dirent.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <functional>

#include "io/file.h"
#include "io/unique_fd.h"

namespace ogive::io {
namespace {

std::unexpected<Error> os_failure(std::string_view action, const std::string& path) {
  const int os_error = errno;
  return fail(Error::from_errno(os_error, fmt::format("cannot {} '{}'", action, path)));
}

class PosixFile final : public File {
 public:
  PosixFile(UniqueFd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

  Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    std::size_t done = 0;
    while (done < out.size()) {
      const ssize_t got = ::pread(fd_.get(), out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
      if (got == 0) break;
      if (got < 0) {
        if (errno == EINTR) continue;
        return os_failure("read", path_);
      }
      done += static_cast<std::size_t>(got);
    }
    return done;
  }

  std::size_t read_at_once(std::uint64_t offset, std::span<std::byte> out) const override {
    const iovec piece{out.data(), out.size()};
    const ssize_t got = ::preadv2(fd_.get(), &piece, 1, static_cast<off_t>(offset), RWF_NOWAIT);
    return got > 0 ? static_cast<std::size_t>(got) : 0;
  }

  using File::write_at;
  Status write_at(std::uint64_t offset, std::span<const ByteView> pieces) override {
    constexpr std::size_t kBatch = 256;
    std::array<iovec, kBatch> vectors;
    std::size_t next = 0;     // First piece not in a batch yet.
    std::size_t skipped = 0;  // Bytes of it that are written.
    while (next < pieces.size()) {
      const std::size_t count = std::min(kBatch, pieces.size() - next);
      for (std::size_t i = 0; i < count; ++i) {
        const ByteView piece = i == 0 ? pieces[next].subspan(skipped) : pieces[next + i];
        vectors[i] = iovec{const_cast<std::byte*>(piece.data()), piece.size()};
      }
      const ssize_t wrote = ::pwritev(fd_.get(), vectors.data(), static_cast<int>(count), static_cast<off_t>(offset));
      if (wrote < 0) {
        if (errno == EINTR) continue;
        return os_failure("write", path_);
      }
      offset += static_cast<std::uint64_t>(wrote);
      std::size_t left = static_cast<std::size_t>(wrote);
      while (next < pieces.size() && left >= pieces[next].size() - skipped) {
        left -= pieces[next].size() - skipped;
        skipped = 0;
        ++next;
      }
      skipped += left;
    }
    return {};
  }

  Status sync_data() override {
    // Not repeated on EINTR or anything else: after a failed sync the kernel may have dropped the dirty pages.
    if (::fdatasync(fd_.get()) != 0) return os_failure("fdatasync", path_);
    return {};
  }

  Status truncate(std::uint64_t size) override {
    if (::ftruncate(fd_.get(), static_cast<off_t>(size)) != 0) return os_failure("truncate", path_);
    return {};
  }

  Status allocate(std::uint64_t offset, std::uint64_t count) override {
    while (::fallocate(fd_.get(), FALLOC_FL_KEEP_SIZE, static_cast<off_t>(offset), static_cast<off_t>(count)) != 0) {
      if (errno == EINTR) continue;
      if (errno == EOPNOTSUPP) {
        return fail(Errc::kUnsupported, fmt::format("the file system of '{}' cannot reserve space", path_));
      }
      return os_failure("reserve space in", path_);
    }
    return {};
  }

  Result<std::uint64_t> size() const override {
    struct stat info{};
    if (::fstat(fd_.get(), &info) != 0) return os_failure("stat", path_);
    return static_cast<std::uint64_t>(info.st_size);
  }

  Result<std::uint64_t> next_data(std::uint64_t offset) const override {
    const off_t found = ::lseek(fd_.get(), static_cast<off_t>(offset), SEEK_DATA);
    if (found >= 0) return static_cast<std::uint64_t>(found);
    if (errno == ENXIO) return UINT64_MAX;  // Only a hole is left.
    return offset;                          // A file system that cannot tell.
  }

  Status prefetch(std::uint64_t offset, std::size_t count, std::size_t ahead) const override {
    // Only asks for what is not there yet, and says nothing of what goes wrong.
    ::posix_fadvise(fd_.get(), static_cast<off_t>(offset), static_cast<off_t>(count + ahead), POSIX_FADV_WILLNEED);
    // The device's answers are larger than this, and each brings all its pages at once.
    constexpr std::size_t kStep = 64 << 10;
    for (std::size_t done = 0; done < count;) {
      done = std::min(done + kStep, count);
      std::byte touched{};
      auto got = read_at(offset + done - 1, {&touched, 1});
      if (!got) return fail(std::move(got).error());
      if (*got == 0) return fail(Errc::kCorrupt, fmt::format("'{}' ends before offset {}", path_, offset + done));
    }
    return {};
  }

  int native_handle() const override { return fd_.get(); }

 private:
  UniqueFd fd_;
  std::string path_;
};

// The kernel (since 5.8) reports every failed write to the file system since the descriptor was opened, also of files
// that were closed since.
class PosixWholeSync final : public WholeSync {
 public:
  PosixWholeSync(UniqueFd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}
  Status sync() override {
    if (::syncfs(fd_.get()) != 0) return os_failure("sync the file system of", path_);
    return {};
  }

 private:
  UniqueFd fd_;
  std::string path_;
};

class PosixFileLock final : public FileLock {
 public:
  explicit PosixFileLock(UniqueFd fd) : fd_(std::move(fd)) {}

 private:
  UniqueFd fd_;
};

FileInfo make_info(std::string name, const struct stat& from) {
  FileInfo info;
  info.name = std::move(name);
  info.size = static_cast<std::uint64_t>(from.st_size);
  info.modified_ms = static_cast<std::int64_t>(from.st_mtim.tv_sec) * 1000 + from.st_mtim.tv_nsec / 1'000'000;
  info.is_directory = S_ISDIR(from.st_mode);
  return info;
}

class PosixFileSystem final : public FileSystem {
 public:
  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override {
    int flags = O_CLOEXEC;
    switch (mode) {
      case OpenMode::kRead:
        flags |= O_RDONLY;
        break;
      case OpenMode::kReadWrite:
        flags |= O_RDWR;
        break;
      case OpenMode::kCreate:
        flags |= O_RDWR | O_CREAT;
        break;
      case OpenMode::kCreateNew:
        flags |= O_RDWR | O_CREAT | O_EXCL;
        break;
    }
    UniqueFd fd(::open(path.c_str(), flags, 0644));
    if (!fd.valid()) return os_failure("open", path);
    return std::make_unique<PosixFile>(std::move(fd), path);
  }

  Status remove(const std::string& path) override {
    if (std::remove(path.c_str()) != 0) return os_failure("remove", path);
    return {};
  }

  Status rename(const std::string& from, const std::string& to) override {
    if (std::rename(from.c_str(), to.c_str()) != 0) {
      const int os_error = errno;
      return fail(Error::from_errno(os_error, fmt::format("cannot rename '{}' to '{}'", from, to)));
    }
    return {};
  }

  Status create_directories(const std::string& path) override {
    std::error_code error;
    std::filesystem::create_directories(path, error);
    if (error) return fail(Error::from_errno(error.value(), fmt::format("cannot create directory '{}'", path)));
    return {};
  }

  Status sync_directory(const std::string& path) override {
    UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd.valid()) return os_failure("open directory", path);
    if (::fsync(fd.get()) != 0) return os_failure("fsync directory", path);
    return {};
  }

  Result<std::unique_ptr<WholeSync>> whole_sync(const std::string& path) override {
    UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd.valid()) return os_failure("open directory", path);
    return std::unique_ptr<WholeSync>(std::make_unique<PosixWholeSync>(std::move(fd), path));
  }

  // The system's start and the mount: a copy of the device, made while it was in use, is mounted as another one.
  std::string lifetime(const std::string& path) override {
    struct stat info{};
    auto boot = open("/proc/sys/kernel/random/boot_id", OpenMode::kRead);
    if (!boot || ::stat(path.c_str(), &info) != 0) return {};
    std::array<char, 36> text{};  // A UUID; the file says that it has no bytes.
    auto got = (*boot)->read_at(0, std::as_writable_bytes(std::span(text)));
    if (!got || *got < text.size()) return {};
    return fmt::format("{} {:x}", std::string_view(text.data(), text.size()), info.st_dev);
  }

  Result<std::vector<FileInfo>> list(const std::string& path) override {
    std::vector<FileInfo> entries;
    OGIVE_TRY(visit(path, [&](int directory, const char* name) {
      struct stat info{};
      if (::fstatat(directory, name, &info, 0) != 0) return;  // Gone in between, or dangling.
      entries.push_back(make_info(name, info));
    }));
    std::ranges::sort(entries, {}, &FileInfo::name);
    return entries;
  }

  Result<std::vector<std::string>> names(const std::string& path) override {
    std::vector<std::string> found;
    OGIVE_TRY(visit(path, [&](int, const char* name) { found.emplace_back(name); }));
    std::ranges::sort(found);
    return found;
  }

  Result<FileInfo> info(const std::string& path) override {
    struct stat info{};
    if (::stat(path.c_str(), &info) != 0) return os_failure("stat", path);
    return make_info(path.substr(path.rfind('/') + 1), info);
  }

  Result<SpaceInfo> space(const std::string& path) override {
    struct statvfs info{};
    if (::statvfs(path.c_str(), &info) != 0) return os_failure("ask the free space of", path);
    return SpaceInfo{static_cast<std::uint64_t>(info.f_blocks) * info.f_frsize,
                     static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize};
  }

  Result<std::unique_ptr<FileLock>> lock(const std::string& path) override {
    UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
    if (!fd.valid()) return os_failure("open lock file", path);
    // Open-file-description locks conflict with the record locks a JVM takes, so a Java broker on the same store is
    // seen, and unlike those they also conflict within one process.
    struct flock whole{};
    whole.l_type = F_WRLCK;
    whole.l_whence = SEEK_SET;
    if (::fcntl(fd.get(), F_OFD_SETLK, &whole) != 0) {
      if (errno == EAGAIN || errno == EACCES) {
        return fail(Errc::kPermission,
                    fmt::format("'{}' is locked: another process (or this one) uses the same directory; stop it, or "
                                "choose another directory",
                                path));
      }
      return os_failure("lock", path);
    }
    return std::make_unique<PosixFileLock>(std::move(fd));
  }

 private:
  static Status visit(const std::string& path,
                      const std::function<void(int directory, const char* name)>& entry_found) {
    const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(path.c_str()), &::closedir);
    if (directory == nullptr) return os_failure("list directory", path);
    for (;;) {
      errno = 0;
      const dirent* entry = ::readdir(directory.get());
      if (entry == nullptr) {
        if (errno != 0) return os_failure("list directory", path);
        return {};
      }
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") entry_found(::dirfd(directory.get()), entry->d_name);
    }
  }
};

}  // namespace

FileSystem& posix_file_system() {
  static PosixFileSystem files;
  return files;
}

}  // namespace ogive::io
