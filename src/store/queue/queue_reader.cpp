#include "store/queue/queue_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <optional>

#include "store/queue/entry_search.h"

namespace ogive::store {
namespace {

// Smaller values in an entry's tags code are places in extension files (docs/formats/consume-queue.md).
constexpr std::int64_t kMinTagsCode = INT32_MIN;

}  // namespace

struct QueueReader::Scan {
  const ConsumeQueue& queue;
  const ReadRequest& request;
  ReadResult result;
  std::int64_t log_begin;  ///< Records before it are removed.
  std::int64_t next = 0;   ///< Offset looked at next.
  std::vector<PlacedEntry>& matched;
  std::uint64_t bytes = 0;
  std::uint32_t messages = 0;
  std::uint32_t max_messages = request.max_messages;
  std::uint32_t max_bytes = request.max_bytes;
  bool removed = false;  ///< An entry whose record is gone was passed over.
  bool full = false;
  bool would_block = false;
  bool from_files = false;  ///< Entries came from files: what they point to is checked.
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
    static thread_local std::vector<PlacedEntry> matched;
    matched.clear();
    Scan scan{queue, request, std::move(result), segments_.begin(), offset, matched};
    Status status = fill(scan, max);
    if (!status || scan.would_block) {
      scan.result.status = scan.would_block ? ReadStatus::kWouldBlock : ReadStatus::kFailed;
      if (!status) scan.result.error = std::move(status).error();
      return std::move(scan.result);
    }
    return finish(scan);
  }
  return result;
}

Status QueueReader::fill(Scan& scan, std::int64_t max) const {
  const ConsumeQueue& queue = scan.queue;
  const ReadRequest& request = scan.request;
  auto first = place_of(queue, scan.next, request.wait, scan.would_block);
  if (!first) return fail(std::move(first).error());
  if (scan.would_block) return {};
  const bool batch = queue.kind() == QueueKind::kBatch;
  const std::size_t size = queue.entry_bytes();
  std::array<std::byte, kEntriesAtOnce * BatchEntry::kBytes> entries;
  std::int64_t place = *first;
  const std::int64_t end = std::min(batch ? queue.end_place() : max, place + kMaxScanned);
  while (!scan.full && place < end) {
    const std::size_t wanted = std::clamp<std::size_t>(request.max_messages, 1, kEntriesAtOnce);
    auto count = lookup(queue, place, end, request.wait, std::span(entries).first(wanted * size), scan.would_block,
                        scan.from_files);
    if (!count) return fail(std::move(count).error());
    if (scan.would_block) return {};
    for (std::size_t i = 0; i < *count && !scan.full; ++i, ++place) {
      if (batch) {
        const BatchEntry entry = BatchEntry::decode(entries.data() + i * size);
        if (place == *first && entry.base > scan.next && place > queue.min_place()) {
          if (!request.wait) {
            scan.would_block = true;
            return {};
          }
          OGIVE_TRY(check_gap(queue, place, scan.next));
        }
        take(scan, {static_cast<const QueueEntry&>(entry), entry.base, std::max(entry.count, 1)});
      } else {
        take(scan, {QueueEntry::decode(entries.data() + i * size), scan.next, 1});
      }
    }
  }
  return {};
}

Status QueueReader::check_gap(const ConsumeQueue& queue, std::int64_t place, std::int64_t offset) const {
  auto before = entry_at(queue, place - 1);
  if (!before) return fail(std::move(before).error());
  const PlacedEntry entry{static_cast<const QueueEntry&>(*before), before->base, before->count};
  io::OutBuffer record;
  if (entry.physical_offset >= segments_.begin()) {
    auto good = log_.read(queue, {&entry, 1}, record);
    if (!good) return fail(std::move(good).error());
  }
  if (before->base + before->count <= offset) return {};
  return fail(Errc::kCorrupt, fmt::format("the consume queue files in {} are not in order at entry {}: stop the broker "
                                          "and run `ogive store check`",
                                          files_.queue_directory(queue), place - 1));
}

