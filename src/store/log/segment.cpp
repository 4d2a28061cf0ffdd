#include "store/log/segment.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "store/durable_directory.h"

namespace ogive::store {

std::string segment_name(std::int64_t offset) {
  return fmt::format("{:020}", offset);
}

std::int64_t parse_segment_name(std::string_view name) {
  std::int64_t value = 0;
  if (name.size() != 20) return -1;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), value);
  return error == std::errc() && end == name.data() + name.size() && value >= 0 ? value : -1;
}

namespace {

std::vector<std::string> split_paths(std::string_view text) {
  std::vector<std::string> paths;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    std::string_view path = text.substr(0, comma);
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
    while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
    while (!path.empty() && path.front() == ' ') path.remove_prefix(1);
    if (!path.empty()) paths.emplace_back(path);
  }
  return paths;
}

}  // namespace

SegmentList::SegmentList(io::FileSystem& files, const Paths& paths, std::uint64_t segment_bytes)
    : files_(files), directory_(paths.all), segment_bytes_(static_cast<std::int64_t>(segment_bytes)) {
  read_only_ = split_paths(paths.read_only);
  for (std::string& path : split_paths(paths.all)) {
    if (std::ranges::find(read_only_, path) == read_only_.end()) writable_.push_back(std::move(path));
  }
}

Result<std::vector<SegmentList::Found>> SegmentList::find_files() {
  std::vector<Found> found;
  const auto add = [&](const std::string& directory, bool read_only) -> Status {
    auto listed = files_.list(directory);
    if (!listed) return fail(std::move(listed).error());
    for (io::FileInfo& info : *listed) {
      if (info.is_directory || parse_segment_name(info.name) < 0) continue;
      const std::string path = directory + "/" + info.name;
      found.push_back({std::move(info), path, read_only});
    }
    return {};
  };
  for (const std::string& directory : writable_) {
    OGIVE_TRY(create_durable_directories(files_, directory));
    OGIVE_TRY(add(directory, false));
  }
  for (const std::string& directory : read_only_) OGIVE_TRY(add(directory, true));
  std::ranges::sort(found, {}, [](const Found& file) { return file.info.name; });
  return found;
}

Status SegmentList::load(std::vector<std::string>& repairs) {
  if (writable_.empty() && read_only_.empty()) {
    return fail(Errc::kInvalidArgument,
                fmt::format("storePathCommitLog={} names no directory that may be written", directory_));
  }
  auto found = find_files();
  if (!found) return fail(std::move(found).error());
  // A crash between making a file and giving it its size.
  while (!found->empty() && found->back().info.size == 0 && !found->back().read_only) {
    repairs.push_back(fmt::format("removed the empty commit log file {}", found->back().path));
    OGIVE_TRY(files_.remove(found->back().path));
    found->pop_back();
  }
  for (const Found& file : *found) OGIVE_TRY(add_file(file, &file == &found->back(), repairs));
  if (!segments_.empty()) {
    begin_ = segments_.front()->begin;
    end_ = segments_.back()->end;
    // A process that died in between may have left a name or a size that only the page cache knows.
    if (!found->back().read_only) OGIVE_TRY(segments_.back()->file->sync_data());
  }
  for (const std::string& directory : writable_) OGIVE_TRY(files_.sync_directory(directory));
  return {};
}

Status SegmentList::add_file(const Found& found, bool last, std::vector<std::string>& repairs) {
  const io::FileInfo& info = found.info;
  const std::string& path = found.path;
  const std::int64_t begin = parse_segment_name(info.name);
  const auto expected = static_cast<std::uint64_t>(segment_bytes_);
  if (begin % segment_bytes_ != 0 || info.size > expected || (info.size < expected && !last)) {
    return fail(
        Errc::kInvalidArgument,
        fmt::format("commit log file {} has {} bytes where mappedFileSizeCommitLog says {}: set the key to the size "
                    "the files have, or restore the file",
                    path, info.size, expected));
  }
  if (!segments_.empty() && segments_.back()->begin == begin) {
    return fail(Errc::kCorrupt,
                fmt::format("the commit log file {} is also {}: keep the one that belongs to this store",
                            segments_.back()->path, path));
  }
  if (!segments_.empty() && segments_.back()->end != begin) {
    return fail(Errc::kCorrupt,
                fmt::format("commit log files between offsets {} and {} are missing in {}: restore them, or "
                            "move the files on one side of the hole away",
                            segments_.back()->end, begin, directory_));
  }
  // The log goes on where it ends, which may be in a directory that gets no new file.
  auto file = files_.open(path, writable_.empty() ? io::OpenMode::kRead : io::OpenMode::kReadWrite);
  if (!file && found.read_only) file = files_.open(path, io::OpenMode::kRead);
  if (!file) return fail(std::move(file).error());
  if (info.size < expected && found.read_only) {
    repairs.push_back(fmt::format("the commit log file {} has {} of {} bytes", path, info.size, expected));
  } else if (info.size < expected) {
    OGIVE_TRY((*file)->truncate(expected));
    OGIVE_TRY((*file)->sync_data());
    repairs.push_back(fmt::format("extended the commit log file {} from {} to {} bytes", path, info.size, expected));
  }
  segments_.push_back(std::make_shared<Segment>(Segment{begin, begin + segment_bytes_, path, std::move(*file)}));
  return {};
}

