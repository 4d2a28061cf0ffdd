#include "store/recovery/queue_loader.h"

#include <fmt/core.h>

#include <array>
#include <charconv>

#include "store/log/segment.h"
#include "store/queue/entry_search.h"

namespace ogive::store {
namespace {

std::int32_t parse_queue_id(std::string_view name) {
  std::int32_t id = -1;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), id);
  return error == std::errc() && end == name.data() + name.size() ? id : -1;
}

}  // namespace

Result<QueueExtent> QueueLoader::load(std::int64_t cut, std::int64_t log_begin, std::vector<std::string>& repairs) {
  QueueExtent extent;
  OGIVE_TRY(load_kind(QueueKind::kSimple, cut, log_begin, extent, repairs));
  OGIVE_TRY(load_kind(QueueKind::kBatch, cut, log_begin, extent, repairs));
  return extent;
}

Status QueueLoader::load_kind(QueueKind kind, std::int64_t cut, std::int64_t log_begin, QueueExtent& extent,
                              std::vector<std::string>& repairs) {
  const std::string& directory = queue_files_.home(kind).directory;
  auto topics = files_.list(directory);
  if (!topics) return topics.error().code() == Errc::kNotFound ? Status() : fail(std::move(topics).error());
  for (const io::FileInfo& topic : *topics) {
    if (!topic.is_directory) continue;
    auto ids = files_.list(directory + "/" + topic.name);
    if (!ids) return fail(std::move(ids).error());
    for (const io::FileInfo& info : *ids) {
      const std::int32_t id = info.is_directory ? parse_queue_id(info.name) : -1;
      if (id < 0) continue;
      ConsumeQueue& queue = queues_.get(topic.name, QueueId(id), kind);
      if (queue.kind() == kind) {
        OGIVE_TRY(load_queue(queue, cut, log_begin, extent, repairs));
      } else {
        repairs.push_back(
            fmt::format("ignored {}/{}/{}: the topic has queues of the other kind", directory, topic.name, info.name));
      }
    }
  }
  return {};
}

Status QueueLoader::load_queue(ConsumeQueue& queue, std::int64_t cut, std::int64_t log_begin, QueueExtent& extent,
                               std::vector<std::string>& repairs) {
  auto span = find_files(queue, extent.damaged, repairs);
  if (!span) return fail(std::move(span).error());
  queue.load({}, *span);
  if (span->begin == span->end) return {};

  const auto entry_bytes = static_cast<std::int64_t>(queue.entry_bytes());
  const std::int64_t first = span->begin / entry_bytes;
  const auto at = [&](std::int64_t place) { return entry_at(queue, place); };
  const auto behind = [&](std::int64_t place) { return behind_fillers(queue, place); };
  const auto trusted = [cut](const QueueEntry& entry) {
    return entry.is_set() && !entry.is_filler() && entry.physical_offset < cut;
  };
  auto begin = behind_fillers(queue, first);
  if (!begin) return fail(std::move(begin).error());
  auto end = first_reached(*begin, span->end / entry_bytes, at, behind,
                           [&](const QueueEntry& entry) { return !trusted(entry); });
  if (!end) return fail(std::move(end).error());
  auto min = first_reached(*begin, *end, at, behind,
                           [log_begin](const QueueEntry& entry) { return entry.physical_offset >= log_begin; });
  if (!min) return fail(std::move(min).error());
  // Entries come without holes: one behind the end means that those in between are gone.
  auto lost = queue_files_.find_entry(queue, *end, trusted);
  if (!lost) return fail(std::move(lost).error());
  if (*lost >= 0) {
    repairs.push_back(fmt::format("the consume queue files in {} have entry {} but not those from {} on",
                                  queue_files_.queue_directory(queue), *lost, *end));
    extent.damaged = true;
  }

  ConsumeQueue::Extent bounds{*min, *end, *min, *end};
  if (*end > first) {
    auto last = entry_at(queue, *end - 1);
    if (!last) return fail(std::move(last).error());
    if (queue.kind() == QueueKind::kBatch) bounds.min_offset = bounds.end_offset = last->base + last->count;
    if (*min < *end && !last->is_filler() && last->physical_offset + last->size > extent.log_end) {
      extent.last = static_cast<const QueueEntry&>(*last);
      extent.log_end = last->physical_offset + last->size;
    }
  }
  if (*min < *end) {
    auto oldest = entry_at(queue, *min);
    if (!oldest) return fail(std::move(oldest).error());
    if (queue.kind() == QueueKind::kBatch) bounds.min_offset = oldest->base;
    bounds.min_record = oldest->physical_offset;
    if (!oldest->is_set()) {
      repairs.push_back(
          fmt::format("the consume queue files in {} lack their first entry", queue_files_.queue_directory(queue)));
      extent.damaged = true;
    }
  }
  queue.load(bounds, *span);
  return {};
}

