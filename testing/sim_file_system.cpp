#include "testing/sim_file_system.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "testing/sim_world.h"

namespace ogive::sim {
namespace {

std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, slash);
    if (!part.empty() && part != ".") parts.push_back(part);
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return parts;
}

std::unexpected<Error> fail_errno(int os_error, std::string_view what, std::string_view path) {
  return fail(Error::from_errno(os_error, fmt::format("{} {} (simulated)", what, path)));
}

class SimFileLock final : public io::FileLock {
 public:
  SimFileLock(SimFileSystem& files, std::string path) : files_(files), path_(std::move(path)) {}
  ~SimFileLock() override {
    if (!files_.dead()) files_.disk().unlock(path_, &files_);
  }

 private:
  SimFileSystem& files_;
  std::string path_;
};

}  // namespace

class SimFile final : public io::File {
 public:
  SimFile(SimFileSystem& files, InodeRef inode, std::string path, bool writable)
      : files_(files), inode_(std::move(inode)), path_(std::move(path)), writable_(writable) {}

  Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    OGIVE_TRY(files_.begin(DiskOp::kRead, path_));
    return inode_->file->image().read(offset, out);
  }

  std::size_t read_at_once(std::uint64_t offset, std::span<std::byte> out) const override {
    if (files_.dead_ || !files_.disk_.holds_in_memory()) return 0;
    return inode_->file->image().read(offset, out);
  }

  using io::File::write_at;
  Status write_at(std::uint64_t offset, std::span<const ByteView> pieces) override {
    if (!writable_) return fail_errno(EBADF, "write", path_);
    const std::vector<std::byte> joined = pieces.size() == 1 ? std::vector<std::byte>() : join(pieces);
    const ByteView bytes = pieces.size() == 1 ? pieces[0] : ByteView(joined);
    const bool was_dead = files_.dead_;
    const std::uint64_t power_losses = files_.disk_.power_losses();
    if (Status begun = files_.begin(DiskOp::kWrite, path_); !begun) {
      // Killed or failed in the middle of the call: some leading pages may have arrived. Not after power loss: the disk
      // has been settled by then.
      if (!was_dead && files_.disk_.power_losses() == power_losses) write_part(offset, bytes);
      return begun;
    }
    const std::uint64_t written = files_.disk_.write(inode_, offset, bytes);
    inode_->modified_ms = files_.clock_.wall_ms();
    if (written < bytes.size()) return fail_errno(ENOSPC, "write", path_);
    return {};
  }

  Status sync_data() override {
    const bool was_dead = files_.dead_;
    Status begun = files_.begin(DiskOp::kSync, path_);
    files_.pay_for_sync();
    if (!begun) {
      if (!was_dead && !files_.dead_) inode_->file->fail_sync(files_.disk_.random());
      return begun;
    }
    files_.disk_.sync(inode_);
    return {};
  }

  Status truncate(std::uint64_t size) override {
    if (!writable_) return fail_errno(EBADF, "truncate", path_);
    OGIVE_TRY(files_.begin(DiskOp::kResize, path_));
    files_.disk_.resize(inode_, size);
    inode_->modified_ms = files_.clock_.wall_ms();
    return {};
  }

  // Holes become pages of zeros: what reserved space reads as, and what it costs.
  Status allocate(std::uint64_t offset, std::uint64_t count) override {
    if (!writable_) return fail_errno(EBADF, "allocate", path_);
    OGIVE_TRY(files_.begin(DiskOp::kWrite, path_));
    static const std::array<std::byte, kPageBytes> zeros{};
    const std::uint64_t end = std::min(offset + count, inode_->file->image().size());
    for (std::uint64_t at = offset / kPageBytes * kPageBytes; at < end; at += kPageBytes) {
      if (inode_->file->image().page(at / kPageBytes) != nullptr) continue;
      const std::uint64_t bytes = std::min(kPageBytes, inode_->file->image().size() - at);
      if (files_.disk_.write(inode_, at, ByteView(zeros).first(bytes)) < bytes) {
        return fail_errno(ENOSPC, "allocate", path_);
      }
    }
    return {};
  }

  Result<std::uint64_t> size() const override {
    if (files_.dead_) return fail(Errc::kClosed, fmt::format("size of {}: the process is dead (simulated)", path_));
    return inode_->file->image().size();
  }

  Result<std::uint64_t> next_data(std::uint64_t offset) const override {
    if (files_.dead_) return fail(Errc::kClosed, fmt::format("seek in {}: the process is dead (simulated)", path_));
    const std::uint64_t found = inode_->file->image().next_data(offset);
    return found < inode_->file->image().size() ? found : UINT64_MAX;  // As the real one does.
  }

 private:
  static std::vector<std::byte> join(std::span<const ByteView> pieces) {
    std::vector<std::byte> joined;
    for (const ByteView piece : pieces) joined.insert(joined.end(), piece.begin(), piece.end());
    return joined;
  }

  void write_part(std::uint64_t offset, ByteView bytes) {
    if (bytes.empty()) return;
    Random& random = files_.disk_.random();
    const std::uint64_t first = kPageBytes - offset % kPageBytes;
    if (bytes.size() <= first || random.chance(50)) return;
    const std::uint64_t pages = random.below((bytes.size() - first) / kPageBytes + 1);
    files_.disk_.write(inode_, offset, bytes.first(std::min<std::uint64_t>(bytes.size(), first + pages * kPageBytes)));
  }

  SimFileSystem& files_;
  InodeRef inode_;
  const std::string path_;
  const bool writable_;
};