// Takes, skips, or refuses (scan.full) the entry.
void QueueReader::take(Scan& scan, const PlacedEntry& entry) const {
  const auto& codes = scan.request.tag_codes;
  if (entry.is_filler() || entry.physical_offset < scan.log_begin) {
    scan.removed = true;
    scan.next = entry.queue_offset + entry.count;
    return;
  }
  // An inner batch has no tags of its own, and what stands in for a place in an extension file is no code: the client
  // filters these.
  const bool has_code = entry.count == 1 && entry.tags_code >= kMinTagsCode;
  if (!codes.empty() && has_code && !std::ranges::binary_search(codes, entry.tags_code)) {
    scan.next = entry.queue_offset + entry.count;
    return;
  }
  if (scan.matched.empty()) {
    if (entry.physical_offset < scan.request.far_before) {
      scan.max_messages = scan.request.far_messages;
      scan.max_bytes = scan.request.far_bytes;
    }
  } else if (scan.bytes + static_cast<std::uint64_t>(entry.size) > scan.max_bytes) {
    scan.full = true;
    return;
  }
  scan.matched.push_back(entry);
  scan.bytes += static_cast<std::uint64_t>(entry.size);
  scan.messages += static_cast<std::uint32_t>(entry.count);
  scan.next = entry.queue_offset + entry.count;
  scan.full = scan.messages >= scan.max_messages;
}

