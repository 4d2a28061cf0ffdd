#include "testing/crash_images.h"

#include <fmt/core.h>

#include <map>

namespace ogive::sim {
namespace {

/// Repeats recorded changes on a copy of the disk they were recorded on.
class Replay {
 public:
  explicit Replay(std::unique_ptr<SimDisk> disk) : disk_(std::move(disk)) { learn(disk_->root()); }

  SimDisk& disk() { return *disk_; }

  void apply(const DiskChange& change) {
    const InodeRef inode = find(change.inode);
    if (inode == nullptr) return;  // A file that had lost its name before the recording began.
    switch (change.op) {
      case DiskOp::kCreate:
      case DiskOp::kMakeDirectory:
        inodes_[change.other] = disk_->create(inode, change.name, change.op == DiskOp::kMakeDirectory, change.other);
        break;
      case DiskOp::kWrite:
        write(inode, change, change.count);
        break;
      case DiskOp::kResize:
        disk_->resize(inode, change.offset);
        break;
      case DiskOp::kSync:
        disk_->sync(inode);
        break;
      case DiskOp::kSyncDirectory:
        disk_->sync_names(inode);
        break;
      case DiskOp::kRename:
        disk_->rename(inode, change.name, find(change.other), change.new_name);
        break;
      case DiskOp::kRemove:
        disk_->remove(inode, change.name);
        break;
      case DiskOp::kAny:
      case DiskOp::kOpen:
      case DiskOp::kRead:
        break;
    }
  }

  /// Writes only the first `count` bytes of a recorded write.
  void write(const InodeRef& inode, const DiskChange& change, std::uint64_t count) {
    if (change.data.empty()) {
      disk_->write_zeros(inode, change.offset, count);
    } else {
      disk_->write(inode, change.offset, ByteView(change.data).first(count));
    }
  }

  InodeRef find(std::uint64_t id) const {
    const auto found = inodes_.find(id);
    return found == inodes_.end() ? nullptr : found->second;
  }

 private:
  void learn(const InodeRef& inode) {
    inodes_[inode->id] = inode;
    for (const auto& [name, child] : inode->names) learn(child);
  }

  std::unique_ptr<SimDisk> disk_;
  std::map<std::uint64_t, InodeRef> inodes_;  ///< Also of files without a name that the scenario kept open.
};

std::string describe(CrashKind kind, std::size_t changes, const std::vector<DiskChange>& trace, std::uint64_t seed) {
  std::string text = kind == CrashKind::kProcess     ? "process crash"
                     : kind == CrashKind::kTornWrite ? "process crash with a torn write"
                                                     : "power loss";
  text += fmt::format(" after {} of {} changes", changes, trace.size());
  if (changes > 0) {
    const DiskChange& last = trace[changes - 1];
    text += fmt::format(" (last: {} {} inode {} at {}+{})", to_string(last.op), last.name, last.inode, last.offset,
                        last.count);
  }
  if (kind == CrashKind::kPowerLoss) text += fmt::format(", seed {}", seed);
  return text;
}

}  // namespace

CrashRecorder::CrashRecorder(SimDisk& disk) : disk_(disk), base_(disk.clone(1)) {
  disk_.start_trace();
}

void CrashRecorder::enumerate(std::size_t power_losses, const std::function<void(CrashImage&)>& visit) {
  if (recording_) trace_ = disk_.take_trace();
  recording_ = false;
  Replay replay(base_->clone(1));
  const auto show = [&](CrashKind kind, std::size_t changes, std::uint64_t seed, SimDisk& image) {
    CrashImage crash{changes, kind, seed, image, describe(kind, changes, trace_, seed)};
    visit(crash);
  };
  for (std::size_t i = 0; i <= trace_.size(); ++i) {
    if (i > 0) replay.apply(trace_[i - 1]);
    show(CrashKind::kProcess, i, 0, *replay.disk().clone(i));
    for (std::uint64_t seed = 1; seed <= power_losses; ++seed) {
      const auto image = replay.disk().clone(i * 1'000'003 + seed);
      image->power_loss();
      show(CrashKind::kPowerLoss, i, seed, *image);
    }
    if (i == trace_.size() || trace_[i].op != DiskOp::kWrite) continue;
    const DiskChange& next = trace_[i];
    const std::uint64_t first_page = kPageBytes - next.offset % kPageBytes;
    if (next.count <= first_page) continue;
    Replay torn(replay.disk().clone(i));
    if (const InodeRef inode = torn.find(next.inode)) {
      const std::uint64_t pages = torn.disk().random().below((next.count - first_page - 1) / kPageBytes + 1);
      torn.write(inode, next, first_page + pages * kPageBytes);
      show(CrashKind::kTornWrite, i, 0, torn.disk());
    }
  }
}

}  // namespace ogive::sim
