#pragma once
// A simulated disk as one process sees it: io::FileSystem with faults, virtual cost and an end when the process dies.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "io/file.h"
#include "testing/sim_disk.h"

namespace ogive::sim {

class SimWorld;

/// A mount. Once dead (the process was killed), every call on it and on files opened from it fails with kClosed and
/// changes nothing, so that destructors of the dead process leave no traces. Outlives the files opened from it. One
/// thread only.
class SimFileSystem final : public io::FileSystem {
 public:
  /// `world` may be null (no virtual cost). All references must outlive this.
  SimFileSystem(SimDisk& disk, const Clock& clock, SimWorld* world = nullptr);
  ~SimFileSystem() override;
  SimFileSystem(const SimFileSystem&) = delete;
  SimFileSystem& operator=(const SimFileSystem&) = delete;

  Result<std::unique_ptr<io::File>> open(const std::string& path, io::OpenMode mode) override;
  Status remove(const std::string& path) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status create_directories(const std::string& path) override;
  Status sync_directory(const std::string& path) override;
  Result<std::unique_ptr<io::WholeSync>> whole_sync(const std::string& path) override;
  std::string lifetime(const std::string& path) override;
  Result<std::vector<io::FileInfo>> list(const std::string& path) override;
  Result<io::FileInfo> info(const std::string& path) override;
  Result<io::SpaceInfo> space(const std::string& path) override;
  Result<std::unique_ptr<io::FileLock>> lock(const std::string& path) override;

  /// The process is gone: its locks are released and nothing it still does reaches the disk.
  void die();
  bool dead() const { return dead_; }
  SimDisk& disk() { return disk_; }

 private:
  friend class SimFile;
  friend class SimWholeSync;
  struct Place {
    InodeRef directory;
    std::string name;  ///< Empty for the root itself.
  };
  Result<Place> locate(std::string_view path) const;
  Result<InodeRef> find(std::string_view path) const;
  /// Announces an operation; fails when it must not happen.
  Status begin(DiskOp op, const std::string& path);
  void pay_for_sync();
  Status sync_tree(const InodeRef& inode, const std::string& path);

  SimDisk& disk_;
  const Clock& clock_;
  SimWorld* world_;
  bool dead_ = false;
};

}  // namespace ogive::sim
