#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "store/message_store.h"
#include "store/raw_log.h"

namespace ogive::store {

std::byte* AppendBatch::add(ConsumeQueue& queue, std::size_t size, std::int64_t tags_code) {
  OGIVE_CHECK_MSG(size > 0 && size_ + size <= UINT32_MAX, "record of {} bytes after {} in one batch", size, size_);
  Entry& entry = entries_.emplace_back();
  entry.queue = &queue;
  entry.begin = static_cast<std::uint32_t>(size_);
  entry.size = static_cast<std::uint32_t>(size);
  entry.tags_code = tags_code;
  size_ += size;
  // Grown geometrically and never shrunk: a reused batch does not pay for zeroing again.
  if (data_.size() < size_) data_.resize(std::max(size_, data_.size() * 2));
  return data_.data() + entry.begin;
}

void AppendBatch::clear() {
  entries_.clear();
  size_ = 0;
  store_timestamp_ms = 0;
  end = PhysicalOffset();
  placed_at_.reset();
}

void ReplicaBatch::start(PhysicalOffset begin) {
  clear();
  placed_at_ = begin;
}

void ReplicaBatch::add(ByteView bytes) {
  OGIVE_CHECK_MSG(size_ + bytes.size() <= UINT32_MAX, "{} bytes after {} in one batch", bytes.size(), size_);
  if (data_.size() < size_ + bytes.size()) data_.resize(std::max(size_ + bytes.size(), data_.size() * 2));
  if (!bytes.empty()) std::memcpy(data_.data() + size_, bytes.data(), bytes.size());
  size_ += bytes.size();
}

AppendBatch::Entry& ReplicaBatch::note_record(std::size_t begin, std::size_t size) {
  Entry& entry = entries_.emplace_back();
  entry.begin = static_cast<std::uint32_t>(begin);
  entry.size = static_cast<std::uint32_t>(size);
  entry.physical_offset = *placed_at_ + static_cast<std::int64_t>(begin);
  entry.takes_queue_offset = false;
  return entry;
}

}  // namespace ogive::store
