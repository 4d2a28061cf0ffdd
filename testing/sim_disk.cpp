#include "testing/sim_disk.h"

#include <algorithm>

#include "base/check.h"

namespace ogive::sim {
namespace {

constexpr std::uint64_t kRootInode = 1;

void apply_change(std::map<std::string, InodeRef>& names, const NameChange& change) {
  for (const auto& [name, inode] : change.names) {
    if (inode == nullptr) {
      names.erase(name);
    } else {
      names[name] = inode;
    }
  }
}

/// Copies a tree, keeping files that have several names one file.
InodeRef copy_inode(const InodeRef& from, std::int64_t& used_pages, std::map<std::uint64_t, InodeRef>& copied) {
  if (from == nullptr) return nullptr;
  InodeRef& to = copied[from->id];
  if (to != nullptr) return to;
  to = std::make_shared<Inode>();
  const InodeRef result = to;  // `to` may move while the map grows.
  result->id = from->id;
  result->modified_ms = from->modified_ms;
  if (!from->is_directory()) {
    result->file = std::make_unique<FileContent>(used_pages);
    result->file->copy_from(*from->file);
    return result;
  }
  for (const auto& [name, inode] : from->names) result->names[name] = copy_inode(inode, used_pages, copied);
  for (const auto& [name, inode] : from->durable) result->durable[name] = copy_inode(inode, used_pages, copied);
  for (const auto& change : from->unsynced) {
    NameChange copy{change.sequence, {}};
    for (const auto& [name, inode] : change.names) {
      copy.names.emplace_back(name, copy_inode(inode, used_pages, copied));
    }
    result->unsynced.push_back(std::move(copy));
  }
  return result;
}

void for_each_directory(const InodeRef& directory, const std::function<void(Inode&)>& visit) {
  visit(*directory);
  for (const auto& [name, inode] : directory->names) {
    if (inode->is_directory()) for_each_directory(inode, visit);
  }
}

void make_names_durable(Inode& directory) {
  for (const NameChange& change : directory.unsynced) apply_change(directory.durable, change);
  directory.unsynced.clear();
}

bool changes_disk(DiskOp op) {
  return op != DiskOp::kOpen && op != DiskOp::kRead;
}

}  // namespace

std::string_view to_string(DiskOp op) {
  switch (op) {
    case DiskOp::kAny:
      return "any";
    case DiskOp::kOpen:
      return "open";
    case DiskOp::kRead:
      return "read";
    case DiskOp::kCreate:
      return "create";
    case DiskOp::kMakeDirectory:
      return "mkdir";
    case DiskOp::kWrite:
      return "write";
    case DiskOp::kResize:
      return "resize";
    case DiskOp::kSync:
      return "sync";
    case DiskOp::kSyncDirectory:
      return "sync-directory";
    case DiskOp::kRename:
      return "rename";
    case DiskOp::kRemove:
      return "remove";
  }
  return "?";
}

SimDisk::SimDisk(std::uint64_t seed, const DiskOptions& options)
    : options_(options), random_(seed), root_(std::make_shared<Inode>()) {
  root_->id = kRootInode;
}

SimDisk::~SimDisk() = default;

std::unique_ptr<SimDisk> SimDisk::clone(std::uint64_t seed) const {
  auto copy = std::make_unique<SimDisk>(seed, options_);
  std::map<std::uint64_t, InodeRef> copied;
  copy->root_ = copy_inode(root_, copy->used_pages_, copied);
  copy->next_inode_ = next_inode_;
  copy->name_sequence_ = name_sequence_;
  copy->crossing_ = crossing_;
  copy->read_only_ = read_only_;
  copy->power_losses_ = power_losses_;
  return copy;
}

void SimDisk::start_trace() {
  trace_.clear();
  tracing_ = true;
}

std::vector<DiskChange> SimDisk::take_trace() {
  tracing_ = false;
  return std::move(trace_);
}

void SimDisk::record(DiskChange change) {
  if (tracing_) trace_.push_back(std::move(change));
}

int SimDisk::begin(DiskOp op, std::string_view path) {
  if (changes_disk(op)) {
    ++changes_;
    if (watcher_) watcher_({op, path, changes_});
    if (read_only_ && op != DiskOp::kSync && op != DiskOp::kSyncDirectory) return EROFS;
  }
  int os_error = 0;
  for (DiskFault& fault : faults_) {
    if (fault.op != DiskOp::kAny && fault.op != op) continue;
    if (path.find(fault.path_contains) == std::string_view::npos) continue;
    if (fault.nth > 1) {
      --fault.nth;
    } else if (fault.times > 0) {
      --fault.times;
      os_error = fault.os_error;
    }
  }
  std::erase_if(faults_, [](const DiskFault& fault) { return fault.times == 0; });
  return os_error;
}

void SimDisk::change_names(const InodeRef& directory, NameChange change) {
  apply_change(directory->names, change);
  directory->unsynced.push_back(std::move(change));
}

InodeRef SimDisk::create(const InodeRef& directory, const std::string& name, bool is_directory, std::uint64_t id) {
  auto inode = std::make_shared<Inode>();
  inode->id = id != 0 ? id : next_inode_;
  next_inode_ = std::max(next_inode_, inode->id + 1);
  if (!is_directory) inode->file = std::make_unique<FileContent>(used_pages_);
  change_names(directory, {++name_sequence_, {{name, inode}}});
  record({is_directory ? DiskOp::kMakeDirectory : DiskOp::kCreate, directory->id, inode->id, name, {}, 0, 0, {}});
  return inode;
}

void SimDisk::remove(const InodeRef& directory, const std::string& name) {
  change_names(directory, {++name_sequence_, {{name, nullptr}}});
  record({DiskOp::kRemove, directory->id, 0, name, {}, 0, 0, {}});
}

void SimDisk::rename(const InodeRef& from, const std::string& name, const InodeRef& to, const std::string& new_name) {
  const InodeRef inode = from->names.at(name);
  const std::uint64_t sequence = ++name_sequence_;
  if (from == to) {
    change_names(from, {sequence, {{name, nullptr}, {new_name, inode}}});
  } else {
    change_names(to, {sequence, {{new_name, inode}}});
    change_names(from, {sequence, {{name, nullptr}}});
    crossing_ = true;
  }
  record({DiskOp::kRename, from->id, to->id, name, new_name, 0, 0, {}});
}

void SimDisk::sync_names(const InodeRef& directory) {
  // Half of a rename across directories must not become durable without the other: the journal commits as a whole then.
  if (crossing_) {
    for_each_directory(root_, make_names_durable);
    crossing_ = false;
  }
  make_names_durable(*directory);
  record({DiskOp::kSyncDirectory, directory->id, 0, {}, {}, 0, 0, {}});
}

void SimDisk::write_zeros(const InodeRef& file, std::uint64_t offset, std::uint64_t count) {
  static constexpr std::array<std::byte, 16 * kPageBytes> kZeros{};
  while (count > 0) {
    const std::uint64_t part = std::min<std::uint64_t>(count, kZeros.size());
    file->file->write(offset, ByteView(kZeros).first(part));
    offset += part;
    count -= part;
  }
}

std::uint64_t SimDisk::write(const InodeRef& file, std::uint64_t offset, ByteView bytes) {
  const std::uint64_t capacity = options_.capacity_bytes / kPageBytes;
  std::uint64_t fits = bytes.size();
  while (fits > 0 &&
         static_cast<std::uint64_t>(used_pages_) + file->file->image().missing_pages(offset, fits) > capacity) {
    const std::uint64_t in_last_page = (offset + fits) % kPageBytes;
    fits -= std::min(fits, in_last_page == 0 ? kPageBytes : in_last_page);
  }
  file->file->write(offset, bytes.first(fits));
  if (fits > 0 && tracing_) {
    const ByteView written = bytes.first(fits);
    DiskChange change{DiskOp::kWrite, file->id, 0, {}, {}, offset, fits, {}};
    if (!all_zero(written)) change.data.assign(written.begin(), written.end());
    record(std::move(change));
  }
  return fits;
}

void SimDisk::resize(const InodeRef& file, std::uint64_t size) {
  file->file->resize(size);
  record({DiskOp::kResize, file->id, 0, {}, {}, size, 0, {}});
}

void SimDisk::sync(const InodeRef& file) {
  file->file->sync();
  record({DiskOp::kSync, file->id, 0, {}, {}, 0, 0, {}});
}

void SimDisk::power_loss() {
  ++power_losses_;
  // Journals keep one order over all directories; weaker file systems keep one per directory.
  const bool global = crossing_ || random_.chance(50);
  std::uint64_t cut = 0;
  if (global) {
    std::uint64_t oldest = name_sequence_ + 1;
    for_each_directory(root_, [&](const Inode& directory) {
      if (!directory.unsynced.empty()) oldest = std::min(oldest, directory.unsynced.front().sequence);
    });
    cut = oldest + random_.below(name_sequence_ + 2 - oldest);
  }
  std::map<std::uint64_t, InodeRef> reached;
  settle_names(root_, cut, reached);
  for (auto& [id, inode] : reached) {
    if (!inode->is_directory()) inode->file->lose_power(random_);
  }
  crossing_ = false;
  locks_.clear();
  // What comes next is not part of a recorded run.
  tracing_ = false;
}

void SimDisk::settle_names(const InodeRef& directory, std::uint64_t global_cut,
                           std::map<std::uint64_t, InodeRef>& reached) {
  if (!reached.emplace(directory->id, directory).second) return;
  if (!directory->is_directory()) return;
  auto& unsynced = directory->unsynced;
  const std::size_t kept = global_cut == 0 ? random_.below(unsynced.size() + 1) : unsynced.size();
  for (std::size_t i = 0; i < kept; ++i) {
    if (global_cut != 0 && unsynced[i].sequence >= global_cut) break;
    apply_change(directory->durable, unsynced[i]);
  }
  unsynced.clear();
  directory->names = directory->durable;
  for (const auto& [name, inode] : directory->names) settle_names(inode, global_cut, reached);
}

bool SimDisk::lock(const std::string& path, const void* holder) {
  return locks_.emplace(path, holder).second;
}

void SimDisk::unlock(const std::string& path, const void* holder) {
  const auto found = locks_.find(path);
  if (found != locks_.end() && found->second == holder) locks_.erase(found);
}

void SimDisk::unlock_all_of(const void* holder) {
  std::erase_if(locks_, [holder](const auto& entry) { return entry.second == holder; });
}

}  // namespace ogive::sim
