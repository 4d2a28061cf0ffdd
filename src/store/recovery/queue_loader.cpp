#include "store/recovery/queue_loader.h"

#include <fmt/core.h>

#include <array>
#include <charconv>

#include "store/log/segment.h"

namespace ogive::store {
namespace {

constexpr auto kEntryBytes = static_cast<std::int64_t>(QueueEntry::kBytes);

std::int32_t parse_queue_id(std::string_view name) {
  std::int32_t id = -1;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), id);
  return error == std::errc() && end == name.data() + name.size() ? id : -1;
}

}  // namespace

Result<QueueExtent> QueueLoader::load(std::int64_t cut, std::int64_t log_begin, std::vector<std::string>& repairs) {
  QueueExtent extent;
  auto topics = files_.list(queue_files_.directory());
  if (!topics) {
    if (topics.error().code() == Errc::kNotFound) return extent;
    return fail(std::move(topics).error());
  }
  for (const io::FileInfo& topic : *topics) {
    if (!topic.is_directory) continue;
    auto ids = files_.list(queue_files_.directory() + "/" + topic.name);
    if (!ids) return fail(std::move(ids).error());
    for (const io::FileInfo& info : *ids) {
      const std::int32_t id = info.is_directory ? parse_queue_id(info.name) : -1;
      if (id < 0) continue;
      OGIVE_TRY(load_queue(queues_.get(topic.name, QueueId(id)), cut, log_begin, extent, repairs));
    }
  }
  return extent;
}

Status QueueLoader::load_queue(ConsumeQueue& queue, std::int64_t cut, std::int64_t log_begin, QueueExtent& extent,
                               std::vector<std::string>& repairs) {
  auto span = find_files(queue, repairs);
  if (!span) return fail(std::move(span).error());
  queue.load(0, 0, *span);
  if (span->begin == span->end) return {};

  const std::int64_t first = span->begin / kEntryBytes;
  const auto trusted = [cut](const QueueEntry& entry) {
    return entry.is_set() && (entry.is_filler() || entry.physical_offset < cut);
  };
  const auto removed = [log_begin](const QueueEntry& entry) {
    return entry.is_filler() || entry.physical_offset < log_begin;
  };
  auto end = partition(queue, first, span->end / kEntryBytes, trusted);
  if (!end) return fail(std::move(end).error());
  auto min = partition(queue, first, *end, removed);
  if (!min) return fail(std::move(min).error());
  queue.load(*min, *end, *span);

  if (*min < *end) {
    std::array<std::byte, QueueEntry::kBytes> bytes;
    auto count = queue_files_.read(queue, *end - 1, bytes);
    if (!count) return fail(std::move(count).error());
    const QueueEntry last = QueueEntry::decode(bytes.data());
    if (last.physical_offset + last.size > extent.log_end) {
      extent.last = last;
      extent.log_end = last.physical_offset + last.size;
    }
  }
  return {};
}

Result<QueueFileSpan> QueueLoader::find_files(const ConsumeQueue& queue, std::vector<std::string>& repairs) {
  const std::string directory = queue_files_.queue_directory(queue);
  auto listed = files_.list(directory);
  if (!listed) return fail(std::move(listed).error());
  QueueFileSpan span;
  for (const io::FileInfo& info : *listed) {
    const std::int64_t begin = parse_segment_name(info.name);
    if (info.is_directory || begin < 0) continue;
    const std::string path = directory + "/" + info.name;
    const auto expected = static_cast<std::uint64_t>(queue_files_.file_bytes());
    if (info.size < expected && info.size % QueueEntry::kBytes == 0 && &info == &listed->back()) {
      // A crash between making the file and giving it its size.
      auto file = files_.open(path, io::OpenMode::kReadWrite);
      if (!file) return fail(std::move(file).error());
      OGIVE_TRY((*file)->truncate(expected));
      repairs.push_back(
          fmt::format("extended the consume queue file {} from {} to {} bytes", path, info.size, expected));
    } else if (info.size != expected || begin % queue_files_.file_bytes() != 0) {
      return fail(
          Errc::kInvalidArgument,
          fmt::format("consume queue file {} has {} bytes where mappedFileSizeConsumeQueue says {}: set the key to the "
                      "size the files have, or remove the consume queue directory to have it rebuilt",
                      path, info.size, expected));
    }
    if (span.begin != span.end && span.end != begin) {
      repairs.push_back(
          fmt::format("ignored the consume queue files in {} before the hole at byte {}", directory, span.end));
      span.begin = begin;
    }
    if (span.begin == span.end) span.begin = begin;
    span.end = begin + queue_files_.file_bytes();
  }
  return span;
}

template <class Before>
Result<std::int64_t> QueueLoader::partition(const ConsumeQueue& queue, std::int64_t low, std::int64_t high,
                                            Before&& before) {
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    std::array<std::byte, QueueEntry::kBytes> bytes;
    auto count = queue_files_.read(queue, middle, bytes);
    if (!count) return fail(std::move(count).error());
    if (*count == 1 && before(QueueEntry::decode(bytes.data()))) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

}  // namespace ogive::store
