#include "store/queue/consume_queue.h"

#include <algorithm>

#include "base/bytes.h"

namespace ogive::store {

void QueueEntry::encode(std::byte* out) const {
  store_be(out, physical_offset);
  store_be(out + 8, size);
  store_be(out + 12, tags_code);
}

QueueEntry QueueEntry::decode(const std::byte* from) {
  return {load_be<std::int64_t>(from), load_be<std::int32_t>(from + 8), load_be<std::int64_t>(from + 12)};
}

void BatchEntry::encode(std::byte* out) const {
  QueueEntry::encode(out);
  store_be(out + 20, store_time_ms);
  store_be(out + 28, base);
  store_be(out + 36, static_cast<std::int16_t>(count));
  store_be(out + 38, std::int32_t{-1});  // Of compaction, which these queues have not.
  store_be(out + 42, std::int32_t{0});
}

BatchEntry BatchEntry::decode(const std::byte* from) {
  BatchEntry entry;
  static_cast<QueueEntry&>(entry) = QueueEntry::decode(from);
  entry.store_time_ms = load_be<std::int64_t>(from + 20);
  entry.base = load_be<std::int64_t>(from + 28);
  entry.count = load_be<std::int16_t>(from + 36);
  return entry;
}

bool ConsumeQueue::push(const Lock&, std::int64_t offset, const QueueEntry& entry, std::int32_t count,
                        std::int64_t store_time_ms) {
  if (offset != pushed_end_ || entry.physical_offset < fence_) return false;
  if (min_record_.load(std::memory_order_relaxed) == INT64_MAX && !entry.is_filler()) {
    min_record_.store(entry.physical_offset, std::memory_order_release);
  }
  std::byte* const place = grow_tail();
  if (kind_ == QueueKind::kSimple) {
    entry.encode(place);
    ++pushed_end_;
  } else {
    BatchEntry{entry, store_time_ms, offset, count}.encode(place);
    pushed_end_ += count;
  }
  ++pushed_;
  return true;
}

void ConsumeQueue::push_encoded(const Lock&, std::span<const std::byte> entries) {
  tail_.assign(entries.begin(), entries.end());
  head_ = 0;
  tail_end_ = entries.size();
  const auto count = static_cast<std::int64_t>(entries.size() / entry_bytes());
  if (count == 0) return;
  pushed_ += count;
  if (kind_ == QueueKind::kSimple) {
    pushed_end_ += count;
  } else {
    const BatchEntry last = BatchEntry::decode(entries.data() + entries.size() - entry_bytes());
    pushed_end_ = last.base + last.count;
  }
  if (min_record_.load(std::memory_order_relaxed) != INT64_MAX) return;
  for (std::size_t at = 0; at < entries.size(); at += entry_bytes()) {
    const QueueEntry entry = QueueEntry::decode(entries.data() + at);
    if (entry.is_filler()) continue;
    min_record_.store(entry.physical_offset, std::memory_order_release);
    return;
  }
}

// A vector's own growth by an entry would be a call for every message.
std::byte* ConsumeQueue::grow_tail() {
  const std::size_t at = tail_end_;
  tail_end_ += entry_bytes();
  if (tail_end_ > tail_.size()) [[unlikely]]
    tail_.resize(std::max(tail_end_, 2 * tail_.size()));
  next_entry_.store(tail_.data() + tail_end_, std::memory_order_relaxed);
  return tail_.data() + at;
}

void ConsumeQueue::drop_tail() {
  std::vector<std::byte>().swap(tail_);
  head_ = tail_end_ = 0;
}

bool ConsumeQueue::publish(const Lock& lock) {
  published_.store(pushed_, std::memory_order_release);
  max_.store(pushed_end_, std::memory_order_seq_cst);
  return note_dirty(lock);
}

void ConsumeQueue::show(const Lock&, const Ends& ends, std::int64_t record_end) {
  if (record_end <= fence_ || ends.offset <= max_.load(std::memory_order_relaxed)) return;
  published_.store(ends.place, std::memory_order_release);
  max_.store(ends.offset, std::memory_order_seq_cst);
}

bool ConsumeQueue::has_hidden() const {
  const std::lock_guard lock(mutex_);
  return pushed_end_ != max_.load(std::memory_order_relaxed);
}

bool ConsumeQueue::note_dirty(const Lock&) {
  if (dirty_ || pushed_ == persisted_) return false;
  dirty_ = true;
  return true;
}

std::size_t ConsumeQueue::copy_tail(std::int64_t place, std::size_t count, std::byte* out) const {
  const std::lock_guard lock(mutex_);
  if (place < tail_first_) return 0;
  const std::int64_t end = published_.load(std::memory_order_relaxed);
  if (place >= end) return 0;
  count = std::min(count, static_cast<std::size_t>(end - place));
  const std::size_t at = head_ + static_cast<std::size_t>(place - tail_first_) * entry_bytes();
  std::memcpy(out, tail_.data() + at, count * entry_bytes());
  return count;
}

std::vector<std::byte> ConsumeQueue::unpersisted(std::size_t max_bytes, std::int64_t record_end,
                                                 std::int64_t& first) const {
  const std::lock_guard lock(mutex_);
  first = persisted_;
  const std::size_t at = head_ + static_cast<std::size_t>(persisted_ - tail_first_) * entry_bytes();
  std::size_t count = std::min(tail_end_ - at, max_bytes / entry_bytes() * entry_bytes());
  const auto allowed = [&](std::size_t index) {
    const QueueEntry entry = QueueEntry::decode(tail_.data() + at + index);
    return entry.is_filler() || entry.physical_offset + entry.size <= record_end;
  };
  if (count > 0 && !allowed(count - entry_bytes())) {
    std::size_t reached = 0;
    while (reached < count && allowed(reached)) reached += entry_bytes();
    count = reached;
  }
  const auto begin = tail_.begin() + static_cast<std::ptrdiff_t>(at);
  return {begin, begin + static_cast<std::ptrdiff_t>(count)};
}

void ConsumeQueue::set_persisted(std::int64_t place, std::int64_t cache_begin) {
  const std::lock_guard lock(mutex_);
  persisted_ = place;
  trim_locked(cache_begin);
}

std::int64_t ConsumeQueue::persisted() const {
  const std::lock_guard lock(mutex_);
  return persisted_;
}

std::size_t ConsumeQueue::trim(std::int64_t cache_begin) {
  const std::lock_guard lock(mutex_);
  return trim_locked(cache_begin);
}

std::size_t ConsumeQueue::trim_locked(std::int64_t cache_begin) {
  while (tail_first_ < persisted_ && load_be<std::int64_t>(tail_.data() + head_) < cache_begin) {
    head_ += entry_bytes();
    ++tail_first_;
  }
  if (head_ == tail_end_) {
    drop_tail();  // A silent queue gives its memory back.
  } else if (head_ > tail_end_ / 2) {
    const std::size_t left = tail_bytes();
    if (tail_.size() > 4 * left) {
      const auto begin = tail_.begin() + static_cast<std::ptrdiff_t>(head_);
      tail_ = std::vector<std::byte>(begin, begin + static_cast<std::ptrdiff_t>(left));
    } else {
      std::memmove(tail_.data(), tail_.data() + head_, left);
    }
    head_ = 0;
    tail_end_ = left;
  }
  return tail_bytes();
}

void ConsumeQueue::clear_dirty() {
  const std::lock_guard lock(mutex_);
  dirty_ = false;
}

void ConsumeQueue::load(const Extent& extent, QueueFileSpan files) {
  reset(extent.end_offset, 0);
  const std::lock_guard lock(mutex_);
  tail_first_ = pushed_ = persisted_ = extent.end_place;
  published_.store(pushed_, std::memory_order_release);
  min_place_.store(extent.min_place, std::memory_order_release);
  min_.store(extent.min_offset, std::memory_order_release);
  min_record_.store(extent.min_record, std::memory_order_release);
  files_ = files;
}

void ConsumeQueue::set_min(std::int64_t offset, std::int64_t place, std::int64_t record) {
  const std::lock_guard lock(mutex_);  // Against a reset.
  if (offset < min_.load(std::memory_order_relaxed) || offset > pushed_end_) return;
  if (record == INT64_MAX && place < pushed_ && place >= tail_first_) {
    // Came while the caller was looking.
    const std::size_t at = head_ + static_cast<std::size_t>(place - tail_first_) * entry_bytes();
    record = load_be<std::int64_t>(tail_.data() + at);
  }
  min_record_.store(record, std::memory_order_release);
  min_place_.store(place, std::memory_order_release);
  min_.store(offset, std::memory_order_release);
}

// A batch queue's entries begin at place 0 again: their files are named by places, not by offsets.
void ConsumeQueue::reset(std::int64_t offset, std::int64_t fence) {
  const std::lock_guard lock(mutex_);
  drop_tail();
  tail_first_ = pushed_ = persisted_ = kind_ == QueueKind::kSimple ? offset : 0;
  pushed_end_ = offset;
  fence_ = fence;
  files_ = {};
  min_record_.store(INT64_MAX, std::memory_order_release);
  next_offset = offset;
  published_.store(pushed_, std::memory_order_release);
  min_place_.store(pushed_, std::memory_order_release);
  min_.store(offset, std::memory_order_release);
  max_.store(offset, std::memory_order_release);
}

QueueFileSpan ConsumeQueue::files() const {
  const std::lock_guard lock(mutex_);
  return files_;
}

ConsumeQueue::Extent ConsumeQueue::in_files() const {
  const std::lock_guard lock(mutex_);
  Extent extent;
  extent.end_place = extent.end_offset = persisted_;
  if (kind_ == QueueKind::kBatch) {
    const std::size_t at = head_ + static_cast<std::size_t>(persisted_ - tail_first_) * entry_bytes();
    extent.end_offset = persisted_ == pushed_ ? pushed_end_ : BatchEntry::decode(tail_.data() + at).base;
  }
  extent.min_place = std::min(min_place(), extent.end_place);
  extent.min_offset = std::min(min_.load(std::memory_order_relaxed), extent.end_offset);
  if (extent.min_place < extent.end_place) extent.min_record = min_record();
  return extent;
}

void ConsumeQueue::set_files(QueueFileSpan files) {
  const std::lock_guard lock(mutex_);
  files_ = files;
}

}  // namespace ogive::store
