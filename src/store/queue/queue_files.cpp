#include "store/queue/queue_files.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

#include "base/log.h"
#include "store/log/segment.h"
#include "store/queue/queue_table.h"

namespace ogive::store {

QueueFiles::QueueFiles(io::FileSystem& files, Home simple, Home batch, std::size_t max_unsynced)
    : files_(files), simple_(std::move(simple)), batch_(std::move(batch)), max_unsynced_(max_unsynced) {}

std::string QueueFiles::queue_directory(const ConsumeQueue& queue) const {
  return fmt::format("{}/{}/{}", home(queue.kind()).directory, queue.topic(), queue.id().value());
}

std::string QueueFiles::path_of(const ConsumeQueue& queue, std::int64_t begin) const {
  return queue_directory(queue) + "/" + segment_name(begin);
}

Result<std::size_t> QueueFiles::read(const ConsumeQueue& queue, std::int64_t place, std::span<std::byte> out) {
  std::int64_t position = place * static_cast<std::int64_t>(queue.entry_bytes());
  const QueueFileSpan span = queue.files();
  std::size_t filled = 0;
  while (filled < out.size() && position >= span.begin && position < span.end) {
    const std::int64_t begin = begin_of(queue, position);
    auto file = open(queue, begin);
    if (!file) return fail(std::move(file).error());
    const auto count = std::min(out.size() - filled, static_cast<std::size_t>(begin + file_bytes(queue) - position));
    auto got = (*file)->read_at(static_cast<std::uint64_t>(position - begin), out.subspan(filled, count));
    if (!got) return fail(std::move(got).error());
    filled += *got;
    position += static_cast<std::int64_t>(*got);
    if (*got < count) break;
  }
  return filled / queue.entry_bytes();
}

std::size_t QueueFiles::read_at_once(const ConsumeQueue& queue, std::int64_t place, std::span<std::byte> out) {
  const std::int64_t position = place * static_cast<std::int64_t>(queue.entry_bytes());
  const QueueFileSpan span = queue.files();
  if (position < span.begin || position >= span.end) return 0;
  const std::int64_t begin = begin_of(queue, position);
  const std::shared_ptr<io::File> file = find_open(Key(&queue, begin));
  if (!file) return 0;
  const auto count = std::min(out.size(), static_cast<std::size_t>(begin + file_bytes(queue) - position));
  return file->read_at_once(static_cast<std::uint64_t>(position - begin), out.first(count)) / queue.entry_bytes();
}

Result<bool> QueueFiles::is_hole(const ConsumeQueue& queue, std::int64_t place) {
  const std::int64_t position = place * static_cast<std::int64_t>(queue.entry_bytes());
  const QueueFileSpan span = queue.files();
  if (position < span.begin || position >= span.end) return true;
  const std::int64_t begin = begin_of(queue, position);
  auto file = open(queue, begin);
  if (!file) return fail(std::move(file).error());
  auto data = (*file)->next_data(static_cast<std::uint64_t>(position - begin));
  if (!data) return fail(std::move(data).error());
  return *data >= static_cast<std::uint64_t>(position - begin) + queue.entry_bytes();
}

Status QueueFiles::write(ConsumeQueue& queue, std::int64_t place, ByteView entries) {
  std::int64_t position = place * static_cast<std::int64_t>(queue.entry_bytes());
  while (!entries.empty()) {
    auto file = open_or_create(queue, position);
    if (!file) return fail(std::move(file).error());
    const std::int64_t begin = begin_of(queue, position);
    const auto count = std::min(entries.size(), static_cast<std::size_t>(begin + file_bytes(queue) - position));
    const Key key(&queue, begin);
    prepare_whole_sync(queue.kind());
    if (unsynced_.try_emplace(key, *file).second) ++unsynced_count_;
    if (distrust_names_ && trusted_names_.insert(key).second) note_directories(queue);
    OGIVE_TRY((*file)->write_at(static_cast<std::uint64_t>(position - begin), entries.first(count)));
    entries = entries.subspan(count);
    position += static_cast<std::int64_t>(count);
  }
  // Descriptors of files that wait for their sync are bounded too.
  if (unsynced_.size() <= max_unsynced_) return {};
  if (std::ranges::any_of(whole_syncs_, [](const auto& whole) { return whole.second == nullptr; })) return sync();
  all_unsynced_ = true;
  unsynced_.clear();
  return {};
}

bool QueueFiles::distrust_contents(std::span<const QueueKind> kinds, std::size_t count) {
  for (const QueueKind kind : kinds) {
    prepare_whole_sync(kind);
    if (whole_syncs_[kind] == nullptr) return false;
  }
  all_unsynced_ = !kinds.empty();
  unsynced_count_ = count;
  return true;
}

void QueueFiles::prepare_whole_sync(QueueKind kind) {
  const auto [whole, added] = whole_syncs_.try_emplace(kind);
  if (!added) return;
  auto made = files_.whole_sync(home(kind).directory);
  if (made) whole->second = std::move(*made);
}

Status QueueFiles::sync_whole() {
  bool covers_all = true;
  for (const auto& [kind, whole] : whole_syncs_) {
    if (whole) OGIVE_TRY(whole->sync());
    covers_all = covers_all && whole;
  }
  all_unsynced_ = false;
  if (!covers_all) return {};  // Files of the other kind are synced one by one as well.
  unsynced_.clear();
  unsynced_directories_.clear();
  return {};
}

void QueueFiles::note_directories(const ConsumeQueue& queue) {
  const std::string& home_directory = home(queue.kind()).directory;
  unsynced_directories_.insert(home_directory);
  unsynced_directories_.insert(home_directory + "/" + queue.topic());
  unsynced_directories_.insert(queue_directory(queue));
}

Status QueueFiles::sync() {
  if (all_unsynced_) OGIVE_TRY(sync_whole());
  // In an order that does not depend on addresses: a simulated crash must find the same files done every time.
  std::map<std::tuple<std::string_view, QueueId, std::int64_t>, io::File*> ordered;
  for (const auto& [key, file] : unsynced_) {
    ordered.emplace(std::tuple(std::string_view(key.first->topic()), key.first->id(), key.second), file.get());
  }
  for (const auto& [place, file] : ordered) OGIVE_TRY(file->sync_data());
  unsynced_.clear();
  for (const std::string& directory : unsynced_directories_) OGIVE_TRY(files_.sync_directory(directory));
  unsynced_directories_.clear();
  unsynced_count_ = 0;
  return {};
}

Result<std::int64_t> QueueFiles::find_entry(const ConsumeQueue& queue, std::int64_t place,
                                            const std::function<bool(const QueueEntry&)>& wanted) {
  const auto entry_bytes = static_cast<std::int64_t>(queue.entry_bytes());
  const QueueFileSpan span = queue.files();
  std::array<std::byte, 4600> piece;  // A whole number of entries of either kind.
  std::int64_t position = std::max(place * entry_bytes, span.begin);
  while (position < span.end) {
    const std::int64_t begin = begin_of(queue, position);
    auto file = open(queue, begin);
    if (!file) return fail(std::move(file).error());
    auto data = (*file)->next_data(static_cast<std::uint64_t>(position - begin));
    if (!data) return fail(std::move(data).error());
    if (*data >= static_cast<std::uint64_t>(file_bytes(queue))) {  // Any such value says so, the largest too.
      position = begin + file_bytes(queue);
      continue;
    }
    const std::int64_t at = begin + static_cast<std::int64_t>(*data);
    position = std::max(position, at - at % entry_bytes);
    const auto want = std::min<std::int64_t>(piece.size(), begin + file_bytes(queue) - position);
    auto got =
        (*file)->read_at(static_cast<std::uint64_t>(position - begin), {piece.data(), static_cast<std::size_t>(want)});
    if (!got) return fail(std::move(got).error());
    if (*got < queue.entry_bytes()) {
      position = begin + file_bytes(queue);
      continue;
    }
    for (std::size_t i = 0; i + queue.entry_bytes() <= *got; i += queue.entry_bytes(), position += entry_bytes) {
      if (wanted(QueueEntry::decode(piece.data() + i))) return position / entry_bytes;
    }
  }
  return -1;
}

Result<bool> QueueFiles::cut(ConsumeQueue& queue, std::int64_t place) {
  const std::int64_t position = place * static_cast<std::int64_t>(queue.entry_bytes());
  QueueFileSpan span = queue.files();
  if (span.begin == span.end) return false;
  bool found = false;
  // A file that would begin at the cut is kept only when it is the first: it carries the queue's place.
  while (span.end - file_bytes(queue) >= position && span.end - file_bytes(queue) > span.begin) {
    forget(queue);
    OGIVE_TRY(files_.remove(path_of(queue, span.end - file_bytes(queue))));
    unsynced_directories_.insert(queue_directory(queue));
    span.end -= file_bytes(queue);
    queue.set_files(span);
    found = true;
  }
  if (position >= span.end) return found;
  const std::int64_t begin = std::max(begin_of(queue, position), span.begin);
  auto file = open(queue, begin);
  if (!file) return fail(std::move(file).error());
  std::vector<std::byte> piece(64 << 10);
  const std::vector<std::byte> zeros(piece.size());
  auto at = static_cast<std::uint64_t>(std::max(position, begin) - begin);
  while (at < static_cast<std::uint64_t>(file_bytes(queue))) {
    auto data = (*file)->next_data(at);
    if (!data) return fail(std::move(data).error());
    at = *data;
    if (at >= static_cast<std::uint64_t>(file_bytes(queue))) break;
    const auto want = std::min<std::uint64_t>(piece.size(), static_cast<std::uint64_t>(file_bytes(queue)) - at);
    auto got = (*file)->read_at(at, {piece.data(), want});
    if (!got) return fail(std::move(got).error());
    if (*got == 0) break;
    if (std::memcmp(piece.data(), zeros.data(), *got) != 0) {
      found = true;
      unsynced_.try_emplace(Key(&queue, begin), *file);
      OGIVE_TRY((*file)->write_at(at, ByteView(zeros.data(), *got)));
    }
    at += *got;
  }
  return found;
}

Status QueueFiles::trim(ConsumeQueue& queue, std::int64_t place) {
  const std::int64_t position = place * static_cast<std::int64_t>(queue.entry_bytes());
  QueueFileSpan span = queue.files();
  bool removed = false;
  while (span.end - span.begin > file_bytes(queue) && span.begin + file_bytes(queue) <= position) {
    const std::int64_t begin = span.begin;
    span.begin += file_bytes(queue);
    queue.set_files(span);
    removed = true;
    forget(queue, begin);
    Status gone = files_.remove(path_of(queue, begin));
    if (!gone && gone.error().code() != Errc::kNotFound) return gone;  // A crash may have come after its removal.
  }
  if (removed) unsynced_directories_.insert(queue_directory(queue));
  return {};
}

Status QueueFiles::remove(ConsumeQueue& queue) {
  forget(queue);
  const std::string directory = queue_directory(queue);
  queue.set_files({});
  OGIVE_TRY(remove_files(directory));
  unsynced_directories_.erase(directory);
  if (Status status = files_.remove(directory); !status && status.error().code() != Errc::kNotFound) {
    OGIVE_LOG(info, "store", "{} stays, it is not empty", directory);
    unsynced_directories_.insert(directory);
  }
  return {};
}

Status QueueFiles::remove_files(const std::string& directory) {
  auto listed = files_.list(directory);
  if (!listed) return listed.error().code() == Errc::kNotFound ? Status() : fail(std::move(listed).error());
  for (const io::FileInfo& info : *listed) {
    if (!info.is_directory && parse_segment_name(info.name) >= 0) OGIVE_TRY(files_.remove(directory + "/" + info.name));
  }
  return {};
}

void QueueFiles::remove_topic_directory(const std::string& topic) {
  for (const Home* home : {&simple_, &batch_}) {
    const std::string directory = home->directory + "/" + topic;
    unsynced_directories_.erase(directory);
    Status removed = files_.remove(directory);
    if (!removed && removed.error().code() == Errc::kNotFound) continue;
    if (!removed) unsynced_directories_.insert(directory);
    unsynced_directories_.insert(home->directory);
  }
}

std::shared_ptr<io::File> QueueFiles::find_open(const Key& key) {
  const std::lock_guard lock(mutex_);
  const auto found = open_.find(key);
  if (found == open_.end()) return nullptr;
  recent_.splice(recent_.begin(), recent_, found->second.recent);
  return found->second.file;
}

Result<std::shared_ptr<io::File>> QueueFiles::open(const ConsumeQueue& queue, std::int64_t begin) {
  const Key key(&queue, begin);
  if (auto found = find_open(key)) return found;
  auto file = files_.open(path_of(queue, begin), io::OpenMode::kReadWrite);
  if (!file) {
    const QueueFileSpan span = queue.files();  // As it is now: retention may have been faster.
    if (file.error().code() != Errc::kNotFound || begin < span.begin || begin >= span.end) {
      return fail(std::move(file).error());
    }
    return fail(Errc::kCorrupt, fmt::format("the consume queue file {} is missing", path_of(queue, begin)));
  }
  return remember(key, std::shared_ptr<io::File>(std::move(*file)));
}

Result<std::shared_ptr<io::File>> QueueFiles::open_or_create(ConsumeQueue& queue, std::int64_t position) {
  QueueFileSpan span = queue.files();
  const std::int64_t begin = begin_of(queue, position);
  if (span.begin != span.end && begin >= span.begin && begin < span.end) {
    auto file = open(queue, begin);
    if (file || file.error().code() != Errc::kCorrupt) return file;
    if (damaged_) damaged_(file.error());
    return create(queue, begin);
  }
  if (!is_safe_topic_name(queue.topic())) {
    return fail(Errc::kInvalidArgument, fmt::format("topic name '{}' cannot be a directory name", queue.topic()));
  }
  // Of a deleted topic, whose removal a crash has undone.
  if (span.begin == span.end) OGIVE_TRY(remove_files(queue_directory(queue)));
  auto file = create(queue, begin);
  if (!file) return file;
  if (span.begin == span.end) {
    if (position > begin && queue.kind() == QueueKind::kSimple) OGIVE_TRY(write_filler(**file, position - begin));
    span.begin = begin;
  }
  span.end = begin + file_bytes(queue);
  queue.set_files(span);
  return file;
}

Result<std::shared_ptr<io::File>> QueueFiles::create(const ConsumeQueue& queue, std::int64_t begin) {
  const QueueFileSpan span = queue.files();
  if (span.begin == span.end || begin < span.end) {
    OGIVE_TRY(files_.create_directories(queue_directory(queue)));
    note_directories(queue);
  }
  auto file = files_.open(path_of(queue, begin), io::OpenMode::kCreate);
  if (!file) return fail(std::move(file).error());
  auto size = (*file)->size();
  if (!size) return fail(std::move(size).error());
  // Left by a process that crashed: every entry in it is on its way again.
  if (*size > 0) OGIVE_TRY((*file)->truncate(0));
  OGIVE_TRY((*file)->truncate(static_cast<std::uint64_t>(file_bytes(queue))));
  unsynced_directories_.insert(queue_directory(queue));
  return remember(Key(&queue, begin), std::shared_ptr<io::File>(std::move(*file)));
}

Status QueueFiles::write_filler(io::File& file, std::int64_t bytes) {
  std::vector<std::byte> filler(static_cast<std::size_t>(bytes));
  for (std::size_t at = 0; at < filler.size(); at += QueueEntry::kBytes) {
    QueueEntry{0, QueueEntry::kFillerSize, 0}.encode(filler.data() + at);
  }
  return file.write_at(0, filler);
}

std::shared_ptr<io::File> QueueFiles::remember(const Key& key, std::shared_ptr<io::File> file) {
  const std::lock_guard lock(mutex_);
  if (const auto found = open_.find(key); found != open_.end()) return found->second.file;
  while (open_.size() >= kMaxOpen) {
    open_.erase(recent_.back());
    recent_.pop_back();
  }
  recent_.push_front(key);
  open_.emplace(key, OpenFile{file, recent_.begin()});
  return file;
}

void QueueFiles::forget(const ConsumeQueue& queue, std::int64_t begin) {
  const std::lock_guard lock(mutex_);
  const Key key(&queue, begin);
  if (const auto found = open_.find(key); found != open_.end()) {
    recent_.erase(found->second.recent);
    open_.erase(found);
  }
  unsynced_.erase(key);
}

void QueueFiles::forget(const ConsumeQueue& queue) {
  const std::lock_guard lock(mutex_);
  for (auto it = recent_.begin(); it != recent_.end();) {
    if (it->first == &queue) {
      open_.erase(*it);
      it = recent_.erase(it);
    } else {
      ++it;
    }
  }
  absl::erase_if(unsynced_, [&](const auto& item) { return item.first.first == &queue; });
}

}  // namespace ogive::store