SimFileSystem::SimFileSystem(SimDisk& disk, const Clock& clock, SimWorld* world)
    : disk_(disk), clock_(clock), world_(world) {}

SimFileSystem::~SimFileSystem() {
  disk_.unlock_all_of(this);
}

void SimFileSystem::die() {
  dead_ = true;
  disk_.unlock_all_of(this);
}

Status SimFileSystem::begin(DiskOp op, const std::string& path) {
  const auto killed = [&] {
    return fail(Errc::kClosed, fmt::format("{} {}: the process is dead (simulated)", to_string(op), path));
  };
  if (dead_) return killed();
  const int os_error = disk_.begin(op, path);
  if (dead_) return killed();  // By a watcher of this very operation.
  if (world_ != nullptr) world_->mix(static_cast<std::uint64_t>(op) + 0x100);
  if (os_error != 0) return fail_errno(os_error, to_string(op), path);
  return {};
}

void SimFileSystem::pay_for_sync() {
  if (world_ == nullptr) return;
  const auto& options = disk_.options();
  const auto range = static_cast<std::uint64_t>(options.sync_max_us - options.sync_min_us + 1);
  world_->spend((options.sync_min_us + static_cast<std::int64_t>(disk_.random().below(range))) * 1000);
}

Result<SimFileSystem::Place> SimFileSystem::locate(std::string_view path) const {
  const auto parts = split(path);
  Place place{disk_.root(), {}};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i] == "..") return fail_errno(EINVAL, "'..' in", path);
    if (i + 1 == parts.size()) {
      place.name = parts[i];
      break;
    }
    const auto found = place.directory->names.find(std::string(parts[i]));
    if (found == place.directory->names.end()) return fail_errno(ENOENT, "look up", path);
    if (!found->second->is_directory()) return fail_errno(ENOTDIR, "look up", path);
    place.directory = found->second;
  }
  return place;
}

Result<InodeRef> SimFileSystem::find(std::string_view path) const {
  if (dead_) return fail(Errc::kClosed, fmt::format("look up {}: the process is dead (simulated)", path));
  auto place = locate(path);
  if (!place) return fail(std::move(place).error());
  if (place->name.empty()) return place->directory;
  const auto found = place->directory->names.find(place->name);
  if (found == place->directory->names.end()) return fail_errno(ENOENT, "look up", path);
  return found->second;
}

Result<std::unique_ptr<io::File>> SimFileSystem::open(const std::string& path, io::OpenMode mode) {
  OGIVE_TRY(begin(DiskOp::kOpen, path));
  auto place = locate(path);
  if (!place) return fail(std::move(place).error());
  const auto found = place->directory->names.find(place->name);
  InodeRef inode;
  if (found != place->directory->names.end()) {
    inode = found->second;
    if (mode == io::OpenMode::kCreateNew) return fail_errno(EEXIST, "create", path);
    if (inode->is_directory()) return fail_errno(EISDIR, "open", path);
  } else {
    if (place->name.empty()) return fail_errno(EISDIR, "open", path);
    if (mode == io::OpenMode::kRead || mode == io::OpenMode::kReadWrite) return fail_errno(ENOENT, "open", path);
    OGIVE_TRY(begin(DiskOp::kCreate, path));
    inode = disk_.create(place->directory, place->name, false);
    inode->modified_ms = clock_.wall_ms();
  }
  return std::make_unique<SimFile>(*this, std::move(inode), path, mode != io::OpenMode::kRead);
}

Status SimFileSystem::remove(const std::string& path) {
  OGIVE_TRY(begin(DiskOp::kRemove, path));
  auto found = find(path);
  if (!found) return fail(std::move(found).error());
  if ((*found)->is_directory() && !(*found)->names.empty()) return fail_errno(ENOTEMPTY, "remove", path);
  const auto place = locate(path);
  if (place->name.empty()) return fail_errno(EBUSY, "remove", path);
  disk_.remove(place->directory, place->name);
  return {};
}