Result<QueueFileSpan> QueueLoader::find_files(const ConsumeQueue& queue, bool& damaged,
                                              std::vector<std::string>& repairs) {
  const std::string directory = queue_files_.queue_directory(queue);
  auto listed = files_.list(directory);
  if (!listed) return fail(std::move(listed).error());
  std::erase_if(*listed,
                [](const io::FileInfo& info) { return info.is_directory || parse_segment_name(info.name) < 0; });
  QueueFileSpan span;
  for (const io::FileInfo& info : *listed) {
    const std::int64_t begin = parse_segment_name(info.name);
    const std::string path = directory + "/" + info.name;
    const std::int64_t file_bytes = queue_files_.home(queue.kind()).file_bytes;
    const auto expected = static_cast<std::uint64_t>(file_bytes);
    if (info.size > expected || begin % file_bytes != 0) {
      return fail(
          Errc::kInvalidArgument,
          fmt::format(
              "consume queue file {} has {} bytes where {} says {}: set the key to the size the files have, or "
              "remove the consume queue directory to have it rebuilt",
              path, info.size,
              queue.kind() == QueueKind::kBatch ? "mapperFileSizeBatchConsumeQueue" : "mappedFileSizeConsumeQueue",
              expected));
    }
    if (info.size < expected) {
      OGIVE_TRY(extend(queue, path, info.size, repairs));
      damaged = damaged || &info != &listed->back();
    }
    if (span.begin != span.end && span.end != begin) {
      repairs.push_back(
          fmt::format("ignored the consume queue files in {} before the hole at byte {}", directory, span.end));
      span.begin = begin;
      damaged = true;
    }
    if (span.begin == span.end) span.begin = begin;
    span.end = begin + file_bytes;
  }
  return span;
}

// A crash between making the file and giving it its size, or somebody cut it: half an entry at its end is none.
Status QueueLoader::extend(const ConsumeQueue& queue, const std::string& path, std::uint64_t size,
                           std::vector<std::string>& repairs) {
  auto file = files_.open(path, io::OpenMode::kReadWrite);
  if (!file) return fail(std::move(file).error());
  const std::int64_t whole = queue_files_.home(queue.kind()).file_bytes;
  OGIVE_TRY((*file)->truncate(size - size % queue.entry_bytes()));
  OGIVE_TRY((*file)->truncate(static_cast<std::uint64_t>(whole)));
  repairs.push_back(fmt::format("extended the consume queue file {} from {} to {} bytes", path, size, whole));
  return {};
}

Result<BatchEntry> QueueLoader::entry_at(const ConsumeQueue& queue, std::int64_t place) {
  std::array<std::byte, BatchEntry::kBytes> bytes{};
  // Most of a search's steps fall into the hole behind the entries: reading there would fill memory with zeros.
  auto hole = queue_files_.is_hole(queue, place);
  if (!hole) return fail(std::move(hole).error());
  if (!*hole) {
    auto count = queue_files_.read(queue, place, std::span(bytes).first(queue.entry_bytes()));
    if (!count) return fail(std::move(count).error());
  }
  if (queue.kind() == QueueKind::kBatch) return BatchEntry::decode(bytes.data());
  return BatchEntry{QueueEntry::decode(bytes.data()), 0, place, 1};
}

// There are as many as make the queue begin where it does within its first file: hundreds of thousands.
Result<std::int64_t> QueueLoader::behind_fillers(const ConsumeQueue& queue, std::int64_t first) {
  if (queue.kind() == QueueKind::kBatch) return first;
  auto entry = entry_at(queue, first);
  if (!entry) return fail(std::move(entry).error());
  if (!entry->is_filler()) return first;
  std::vector<std::byte> piece(2'048 * QueueEntry::kBytes);
  for (std::int64_t place = first;;) {
    auto count = queue_files_.read(queue, place, piece);
    if (!count) return fail(std::move(count).error());
    if (*count == 0) return place;
    for (std::size_t i = 0; i < *count; ++i, ++place) {
      if (!QueueEntry::decode(piece.data() + i * QueueEntry::kBytes).is_filler()) return place;
    }
  }
}

}  // namespace ogive::store
