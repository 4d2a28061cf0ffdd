#include "store/log/segment.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

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

SegmentList::SegmentList(io::FileSystem& files, std::string directory, std::uint64_t segment_bytes)
    : files_(files), directory_(std::move(directory)), segment_bytes_(static_cast<std::int64_t>(segment_bytes)) {}

Status SegmentList::load(std::vector<std::string>& repairs) {
  OGIVE_TRY(files_.create_directories(directory_));
  auto listed = files_.list(directory_);
  if (!listed) return fail(std::move(listed).error());
  std::vector<io::FileInfo> found;
  for (io::FileInfo& info : *listed) {
    if (!info.is_directory && parse_segment_name(info.name) >= 0) found.push_back(std::move(info));
  }
  for (std::size_t i = 0; i < found.size(); ++i) OGIVE_TRY(add_file(found[i], i + 1 == found.size(), repairs));
  if (!segments_.empty()) {
    begin_ = segments_.front()->begin;
    end_ = segments_.back()->end;
  }
  return {};
}

Status SegmentList::add_file(const io::FileInfo& info, bool last, std::vector<std::string>& repairs) {
  const std::string path = directory_ + "/" + info.name;
  const std::int64_t begin = parse_segment_name(info.name);
  const auto expected = static_cast<std::uint64_t>(segment_bytes_);
  if (last && info.size == 0) {  // A crash between making the file and giving it its size.
    repairs.push_back(fmt::format("removed the empty commit log file {}", path));
    return files_.remove(path);
  }
  if (begin % segment_bytes_ != 0 || info.size > expected || (info.size < expected && !last)) {
    return fail(
        Errc::kInvalidArgument,
        fmt::format("commit log file {} has {} bytes where mappedFileSizeCommitLog says {}: set the key to the size "
                    "the files have, or restore the file",
                    path, info.size, expected));
  }
  if (!segments_.empty() && segments_.back()->end != begin) {
    return fail(Errc::kCorrupt,
                fmt::format("commit log files between offsets {} and {} are missing in {}: restore them, or "
                            "move the files on one side of the hole away",
                            segments_.back()->end, begin, directory_));
  }
  auto file = files_.open(path, io::OpenMode::kReadWrite);
  if (!file) return fail(std::move(file).error());
  if (info.size < expected) {
    OGIVE_TRY((*file)->truncate(expected));
    OGIVE_TRY((*file)->sync_data());
    repairs.push_back(fmt::format("extended the commit log file {} from {} to {} bytes", path, info.size, expected));
  }
  segments_.push_back(std::make_shared<Segment>(Segment{begin, begin + segment_bytes_, std::move(*file)}));
  return {};
}

Status SegmentList::create_next(std::int64_t first_begin) {
  std::int64_t begin = first_begin;
  {
    const std::lock_guard lock(mutex_);
    if (!segments_.empty()) begin = segments_.back()->end;
  }
  const std::string path = path_of(begin);
  auto file = files_.open(path, io::OpenMode::kCreate);
  if (!file) return fail(std::move(file).error());
  OGIVE_TRY((*file)->truncate(static_cast<std::uint64_t>(segment_bytes_)));
  OGIVE_TRY((*file)->sync_data());
  OGIVE_TRY(files_.sync_directory(directory_));
  const std::lock_guard lock(mutex_);
  segments_.push_back(std::make_shared<Segment>(Segment{begin, begin + segment_bytes_, std::move(*file)}));
  begin_ = segments_.front()->begin;
  end_ = segments_.back()->end;
  return {};
}

Status SegmentList::remove_from(std::int64_t offset) {
  const std::lock_guard lock(mutex_);
  bool removed = false;
  while (!segments_.empty() && segments_.back()->begin >= offset) {
    const std::int64_t begin = segments_.back()->begin;
    segments_.pop_back();
    end_ = segments_.empty() ? begin_.load() : segments_.back()->end;
    OGIVE_TRY(files_.remove(path_of(begin)));
    removed = true;
  }
  return removed ? files_.sync_directory(directory_) : Status();
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
