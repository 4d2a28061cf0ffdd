#include "store/queue/queue_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

namespace ogive::store {

struct QueueReader::Scan {
  const ReadRequest& request;
  ReadResult result;
  std::int64_t log_begin;  ///< Records before it are removed.
  std::int64_t next = 0;   ///< Offset looked at next.
  std::uint64_t bytes = 0;
  bool removed = false;  ///< An entry whose record is gone was passed over.
  bool full = false;
  std::vector<QueueEntry>& matched;
};

ReadResult QueueReader::read(ConsumeQueue& queue, const ReadRequest& request) const {
  ReadResult result;
  // The maximum last: what it covers is then at least as new as the minimum.
  const std::int64_t min = queue.min_offset().value();
  const std::int64_t max = queue.max_offset().value();
  const std::int64_t offset = request.offset.value();
  result.min_offset = QueueOffset(min);
  result.max_offset = QueueOffset(max);
  result.next_offset = request.offset;
  if (max == 0) {
    result.status = ReadStatus::kEmptyQueue;
    result.next_offset = QueueOffset(0);
  } else if (offset < min) {
    result.status = ReadStatus::kOffsetTooSmall;
    result.next_offset = QueueOffset(min);
  } else if (offset == max) {
    result.status = ReadStatus::kOffsetOverflowOne;
  } else if (offset > max) {
    result.status = ReadStatus::kOffsetOverflowFar;
    result.next_offset = QueueOffset(max);
  } else {
    // Kept between reads of a thread: a read allocates only what it returns.
    static thread_local std::vector<QueueEntry> matched;
    matched.clear();
    Scan scan{request, std::move(result), segments_.begin(), offset, 0, false, false, matched};
    const std::int64_t end = std::min(max, offset + kMaxScanned);
    std::array<std::byte, kEntriesAtOnce * QueueEntry::kBytes> entries;
    while (!scan.full && scan.next < end) {
      bool would_block = false;
      const std::size_t wanted = std::clamp<std::size_t>(request.max_messages, 1, kEntriesAtOnce);
      auto count = lookup(queue, scan.next, end, request.memory_only,
                          std::span(entries).first(wanted * QueueEntry::kBytes), would_block);
      if (!count || would_block) {
        scan.result.status = would_block ? ReadStatus::kWouldBlock : ReadStatus::kFailed;
        if (!count) scan.result.error = std::move(count).error();
        return std::move(scan.result);
      }
      for (std::size_t i = 0; i < *count && !scan.full; ++i) {
        take(scan, QueueEntry::decode(entries.data() + i * QueueEntry::kBytes));
      }
    }
    return finish(scan);
  }
  return result;
}

// Takes, skips, or refuses (scan.full) the entry at scan.next.
void QueueReader::take(Scan& scan, const QueueEntry& entry) const {
  const auto& codes = scan.request.tag_codes;
  if (entry.is_filler() || entry.physical_offset < scan.log_begin) {
    scan.removed = true;
    ++scan.next;
    return;
  }
  if (!codes.empty() && !std::ranges::binary_search(codes, entry.tags_code)) {
    ++scan.next;
    return;
  }
  if (!scan.matched.empty() && scan.bytes + static_cast<std::uint64_t>(entry.size) > scan.request.max_bytes) {
    scan.full = true;
    return;
  }
  scan.matched.push_back(entry);
  scan.bytes += static_cast<std::uint64_t>(entry.size);
  ++scan.next;
  scan.full = scan.matched.size() >= scan.request.max_messages;
}

ReadResult QueueReader::finish(Scan& scan) const {
  ReadResult& result = scan.result;
  if (scan.matched.empty()) {
    result.status = scan.removed ? ReadStatus::kRemoved : ReadStatus::kNoMatched;
    result.next_offset = QueueOffset(scan.next);
    return std::move(result);
  }
  if (!log_.share(scan.matched, result.records)) {
    if (scan.request.memory_only) {
      result.status = ReadStatus::kWouldBlock;
      return std::move(result);
    }
    if (Status status = log_.read(scan.matched, result.records); !status) {
      result.records.clear();
      result.status = ReadStatus::kFailed;
      result.error = std::move(status).error();
      return std::move(result);
    }
  }
  result.status = ReadStatus::kFound;
  result.message_count = static_cast<std::uint32_t>(scan.matched.size());
  result.next_offset = QueueOffset(scan.next);
  return std::move(result);
}

Result<std::size_t> QueueReader::lookup(const ConsumeQueue& queue, std::int64_t offset, std::int64_t end,
                                        bool memory_only, std::span<std::byte> out, bool& would_block) const {
  const std::size_t wanted = std::min(out.size() / QueueEntry::kBytes, static_cast<std::size_t>(end - offset));
  if (const std::size_t count = queue.copy_tail(offset, wanted, out.data()); count > 0) return count;
  if (memory_only) {
    would_block = true;
    return 0;
  }
  auto count = files_.read(queue, offset, out.first(wanted * QueueEntry::kBytes));
  if (!count) return fail(std::move(count).error());
  // The files may reach further than their valid entries: those behind are in memory.
  std::size_t valid = 0;
  while (valid < *count && QueueEntry::decode(out.data() + valid * QueueEntry::kBytes).is_set()) ++valid;
  if (valid > 0) return valid;
  if (const std::size_t late = queue.copy_tail(offset, wanted, out.data()); late > 0) return late;
  return fail(Errc::kCorrupt,
              fmt::format("the consume queue files in {} have no entry {} although the queue reaches to {}",
                          files_.queue_directory(queue), offset, queue.max_offset().value()));
}

Result<QueueEntry> QueueReader::entry(const ConsumeQueue& queue, std::int64_t offset) const {
  const std::int64_t max = queue.max_offset().value();
  if (offset < queue.min_offset().value() || offset >= max) {
    return fail(Errc::kNotFound, fmt::format("queue {} of topic {} has offsets {} to {}, not {}", queue.id().value(),
                                             queue.topic(), queue.min_offset().value(), max, offset));
  }
  std::array<std::byte, QueueEntry::kBytes> bytes;
  bool would_block = false;
  auto count = lookup(queue, offset, offset + 1, false, bytes, would_block);
  if (!count) return fail(std::move(count).error());
  return QueueEntry::decode(bytes.data());
}

// Store times only grow along a queue, so both boundaries are partition points. `lower`: the first message not older
// than the timestamp, the queue's end when all are older. `upper`: the last one not newer, the minimum when all are
// newer.
Result<QueueOffset> QueueReader::offset_by_time(const ConsumeQueue& queue, std::int64_t timestamp_ms,
                                                bool upper) const {
  const std::int64_t min = queue.min_offset().value();
  std::int64_t low = min;
  std::int64_t high = queue.max_offset().value();
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    auto found = entry(queue, middle);
    if (!found) return fail(std::move(found).error());
    bool before = found->is_filler() || found->physical_offset < segments_.begin();
    if (!before) {
      auto time = log_.store_time(found->physical_offset);
      if (!time) return fail(std::move(time).error());
      before = upper ? *time <= timestamp_ms : *time < timestamp_ms;
    }
    if (before) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return QueueOffset(upper ? std::max(min, low - 1) : low);
}

}  // namespace ogive::store
