#pragma once
// Files and directories behind one interface, so that a simulated disk can forget, tear and fail.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"

namespace ogive::io {

/// An open file. Positional calls are thread-safe against each other. A failed write or sync leaves unknown bytes
/// behind: the caller must not retry the same range, and must treat what it wrote as lost.
class File {
 public:
  virtual ~File() = default;
  /// Reads until `out` is full or the file ends; returns the bytes read.
  virtual Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> out) const = 0;
  /// As much of the range, from its front on, as there is without waiting for the device. 0 also where the system
  /// cannot tell or fails: read_at says how. May make the device begin to read the rest.
  virtual std::size_t read_at_once(std::uint64_t /*offset*/, std::span<std::byte> /*out*/) const { return 0; }
  /// Writes all of `pieces` one after another from `offset` on, extending the file if needed (one pwritev where
  /// possible).
  virtual Status write_at(std::uint64_t offset, std::span<const ByteView> pieces) = 0;
  /// fdatasync: data and size are on the device when it returns.
  virtual Status sync_data() = 0;
  virtual Status truncate(std::uint64_t size) = 0;
  /// Reserves room for [offset, offset + count) without changing a byte or the size: later writes there do not fail for
  /// lack of space. kNoSpace when there is none, kUnsupported where the file system cannot reserve.
  virtual Status allocate(std::uint64_t offset, std::uint64_t count) = 0;
  virtual Result<std::uint64_t> size() const = 0;
  /// First offset at or behind `offset` that may hold data: skips holes of a sparse file where the file system can
  /// tell. A value at or behind the file's size: only a hole is left.
  virtual Result<std::uint64_t> next_data(std::uint64_t offset) const { return offset; }
  /// Returns when the system has [offset, offset + count) in memory, so that sending it from there does not wait for
  /// the device; lets the device begin with the `ahead` bytes behind it. kCorrupt where the file ends before. Blocking.
  virtual Status prefetch(std::uint64_t offset, std::size_t count, std::size_t ahead) const;
  /// Descriptor for sendfile, or -1 where there is none (simulation).
  virtual int native_handle() const { return -1; }

  Status write_at(std::uint64_t offset, ByteView piece) {
    return write_at(offset, std::span<const ByteView>(&piece, 1));
  }
};

/// Part of a file that is there as long as this is.
struct FileRange {
  std::shared_ptr<const File> file;
  std::uint64_t offset = 0;
  std::size_t size = 0;
};

enum class OpenMode : std::uint8_t {
  kRead,       ///< Must exist.
  kReadWrite,  ///< Must exist.
  kCreate,     ///< Read and write; made when missing.
  kCreateNew,  ///< Read and write; kAlreadyExists when it is there.
};

struct FileInfo {
  std::string name;  ///< Without its directory.
  std::uint64_t size = 0;
  std::int64_t modified_ms = 0;  ///< Wall clock.
  bool is_directory = false;
};

struct SpaceInfo {
  std::uint64_t total_bytes = 0;
  std::uint64_t free_bytes = 0;  ///< What an ordinary user may still use.
};

/// Held while the object lives; the operating system releases it when the process dies.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

/// Makes durable, at once, everything that was changed in a file system since this was made, names included, and
/// reports what could not be. Costs what anybody has left unwritten there: for very many files only. One thread at a
/// time; blocking.
class WholeSync {
 public:
  virtual ~WholeSync() = default;
  virtual Status sync() = 0;
};

/// A file system. Paths use '/'; all functions are thread-safe and blocking.
class FileSystem {
 public:
  virtual ~FileSystem() = default;
  virtual Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) = 0;
  virtual Status remove(const std::string& path) = 0;  ///< A file or an empty directory.
  virtual Status rename(const std::string& from, const std::string& to) = 0;
  virtual Status create_directories(const std::string& path) = 0;
  virtual Status sync_directory(const std::string& path) = 0;  ///< Makes creations, renames and removals in it durable.
  /// For the file system that holds the directory `path`. kUnsupported where it cannot.
  virtual Result<std::unique_ptr<WholeSync>> whole_sync(const std::string& path) {
    return fail(Errc::kUnsupported, "no whole sync of " + path);
  }
  virtual Result<std::vector<FileInfo>> list(const std::string& path) = 0;  ///< Sorted by name; kNotFound when missing.
  /// The names alone, sorted: much cheaper in a large directory.
  virtual Result<std::vector<std::string>> names(const std::string& path) {
    auto infos = list(path);
    if (!infos) return fail(std::move(infos).error());
    std::vector<std::string> found;
    for (FileInfo& info : *infos) found.push_back(std::move(info.name));
    return found;
  }
  virtual Result<FileInfo> info(const std::string& path) = 0;
  virtual Result<SpaceInfo> space(const std::string& path) = 0;
  /// What names the time in which nothing that was written below `path` can have been lost, synced or not: another one
  /// after every loss of power. Empty where that is not known.
  virtual std::string lifetime(const std::string& path) {
    static_cast<void>(path);
    return {};
  }
  /// Exclusive lock on `path` (created when missing); kPermission when another process or object holds it.
  virtual Result<std::unique_ptr<FileLock>> lock(const std::string& path) = 0;
};

/// The operating system's files. Stateless; lives for the whole process.
FileSystem& posix_file_system();

/// Replaces `path` by `content` so that a crash leaves the old or the new whole: temporary file, sync, the old one kept
/// as `path`.bak (an empty one is not worth keeping), rename, directory sync.
Status replace_file(FileSystem& files, const std::string& path, std::string_view content);

/// For a file that is broken or gone while `path`.bak is good: gives `path` the content of the backup. What was broken
/// is kept as `path`.broken, the backup stays as it is, and a crash in between changes nothing about that.
Status restore_backup(FileSystem& files, const std::string& path);

/// create_directories, and the new names are durable when it returns.
Status create_directories_durably(FileSystem& files, const std::string& path);

/// Whole content of a file; kLimit when it is larger than `max_bytes`.
Result<std::string> read_file(FileSystem& files, const std::string& path, std::uint64_t max_bytes);

}  // namespace ogive::io