// Entries of a batch queue are in order of their offsets.
Result<std::int64_t> QueueReader::place_of(const ConsumeQueue& queue, std::int64_t offset, bool wait,
                                           bool& would_block) const {
  if (queue.kind() == QueueKind::kSimple) return offset;
  std::array<std::byte, BatchEntry::kBytes> bytes;
  bool from_files = false;
  std::int64_t low = queue.min_place();
  std::int64_t high = queue.end_place();
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    auto count = lookup(queue, middle, middle + 1, wait, bytes, would_block, from_files);
    if (!count) return fail(std::move(count).error());
    if (would_block) return 0;
    const BatchEntry entry = BatchEntry::decode(bytes.data());
    if (entry.base + entry.count <= offset) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

ReadResult QueueReader::finish(Scan& scan) const {
  ReadResult& result = scan.result;
  if (scan.matched.empty()) {
    result.status = scan.removed ? ReadStatus::kRemoved : ReadStatus::kNoMatched;
    result.next_offset = QueueOffset(scan.next);
    return std::move(result);
  }
  if (scan.from_files || !log_.share(scan.matched, result.records)) {
    auto good = log_.read(scan.queue, scan.matched, result.records, scan.request.wait);
    if (!good) {
      result.records.clear();
      result.status = good.error().code() == Errc::kWouldBlock ? ReadStatus::kWouldBlock : ReadStatus::kFailed;
      if (result.status == ReadStatus::kFailed) result.error = std::move(good).error();
      return std::move(result);
    }
    if (*good < scan.matched.size()) {
      scan.messages -= static_cast<std::uint32_t>(scan.next - scan.matched[*good].queue_offset);
      scan.next = scan.matched[*good].queue_offset;
      scan.matched.resize(*good);
    }
  }
  result.status = ReadStatus::kFound;
  result.message_count = scan.messages;
  result.next_offset = QueueOffset(scan.next);
  return std::move(result);
}

Result<std::size_t> QueueReader::lookup(const ConsumeQueue& queue, std::int64_t place, std::int64_t end, bool wait,
                                        std::span<std::byte> out, bool& would_block, bool& from_files) const {
  const std::size_t size = queue.entry_bytes();
  const std::size_t wanted = std::min(out.size() / size, static_cast<std::size_t>(end - place));
  if (const std::size_t count = queue.copy_tail(place, wanted, out.data()); count > 0) return count;
  auto count = wait ? files_.read(queue, place, out.first(wanted * size))
                    : Result<std::size_t>(files_.read_at_once(queue, place, out.first(wanted * size)));
  if (!count) return fail(std::move(count).error());
  // The files may reach further than their valid entries: those behind are in memory.
  std::size_t valid = 0;
  while (valid < *count && QueueEntry::decode(out.data() + valid * size).is_set()) ++valid;
  if (valid > 0) {
    from_files = true;
    return valid;
  }
  if (!wait) {
    would_block = true;
    return 0;
  }
  if (const std::size_t late = queue.copy_tail(place, wanted, out.data()); late > 0) return late;
  if (place < queue.min_place() || place >= queue.end_place()) {
    return fail(Errc::kNotFound, fmt::format("entry {} of queue {} of topic {} was removed while it was read", place,
                                             queue.id().value(), queue.topic()));
  }
  return fail(Errc::kCorrupt,
              fmt::format("the consume queue files in {} have no entry {} although the queue reaches to "
                          "{}: stop the broker and run `ogive store check`",
                          files_.queue_directory(queue), place, queue.end_place()));
}

Result<BatchEntry> QueueReader::entry_at(const ConsumeQueue& queue, std::int64_t place) const {
  std::array<std::byte, BatchEntry::kBytes> bytes;
  bool would_block = false;
  bool from_files = false;
  auto count =
      lookup(queue, place, place + 1, true, std::span(bytes).first(queue.entry_bytes()), would_block, from_files);
  if (!count) return fail(std::move(count).error());
  if (queue.kind() == QueueKind::kBatch) return BatchEntry::decode(bytes.data());
  return BatchEntry{QueueEntry::decode(bytes.data()), 0, place, 1};
}

// There may be millions of them.
Result<std::int64_t> QueueReader::behind_fillers(const ConsumeQueue& queue, std::int64_t place) const {
  std::vector<std::byte> entries(kFillersAtOnce * queue.entry_bytes());
  const std::int64_t end = queue.end_place();
  bool would_block = false;
  bool from_files = false;
  while (place < end) {
    auto count = lookup(queue, place, end, true, entries, would_block, from_files);
    if (!count) return fail(std::move(count).error());
    for (std::size_t i = 0; i < *count; ++i, ++place) {
      if (!QueueEntry::decode(entries.data() + i * queue.entry_bytes()).is_filler()) return place;
    }
  }
  return place;
}

Result<QueueEntry> QueueReader::entry(const ConsumeQueue& queue, std::int64_t offset) const {
  const std::int64_t max = queue.max_offset().value();
  if (offset < queue.min_offset().value() || offset >= max) {
    return fail(Errc::kNotFound, fmt::format("queue {} of topic {} has offsets {} to {}, not {}", queue.id().value(),
                                             queue.topic(), queue.min_offset().value(), max, offset));
  }
  bool would_block = false;
  auto place = place_of(queue, offset, true, would_block);
  if (!place) return fail(std::move(place).error());
  auto found = entry_at(queue, *place);
  if (!found) return fail(std::move(found).error());
  return *found;
}

Result<QueueReader::First> QueueReader::first_behind(const ConsumeQueue& queue, std::int64_t physical_offset) const {
  First first;
  const std::int64_t max = queue.max_offset().value();
  const std::int64_t end = queue.kind() == QueueKind::kSimple ? max : queue.end_place();
  auto place = first_reached(
      queue.min_place(), end, [&](std::int64_t at) { return entry_at(queue, at); },
      [&](std::int64_t at) { return behind_fillers(queue, at); },
      [&](const QueueEntry& entry) { return entry.physical_offset >= physical_offset; });
  if (!place) return fail(std::move(place).error());
  first.place = *place;
  first.offset = queue.kind() == QueueKind::kSimple ? *place : max;
  if (*place == end) return first;
  auto found = entry_at(queue, *place);
  if (!found) return fail(std::move(found).error());
  first.offset = found->base;
  first.record = found->physical_offset;
  return first;
}

// Store times only grow along a queue, so both boundaries are partition points. `lower`: the first message not older
// than the timestamp, the queue's end when all are older. `upper`: the last one not newer, the minimum when all are
// newer.
Result<QueueOffset> QueueReader::offset_by_time(const ConsumeQueue& queue, std::int64_t timestamp_ms,
                                                bool upper) const {
  const std::int64_t min = queue.min_place();
  const std::int64_t max = queue.end_place();
  Status failed;
  std::optional<BatchEntry> last;  // Of those that are not newer, the one furthest on.
  auto place = first_reached(
      min, max, [&](std::int64_t at) { return entry_at(queue, at); },
      [&](std::int64_t at) { return behind_fillers(queue, at); },
      [&](const BatchEntry& entry) {
        if (!failed || entry.physical_offset < segments_.begin()) return false;
        auto time = log_.store_time(entry.physical_offset);
        if (!time) {
          failed = fail(std::move(time).error());
          return false;
        }
        if (upper ? *time > timestamp_ms : *time >= timestamp_ms) return true;
        last = entry;
        return false;
      });
  if (!failed) return fail(std::move(failed).error());
  if (!place) return fail(std::move(place).error());
  // The last message of that time is the last one of its record.
  if (upper) return last ? QueueOffset(last->base + last->count - 1) : queue.min_offset();
  if (*place >= max) return queue.max_offset();
  auto found = entry_at(queue, *place);
  if (!found) return fail(std::move(found).error());
  return QueueOffset(found->base);
}

}  // namespace ogive::store