Result<std::unique_ptr<io::File>> SegmentList::make_file(const std::string& directory, const std::string& path) {
  auto file = files_.open(path, io::OpenMode::kCreateNew);
  if (!file && file.error().code() == Errc::kAlreadyExists) {
    // An attempt that failed: what it has left may never reach the device, however often it is synced.
    OGIVE_TRY(files_.remove(path));
    file = files_.open(path, io::OpenMode::kCreateNew);
  }
  if (!file) return file;
  OGIVE_TRY((*file)->truncate(static_cast<std::uint64_t>(segment_bytes_)));
  OGIVE_TRY((*file)->sync_data());
  OGIVE_TRY(files_.sync_directory(directory));
  return file;
}

Status SegmentList::create_next(std::int64_t first_begin) {
  std::int64_t begin = first_begin;
  {
    const std::lock_guard lock(mutex_);
    if (!segments_.empty()) begin = segments_.back()->end;
  }
  const std::string& directory = writable_[static_cast<std::size_t>(begin / segment_bytes_) % writable_.size()];
  const std::string path = directory + "/" + segment_name(begin);
  auto file = make_file(directory, path);
  if (!file) return fail(std::move(file).error());
  const std::lock_guard lock(mutex_);
  segments_.push_back(std::make_shared<Segment>(Segment{begin, begin + segment_bytes_, path, std::move(*file)}));
  begin_ = segments_.front()->begin;
  end_ = segments_.back()->end;
  return {};
}

Result<std::unique_ptr<io::File>> SegmentList::open_again(std::int64_t begin) const {
  const auto segment = find(begin);
  if (segment == nullptr) return fail(Errc::kNotFound, fmt::format("no commit log file for offset {}", begin));
  return files_.open(segment->path, io::OpenMode::kReadWrite);
}

Result<bool> SegmentList::remove_first(std::int64_t offset) {
  std::string path;
  {
    const std::lock_guard lock(mutex_);
    if (segments_.size() < 2 || segments_.front()->end > offset) return false;
    path = segments_.front()->path;
  }
  const auto slash = path.rfind('/');
  if (std::ranges::find(writable_, path.substr(0, slash)) == writable_.end()) return false;  // Not ours to remove.
  {
    const std::lock_guard lock(mutex_);  // Nobody looks into it any more, then it goes.
    segments_.erase(segments_.begin());
    begin_ = segments_.front()->begin;
  }
  OGIVE_TRY(files_.remove(path));
  OGIVE_TRY(files_.sync_directory(path.substr(0, slash)));
  return true;
}

Status SegmentList::remove_from(std::int64_t offset) {
  const std::lock_guard lock(mutex_);
  std::set<std::string> changed;  // Read-only directories too: what comes back there would stand beside a new file.
  while (!segments_.empty() && segments_.back()->begin >= offset) {
    const std::string path = segments_.back()->path;
    segments_.pop_back();
    end_ = segments_.empty() ? begin_.load() : segments_.back()->end;
    OGIVE_TRY(files_.remove(path));
    changed.insert(path.substr(0, path.rfind('/')));
  }
  for (const std::string& directory : changed) OGIVE_TRY(files_.sync_directory(directory));
  return {};
}

std::shared_ptr<Segment> SegmentList::find(std::int64_t offset) const {
  const std::lock_guard lock(mutex_);
  if (segments_.empty() || offset < segments_.front()->begin || offset >= segments_.back()->end) return nullptr;
  return segments_[static_cast<std::size_t>((offset - segments_.front()->begin) / segment_bytes_)];
}

std::vector<std::shared_ptr<Segment>> SegmentList::all() const {
  const std::lock_guard lock(mutex_);
  return segments_;
}

}  // namespace ogive::store
