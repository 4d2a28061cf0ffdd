#pragma once
// A simulated disk: survives the processes that use it, forgets what was not synced, tears, fails and fills up on
// demand.
//
// A node mounts its disk as a SimFileSystem (testing/sim_file_system.h), which is what code under test sees. The disk
// itself is what the test holds in its hands: faults, power loss, crash images.

#include <cerrno>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "testing/file_image.h"

namespace ogive::sim {

enum class DiskOp : std::uint8_t {
  kAny,  ///< In faults: whichever comes.
  kOpen,
  kRead,
  kCreate,
  kMakeDirectory,
  kWrite,
  kResize,
  kSync,
  kSyncDirectory,
  kRename,
  kRemove,
};
std::string_view to_string(DiskOp op);

/// Makes operations fail: the `nth` one from now on that matches, and the `times` - 1 matching ones after it.
struct DiskFault {
  DiskOp op = DiskOp::kAny;
  std::string path_contains{};  ///< "" matches every path.
  std::uint64_t nth = 1;
  std::uint64_t times = 1;
  int os_error = EIO;
};

struct DiskOptions {
  std::uint64_t capacity_bytes = std::uint64_t{1} << 40;  ///< Counts pages written, not sizes: files are sparse.
  std::int64_t sync_min_us = 80;                          ///< What a sync costs its executor in virtual time.
  std::int64_t sync_max_us = 250;
  bool page_cache = false;  ///< Two of three reads that may not wait have what they ask for, else none.
};

struct Inode;
/// Kept by names, by durable names not yet forgotten and by open files, whichever lasts longest.
using InodeRef = std::shared_ptr<Inode>;

/// One change to the names of a directory: every listed name gets its file, or goes (null).
struct NameChange {
  std::uint64_t sequence = 0;  ///< Order over all directories; both halves of a rename across directories share it.
  std::vector<std::pair<std::string, InodeRef>> names;
};

struct Inode {
  std::uint64_t id = 0;
  std::int64_t modified_ms = 0;
  std::unique_ptr<FileContent> file;        ///< Null for a directory.
  std::map<std::string, InodeRef> names;    ///< Of a directory, as processes see them.
  std::map<std::string, InodeRef> durable;  ///< Of a directory, as the device has them.
  std::vector<NameChange> unsynced;         ///< What leads from durable to names.
  bool is_directory() const { return file == nullptr; }
};

/// A change to the disk, as recorded by a trace.
struct DiskChange {
  DiskOp op = DiskOp::kAny;
  std::uint64_t inode = 0;  ///< The file or directory changed (for names: the directory).
  std::uint64_t other = 0;  ///< kCreate, kMakeDirectory: the new inode; kRename: the target directory.
  std::string name;
  std::string new_name;      ///< kRename.
  std::uint64_t offset = 0;  ///< kResize: the new size.
  std::uint64_t count = 0;
  std::vector<std::byte> data;  ///< kWrite; empty for zeros.
};

/// What is about to happen, for watchers.
struct DiskEvent {
  DiskOp op;
  std::string_view path;
  std::uint64_t number;  ///< Counts changing operations (not opens and reads), from 1.
};

/// One thread only. Outlives every file system mounted from it and every file opened there.
class SimDisk {
 public:
  explicit SimDisk(std::uint64_t seed, const DiskOptions& options = {});
  ~SimDisk();
  SimDisk(const SimDisk&) = delete;
  SimDisk& operator=(const SimDisk&) = delete;

  // What a test does to the disk.
  void add_fault(DiskFault fault) { faults_.push_back(std::move(fault)); }
  void clear_faults() { faults_.clear(); }
  void set_capacity(std::uint64_t bytes) { options_.capacity_bytes = bytes; }
  void set_read_only(bool read_only) { read_only_ = read_only; }
  /// A slow disk, or a sound one again: what a sync costs from now on.
  void set_sync_time(std::int64_t min_us, std::int64_t max_us) {
    options_.sync_min_us = min_us;
    options_.sync_max_us = max_us;
  }
  /// The machine loses power: unsynced bytes and names are kept, dropped or torn, as the seed decides. Only while no
  /// file system is mounted or the mounted ones are dead (SimNode::power_loss does it right).
  void power_loss();
  std::uint64_t power_losses() const { return power_losses_; }
  /// See io::FileSystem.
  std::string lifetime() const { return "lifetime " + std::to_string(power_losses_); }
  /// An independent disk with the same content, synced and unsynced. Faults, watcher and trace are not copied.
  std::unique_ptr<SimDisk> clone(std::uint64_t seed) const;
  /// Called before every changing operation; may kill or power off the node, which stops that very operation.
  void watch(std::function<void(const DiskEvent&)> watcher) { watcher_ = std::move(watcher); }
  std::uint64_t changes() const { return changes_; }
  std::uint64_t used_bytes() const { return static_cast<std::uint64_t>(used_pages_) * kPageBytes; }
  const DiskOptions& options() const { return options_; }
  Random& random() { return random_; }

  /// Records every change from now on (see crash_images.h). Costs a copy of what is written.
  void start_trace();
  /// Ends recording and hands the changes out.
  std::vector<DiskChange> take_trace();

  // What file systems and replays do: no faults, no checks of permission.
  const InodeRef& root() const { return root_; }
  InodeRef create(const InodeRef& directory, const std::string& name, bool is_directory, std::uint64_t id = 0);
  void remove(const InodeRef& directory, const std::string& name);
  void rename(const InodeRef& from, const std::string& name, const InodeRef& to, const std::string& new_name);
  void sync_names(const InodeRef& directory);
  /// Writes as much as the capacity allows; returns the bytes written.
  std::uint64_t write(const InodeRef& file, std::uint64_t offset, ByteView bytes);
  /// Writes zeros whatever the capacity (for replays, whose traces hold zeros as a count).
  void write_zeros(const InodeRef& file, std::uint64_t offset, std::uint64_t count);
  void resize(const InodeRef& file, std::uint64_t size);
  void sync(const InodeRef& file);

  /// Whether a read that may not wait has what it asks for.
  bool holds_in_memory() { return options_.page_cache && ++asked_at_once_ % 3 != 0; }

  /// Counts the operation, tells the watcher and consults the faults: the errno to fail with, or 0.
  int begin(DiskOp op, std::string_view path);
  bool lock(const std::string& path, const void* holder);
  void unlock(const std::string& path, const void* holder);
  void unlock_all_of(const void* holder);
  bool locked(const std::string& path) const { return locks_.contains(path); }

 private:
  void change_names(const InodeRef& directory, NameChange change);
  void settle_names(const InodeRef& directory, std::uint64_t global_cut, std::map<std::uint64_t, InodeRef>& reached);
  void record(DiskChange change);

  DiskOptions options_;
  Random random_;
  std::int64_t used_pages_ = 0;
  InodeRef root_;
  std::uint64_t next_inode_ = 2;
  std::uint64_t name_sequence_ = 0;
  std::uint64_t changes_ = 0;
  std::uint64_t power_losses_ = 0;
  std::uint64_t asked_at_once_ = 0;
  bool read_only_ = false;
  bool crossing_ = false;  ///< A rename across directories is not synced: names are lost in one global order.
  std::vector<DiskFault> faults_;
  std::function<void(const DiskEvent&)> watcher_;
  bool tracing_ = false;
  std::vector<DiskChange> trace_;
  std::map<std::string, const void*> locks_;
};

}  // namespace ogive::sim
