#include "store/index/message_index.h"

#include <fmt/chrono.h>
#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "base/log.h"
#include "store/durable_directory.h"

namespace ogive::store {
namespace {

constexpr std::size_t kNameDigits = 17;

bool is_index_name(std::string_view name) {
  return name.size() == kNameDigits && std::ranges::all_of(name, [](char c) { return c >= '0' && c <= '9'; });
}

// yyyyMMddHHmmssSSS, and behind every other: files are read in the order of their names.
std::string name_after(const std::string& last, std::int64_t now_ms) {
  const auto time = std::chrono::sys_seconds(std::chrono::seconds(now_ms / 1000));
  std::string name = fmt::format("{:%Y%m%d%H%M%S}{:03}", time, now_ms % 1000);
  if (name > last) return name;
  std::uint64_t number = 0;
  std::from_chars(last.data(), last.data() + last.size(), number);
  return fmt::format("{:017}", number + 1);
}

}  // namespace

MessageIndex::MessageIndex(io::FileSystem& files, const Clock& clock, std::string directory, const IndexShape& shape)
    : files_(files), clock_(clock), directory_(std::move(directory)), shape_(shape) {}

Result<std::int64_t> MessageIndex::open(const IndexTrust& trust, std::int64_t log_begin,
                                        std::vector<std::string>& repairs) {
  const std::lock_guard lock(mutex_);
  OGIVE_TRY(create_durable_directories(files_, directory_));
  auto listed = files_.list(directory_);
  if (!listed) return fail(std::move(listed).error());
  std::erase_if(*listed, [](const io::FileInfo& info) { return info.is_directory || !is_index_name(info.name); });
  bool keep = true;  // Files behind one that is dropped go too: the index has no holes.
  for (const io::FileInfo& info : *listed) {
    const std::string path = directory_ + "/" + info.name;
    std::string reason = "it follows one that was made anew";
    if (keep) {
      auto file = IndexFile::open(files_, path, shape_, false);
      if (file) {
        const IndexHeader& header = (*file)->header();
        keep = trust.all || ((*file)->full() && header.end_offset < trust.before_offset) ||
               header.end_ms <= trust.until_ms;
        reason = "its end may be lost since the last stop was no orderly one";
        if (keep) {
          open_.push_back(std::move(*file));
          continue;
        }
      } else if (file.error().code() == Errc::kCorrupt) {
        keep = false;
        reason = file.error().message();
      } else {
        return fail(std::move(file).error());
      }
    }
    OGIVE_TRY(files_.remove(path));
    names_synced_ = false;
    repairs.push_back(fmt::format("the index file {} is made anew from the log: {}", path, reason));
  }
  return resume_at(log_begin);
}

Result<std::int64_t> MessageIndex::resume_at(std::int64_t log_begin) {
  while (!open_.empty() && open_.back()->empty()) {
    OGIVE_TRY(files_.remove(open_.back()->path()));
    open_.pop_back();
  }
  if (open_.empty()) return log_begin;
  IndexFile& last = *open_.back();
  last_offset_ = last.header().end_offset;
  for (std::int32_t number = last.header().count - 1; number > 0; --number) {
    auto entry = last.entry(number);
    if (!entry) return fail(std::move(entry).error());
    if (entry->offset != last_offset_) break;
    ++skip_;
  }
  if (!last.full()) {
    auto active = IndexFile::open(files_, last.path(), shape_, true);
    if (!active) return fail(std::move(active).error());
    open_.back() = std::move(*active);
    active_ = true;
  }
  return std::max(last_offset_, log_begin);
}

Status MessageIndex::add(std::span<const IndexKey> keys) {
  constexpr std::size_t kAhead = 16;  // A slot is nearly never in a cache.
  const std::lock_guard lock(mutex_);
  std::int64_t record = -1;
  std::int32_t nth = 0;  // Of its record's keys.
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const IndexKey& key = keys[i];
    nth = key.offset == record ? nth + 1 : 1;
    record = key.offset;
    if (key.offset < last_offset_ || (key.offset == last_offset_ && nth <= skip_)) continue;
    if (!active_ || open_.back()->full()) OGIVE_TRY(make_file());
    if (i + kAhead < keys.size()) open_.back()->prefetch(keys[i + kAhead].hash);
    open_.back()->add(key.hash, key.offset, key.store_time_ms);
    last_offset_ = key.offset;
    skip_ = nth;
  }
  if (active_ && open_.back()->unwritten_bytes() > kMaxUnwritten) return open_.back()->write();
  return {};
}

Status MessageIndex::make_file() {
  if (active_) OGIVE_TRY(seal_last());
  std::string last_name;
  if (!open_.empty()) last_name = open_.back()->path().substr(directory_.size() + 1);
  auto file = IndexFile::create(files_, directory_ + "/" + name_after(last_name, clock_.wall_ms()), shape_);
  if (!file) return fail(std::move(file).error());
  open_.push_back(std::move(*file));
  active_ = true;
  names_synced_ = false;
  return {};
}

Status MessageIndex::seal_last() {
  OGIVE_TRY(open_.back()->sync());
  open_.back()->seal();
  active_ = false;
  return {};
}

Result<std::int64_t> MessageIndex::sync() {
  const std::lock_guard lock(mutex_);
  if (active_) OGIVE_TRY(open_.back()->sync());
  if (!names_synced_) {
    OGIVE_TRY(files_.sync_directory(directory_));
    names_synced_ = true;
  }
  return open_.empty() ? 0 : open_.back()->header().end_ms;
}

Result<std::vector<std::int64_t>> MessageIndex::find(std::string_view topic, std::string_view key, KeyKind kind,
                                                     std::int64_t begin_ms, std::int64_t end_ms, std::int64_t before,
                                                     std::size_t max) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::int64_t> found;
  const std::int32_t hash = index_hash(topic, key, kind);
  for (auto file = open_.rbegin(); file != open_.rend() && found.size() < max; ++file) {
    const IndexHeader& header = (*file)->header();
    if ((*file)->empty() || header.begin_ms > end_ms || header.begin_offset >= before) continue;
    if (header.end_ms < begin_ms) break;
    auto cursor = (*file)->find(hash);
    if (!cursor) return fail(std::move(cursor).error());
    IndexEntry entry;
    while (found.size() < max) {
      auto more = (*file)->next(*cursor, begin_ms, end_ms, entry);
      if (!more) return fail(std::move(more).error());
      if (!*more) break;
      if (entry.offset < before && (found.empty() || found.back() != entry.offset)) found.push_back(entry.offset);
    }
  }
  return found;
}

MessageIndex::Newest MessageIndex::newest() const {
  const std::lock_guard lock(mutex_);
  if (open_.empty()) return {};
  return {open_.back()->header().end_ms, open_.back()->header().end_offset};
}

Status MessageIndex::trim(std::int64_t offset) {
  const std::lock_guard lock(mutex_);
  while (!open_.empty() && open_.front()->header().end_offset < offset && !(active_ && open_.size() == 1)) {
    OGIVE_TRY(files_.remove(open_.front()->path()));
    open_.erase(open_.begin());
    names_synced_ = false;
  }
  return {};
}

}  // namespace ogive::store
