#include "store/log/tail_cache.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

namespace ogive::store {

TailCache::TailCache(std::uint64_t max_bytes)
    : max_chunks_(std::max<std::size_t>(2, static_cast<std::size_t>(max_bytes) / kChunkBytes)) {}

void TailCache::reset(std::int64_t offset) {
  const std::lock_guard lock(mutex_);
  chunks_.clear();
  first_index_ = offset / kChunkBytes;
  begin_ = offset;
  written_ = offset;
  end_ = offset;
  current_ = nullptr;
}

// A chunk is a huge page where the system has one to give: every byte of the log passes through here, into memory that
// no processor cache holds any more, and looking up 512 small pages costs time as the copy does.
std::shared_ptr<TailCache::Chunk> TailCache::make_chunk() {
  void* memory = std::aligned_alloc(kChunkBytes, sizeof(Chunk));
  if (memory == nullptr) throw std::bad_alloc();
  ::madvise(memory, sizeof(Chunk), MADV_HUGEPAGE);  // Without it the chunk is made of small pages.
  return {static_cast<Chunk*>(memory), [](Chunk* chunk) { std::free(chunk); }};
}

// Makes the chunk that end_ lies in, reusing the memory of one that is dropped where nobody else holds it.
void TailCache::open_chunk() {
  std::shared_ptr<Chunk> chunk;
  const std::lock_guard lock(mutex_);
  const std::int64_t written = written_.load(std::memory_order_acquire);
  while (chunks_.size() >= max_chunks_ && (first_index_ + 1) * kChunkBytes <= written) {
    if (chunks_.front().use_count() == 1) {
      // Behind the last reader's release.
#ifdef __SANITIZE_THREAD__
      chunk = chunks_.front();  // The sanitizer knows no fences; counting up is an acquire too.
#else
      std::atomic_thread_fence(std::memory_order_acquire);
      chunk = std::move(chunks_.front());
#endif
    }
    chunks_.pop_front();
    ++first_index_;
    begin_.store(first_index_ * kChunkBytes, std::memory_order_release);
  }
  if (chunk == nullptr) chunk = make_chunk();
  current_ = chunk.get();
  chunks_.push_back(std::move(chunk));
}

void TailCache::append(ByteView bytes) {
  while (!bytes.empty()) {
    if (current_ == nullptr) open_chunk();
    const auto at = static_cast<std::size_t>(end_ % kChunkBytes);
    const std::size_t count = std::min(bytes.size(), kChunkBytes - at);
    std::memcpy(current_->data() + at, bytes.data(), count);
    bytes = bytes.subspan(count);
    end_ += static_cast<std::int64_t>(count);
    if (end_ % kChunkBytes == 0) current_ = nullptr;
  }
}

void TailCache::append_zeros(std::int64_t count) {
  static constexpr std::array<std::byte, 4096> kZeros{};
  while (count > 0) {
    const auto piece = std::min<std::int64_t>(count, kZeros.size());
    append(ByteView(kZeros.data(), static_cast<std::size_t>(piece)));
    count -= piece;
  }
}

std::size_t TailCache::gather(std::int64_t begin, std::int64_t end, std::span<ByteView> out) const {
  const std::lock_guard lock(mutex_);
  std::size_t filled = 0;
  while (begin < end && filled < out.size()) {
    const auto at = static_cast<std::size_t>(begin % kChunkBytes);
    const std::size_t count = std::min(static_cast<std::size_t>(end - begin), kChunkBytes - at);
    out[filled++] = ByteView(chunk_at(begin)->data() + at, count);
    begin += static_cast<std::int64_t>(count);
  }
  return filled;
}

bool TailCache::covers(std::int64_t begin, std::int64_t end) const {
  return begin >= begin_.load(std::memory_order_relaxed) && end >= begin &&
         (end + static_cast<std::int64_t>(kChunkBytes) - 1) / static_cast<std::int64_t>(kChunkBytes) <=
             first_index_ + static_cast<std::int64_t>(chunks_.size());
}

bool TailCache::share(std::span<const LogRange> ranges, io::OutBuffer& out) const {
  if (ranges.empty()) return true;
  const std::lock_guard lock(mutex_);
  if (!covers(ranges.front().begin, ranges.back().end)) return false;
  for (LogRange range : ranges) {
    while (range.begin < range.end) {
      const auto at = static_cast<std::size_t>(range.begin % kChunkBytes);
      const std::size_t count = std::min(static_cast<std::size_t>(range.end - range.begin), kChunkBytes - at);
      const std::shared_ptr<Chunk>& chunk = chunk_at(range.begin);
      out.append_shared(chunk, ByteView(chunk->data() + at, count));
      range.begin += static_cast<std::int64_t>(count);
    }
  }
  return true;
}

TailCache::Piece TailCache::piece(std::int64_t offset, std::int64_t end) const {
  const std::lock_guard lock(mutex_);
  const auto at = static_cast<std::size_t>(offset % kChunkBytes);
  end = std::min(end, offset + static_cast<std::int64_t>(kChunkBytes - at));
  if (end <= offset || !covers(offset, end)) return {};
  const std::shared_ptr<Chunk>& chunk = chunk_at(offset);
  return {ByteView(chunk->data() + at, static_cast<std::size_t>(end - offset)), chunk};
}

bool TailCache::copy(std::int64_t offset, std::span<std::byte> out) const {
  const std::lock_guard lock(mutex_);
  if (!covers(offset, offset + static_cast<std::int64_t>(out.size()))) return false;
  while (!out.empty()) {
    const auto at = static_cast<std::size_t>(offset % kChunkBytes);
    const std::size_t count = std::min(out.size(), kChunkBytes - at);
    std::memcpy(out.data(), chunk_at(offset)->data() + at, count);
    out = out.subspan(count);
    offset += static_cast<std::int64_t>(count);
  }
  return true;
}

}  // namespace ogive::store
