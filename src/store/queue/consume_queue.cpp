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

bool ConsumeQueue::push(const Lock&, std::int64_t offset, const QueueEntry& entry) {
  if (offset != pushed_ || entry.physical_offset < fence_) return false;
  const std::size_t at = tail_.size();
  tail_.resize(at + QueueEntry::kBytes);
  entry.encode(tail_.data() + at);
  ++pushed_;
  return true;
}

bool ConsumeQueue::publish(const Lock&) {
  max_.store(pushed_, std::memory_order_seq_cst);
  if (dirty_ || pushed_ == persisted_) return false;
  dirty_ = true;
  return true;
}

std::size_t ConsumeQueue::copy_tail(std::int64_t offset, std::size_t count, std::byte* out) const {
  const std::lock_guard lock(mutex_);
  if (offset < tail_first_) return 0;
  const std::int64_t end = max_.load(std::memory_order_relaxed);
  if (offset >= end) return 0;
  count = std::min(count, static_cast<std::size_t>(end - offset));
  const std::size_t at = head_ + static_cast<std::size_t>(offset - tail_first_) * QueueEntry::kBytes;
  std::memcpy(out, tail_.data() + at, count * QueueEntry::kBytes);
  return count;
}

std::vector<std::byte> ConsumeQueue::unpersisted(std::size_t max_bytes, std::int64_t& first) const {
  const std::lock_guard lock(mutex_);
  first = persisted_;
  const std::size_t at = head_ + static_cast<std::size_t>(persisted_ - tail_first_) * QueueEntry::kBytes;
  const std::size_t count = std::min(tail_.size() - at, max_bytes / QueueEntry::kBytes * QueueEntry::kBytes);
  const auto begin = tail_.begin() + static_cast<std::ptrdiff_t>(at);
  return {begin, begin + static_cast<std::ptrdiff_t>(count)};
}

void ConsumeQueue::set_persisted(std::int64_t offset, std::int64_t cache_begin) {
  const std::lock_guard lock(mutex_);
  persisted_ = offset;
  trim_locked(cache_begin);
}

std::size_t ConsumeQueue::trim(std::int64_t cache_begin) {
  const std::lock_guard lock(mutex_);
  return trim_locked(cache_begin);
}

std::size_t ConsumeQueue::trim_locked(std::int64_t cache_begin) {
  while (tail_first_ < persisted_ && load_be<std::int64_t>(tail_.data() + head_) < cache_begin) {
    head_ += QueueEntry::kBytes;
    ++tail_first_;
  }
  if (head_ == tail_.size()) {
    std::vector<std::byte>().swap(tail_);  // A silent queue gives its memory back.
    head_ = 0;
  } else if (head_ > tail_.size() / 2) {
    tail_.erase(tail_.begin(), tail_.begin() + static_cast<std::ptrdiff_t>(head_));
    if (tail_.capacity() > 4 * tail_.size()) tail_.shrink_to_fit();
    head_ = 0;
  }
  return tail_bytes();
}

void ConsumeQueue::clear_dirty() {
  const std::lock_guard lock(mutex_);
  dirty_ = false;
}

void ConsumeQueue::load(std::int64_t min, std::int64_t end, QueueFileSpan files) {
  reset(end, 0);
  min_.store(min, std::memory_order_release);
  set_files(files);
}

void ConsumeQueue::reset(std::int64_t offset, std::int64_t fence) {
  const std::lock_guard lock(mutex_);
  std::vector<std::byte>().swap(tail_);
  head_ = 0;
  tail_first_ = pushed_ = persisted_ = offset;
  fence_ = fence;
  files_ = {};
  next_offset = offset;
  min_.store(offset, std::memory_order_release);
  max_.store(offset, std::memory_order_release);
}

QueueFileSpan ConsumeQueue::files() const {
  const std::lock_guard lock(mutex_);
  return files_;
}

void ConsumeQueue::set_files(QueueFileSpan files) {
  const std::lock_guard lock(mutex_);
  files_ = files;
}

}  // namespace ogive::store