Status SimFileSystem::rename(const std::string& from, const std::string& to) {
  OGIVE_TRY(begin(DiskOp::kRename, from));
  auto moved = find(from);
  if (!moved) return fail(std::move(moved).error());
  auto target = locate(to);
  if (!target) return fail(std::move(target).error());
  const auto source = locate(from);
  if (source->name.empty() || target->name.empty()) return fail_errno(EBUSY, "rename", from);
  const auto there = target->directory->names.find(target->name);
  if (there != target->directory->names.end()) {
    const Inode& replaced = *there->second;
    if (&replaced == moved->get()) return {};
    if (replaced.is_directory() != (*moved)->is_directory()) {
      return fail_errno(replaced.is_directory() ? EISDIR : ENOTDIR, "rename onto", to);
    }
    if (replaced.is_directory() && !replaced.names.empty()) return fail_errno(ENOTEMPTY, "rename onto", to);
  }
  disk_.rename(source->directory, source->name, target->directory, target->name);
  return {};
}

Status SimFileSystem::create_directories(const std::string& path) {
  if (dead_) return begin(DiskOp::kMakeDirectory, path);
  InodeRef directory = disk_.root();
  for (const std::string_view part : split(path)) {
    if (part == "..") return fail_errno(EINVAL, "'..' in", path);
    const auto found = directory->names.find(std::string(part));
    if (found == directory->names.end()) {
      OGIVE_TRY(begin(DiskOp::kMakeDirectory, path));
      directory = disk_.create(directory, std::string(part), true);
      directory->modified_ms = clock_.wall_ms();
    } else if (found->second->is_directory()) {
      directory = found->second;
    } else {
      return fail_errno(ENOTDIR, "create directory", path);
    }
  }
  return {};
}

Status SimFileSystem::sync_directory(const std::string& path) {
  OGIVE_TRY(begin(DiskOp::kSyncDirectory, path));
  pay_for_sync();
  auto directory = find(path);
  if (!directory) return fail(std::move(directory).error());
  if (!(*directory)->is_directory()) return fail_errno(ENOTDIR, "sync directory", path);
  disk_.sync_names(*directory);
  return {};
}

// Every directory of the root counts as a file system of its own, as it may be one.
class SimWholeSync final : public io::WholeSync {
 public:
  SimWholeSync(SimFileSystem& files, std::string mount) : files_(files), mount_(std::move(mount)) {}
  Status sync() override {
    OGIVE_TRY(files_.sync_directory("/"));
    auto top = files_.find(mount_);
    if (!top) return fail(std::move(top).error());
    return files_.sync_tree(*top, mount_);
  }

 private:
  SimFileSystem& files_;
  const std::string mount_;
};

Result<std::unique_ptr<io::WholeSync>> SimFileSystem::whole_sync(const std::string& path) {
  OGIVE_TRY(begin(DiskOp::kOpen, path));
  auto directory = find(path);
  if (!directory) return fail(std::move(directory).error());
  return std::unique_ptr<io::WholeSync>(std::make_unique<SimWholeSync>(*this, path.substr(0, path.find('/', 1))));
}

std::string SimFileSystem::lifetime(const std::string&) {
  return disk_.lifetime();
}

Status SimFileSystem::sync_tree(const InodeRef& inode, const std::string& path) {
  if (!inode->is_directory()) {
    Status begun = begin(DiskOp::kSync, path);
    if (!begun && !dead_) inode->file->fail_sync(disk_.random());
    if (begun) disk_.sync(inode);
    return begun;
  }
  for (const auto& [name, child] : std::map(inode->names)) OGIVE_TRY(sync_tree(child, path + "/" + name));
  OGIVE_TRY(begin(DiskOp::kSyncDirectory, path));
  disk_.sync_names(inode);
  return {};
}

Result<std::vector<io::FileInfo>> SimFileSystem::list(const std::string& path) {
  auto directory = find(path);
  if (!directory) return fail(std::move(directory).error());
  if (!(*directory)->is_directory()) return fail_errno(ENOTDIR, "list", path);
  std::vector<io::FileInfo> infos;
  for (const auto& [name, inode] : (*directory)->names) {
    infos.push_back(
        {name, inode->is_directory() ? 0 : inode->file->image().size(), inode->modified_ms, inode->is_directory()});
  }
  return infos;
}

Result<io::FileInfo> SimFileSystem::info(const std::string& path) {
  auto inode = find(path);
  if (!inode) return fail(std::move(inode).error());
  const auto place = locate(path);
  return io::FileInfo{place->name, (*inode)->is_directory() ? 0 : (*inode)->file->image().size(), (*inode)->modified_ms,
                      (*inode)->is_directory()};
}

Result<io::SpaceInfo> SimFileSystem::space(const std::string& path) {
  auto inode = find(path);
  if (!inode) return fail(std::move(inode).error());
  const std::uint64_t total = disk_.options().capacity_bytes;
  return io::SpaceInfo{total, total - std::min(total, disk_.used_bytes())};
}

Result<std::unique_ptr<io::FileLock>> SimFileSystem::lock(const std::string& path) {
  auto file = open(path, io::OpenMode::kCreate);
  if (!file) return fail(std::move(file).error());
  if (!disk_.lock(path, this)) return fail_errno(EACCES, "lock held by another process or object:", path);
  return std::make_unique<SimFileLock>(*this, path);
}

}  // namespace ogive::sim
