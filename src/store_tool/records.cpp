// dump, stat and export: what reads records and writes them somewhere.

#include <fmt/chrono.h>
#include <fmt/core.h>

#include <cstdio>
#include <map>

#include "message/properties.h"
#include "message/sys_flag.h"
#include "protocol/json_writer.h"
#include "store/queue/consume_queue.h"
#include "store_tool/commands.h"
#include "store_tool/kept_records.h"

namespace ogive::store_tool {
namespace {

constexpr int kFailed = 1;

void print(std::FILE* to, std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), to);
}

int failed(const Error& error) {
  print(stderr, error.message() + "\n");
  return kFailed;
}

bool selected(const Selection& selection, const message::RecordView& record) {
  return record.physical_offset >= selection.from && (selection.topic.empty() || record.topic == selection.topic) &&
         (!selection.queue || record.queue_id == *selection.queue);
}

std::string time_text(std::int64_t ms) {
  return fmt::format("{:%Y-%m-%d %H:%M:%S}.{:03}", std::chrono::sys_seconds(std::chrono::seconds(ms / 1000)),
                     ms % 1000);
}

std::string base64(ByteView bytes) {
  static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j)
      group = group << 8 | (i + j < bytes.size() ? std::to_integer<unsigned>(bytes[i + j]) : 0);
    for (std::size_t j = 0; j < 4; ++j) out += i + j <= bytes.size() ? kDigits[group >> (18 - 6 * j) & 63] : '=';
  }
  return out;
}

std::string text_line(const message::RecordView& record) {
  std::string properties(record.properties);
  for (char& c : properties) {
    if (c == '\x01') c = '=';
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  return fmt::format("{:>14} {:>8} {} {}/{} offset {} flags {:#x} body {} {}\n", record.physical_offset, record.size,
                     time_text(record.store_timestamp_ms), record.topic, record.queue_id, record.queue_offset,
                     record.sys_flag, record.body.size(), properties);
}

std::string json_line(const message::RecordView& record, bool with_body) {
  std::string out;
  protocol::JsonWriter writer(out);
  const auto number = [&](std::string_view name, std::int64_t value) {
    writer.key(name);
    writer.integer(value);
  };
  const auto text = [&](std::string_view name, std::string_view value) {
    writer.key(name);
    writer.string(value);
  };
  writer.begin_object();
  number("physicalOffset", record.physical_offset);
  number("size", record.size);
  text("topic", record.topic);
  number("queueId", record.queue_id);
  number("queueOffset", record.queue_offset);
  number("sysFlag", record.sys_flag);
  number("flag", record.flag);
  number("bornTimestamp", record.born_timestamp_ms);
  text("bornHost", record.born_host.to_string());
  number("storeTimestamp", record.store_timestamp_ms);
  text("storeHost", record.store_host.to_string());
  number("reconsumeTimes", record.reconsume_times);
  number("preparedTransactionOffset", record.prepared_transaction_offset);
  writer.key("properties");
  writer.begin_object();
  message::for_each_property(record.properties, [&](std::string_view name, std::string_view value) {
    text(name, value);
    return true;
  });
  writer.end_object();
  number("bodySize", static_cast<std::int64_t>(record.body.size()));
  if (with_body) text("body", base64(record.body));
  writer.end_object();
  return out + "\n";
}

void tell_damage(const LogDamage& damage) {
  print(stderr, fmt::format("the commit log is damaged from {} to {}: {}\n", damage.begin, damage.end, damage.reason));
}

template <class Take>
Status take_records(StoreView& view, const Selection& selection, Take&& take) {
  std::int64_t left = selection.count;
  const auto visit = [&](const message::RecordView& record, ByteView bytes) -> Status {
    if (!selected(selection, record)) return {};
    if (left-- <= 0) return fail(Errc::kCancelled, "as many as were asked for");
    return take(record, bytes);
  };
  if (selection.kept) return walk_kept(view.files(), view.root(), visit);
  auto end = view.walk(selection.from, visit, tell_damage);
  return end ? Status() : fail(std::move(end).error());
}

struct Figures {
  std::int64_t records = 0;
  std::int64_t bytes = 0;
  std::int64_t first_ms = 0, last_ms = 0;
  std::int64_t min_offset = INT64_MAX, max_offset = 0;
};

}  // namespace

int dump(StoreView& view, const Selection& selection, const Output& output) {
  const Status status = take_records(view, selection, [&](const message::RecordView& record, ByteView) -> Status {
    print(stdout, output.json ? json_line(record, false) : text_line(record));
    return {};
  });
  return status ? 0 : failed(status.error());
}

int export_records(StoreView& view, const Selection& selection, const std::string& path, const Output& output) {
  auto file = view.files().open(path, io::OpenMode::kCreateNew);
  if (!file) return failed(file.error());
  std::uint64_t at = 0;
  std::int64_t records = 0;
  const Status status = take_records(view, selection, [&](const message::RecordView& record, ByteView bytes) -> Status {
    const std::string line = output.json ? json_line(record, true) : std::string();
    const ByteView piece = output.json ? as_bytes(line) : bytes;
    OGIVE_TRY((*file)->write_at(at, piece));
    at += piece.size();
    ++records;
    return {};
  });
  if (!status) return failed(status.error());
  if (Status synced = (*file)->sync_data(); !synced) return failed(synced.error());
  print(stdout, fmt::format("{} records, {} bytes, in {}\n", records, at, path));
  return 0;
}

int stat(StoreView& view, const Output& output) {
  std::map<std::pair<std::string, std::int32_t>, Figures> figures;
  const Status status = take_records(view, {}, [&](const message::RecordView& record, ByteView bytes) -> Status {
    Figures& queue = figures[{std::string(record.topic), record.queue_id}];
    if (queue.records++ == 0) queue.first_ms = record.store_timestamp_ms;
    queue.last_ms = record.store_timestamp_ms;
    queue.bytes += static_cast<std::int64_t>(bytes.size());
    if (!message::takes_queue_offset(record.sys_flag)) return {};
    queue.min_offset = std::min(queue.min_offset, record.queue_offset);
    queue.max_offset = std::max(queue.max_offset, record.queue_offset + message::message_count(record));
    return {};
  });
  if (!status) return failed(status.error());
  if (!output.json) {
    print(stdout, fmt::format("{:<48} {:>6} {:>10} {:>14} {:>12} {:>12}  {}\n", "topic", "queue", "records", "bytes",
                              "min offset", "max offset", "stored"));
  }
  for (const auto& [name, queue] : figures) {
    const std::int64_t min = queue.min_offset == INT64_MAX ? 0 : queue.min_offset;
    if (!output.json) {
      print(stdout,
            fmt::format("{:<48} {:>6} {:>10} {:>14} {:>12} {:>12}  {} to {}\n", name.first, name.second, queue.records,
                        queue.bytes, min, queue.max_offset, time_text(queue.first_ms), time_text(queue.last_ms)));
      continue;
    }
    std::string line;
    protocol::JsonWriter writer(line);
    writer.begin_object();
    writer.key("topic");
    writer.string(name.first);
    const std::pair<const char*, std::int64_t> numbers[] = {
        {"queueId", name.second},     {"records", queue.records},      {"bytes", queue.bytes},
        {"minOffset", min},           {"maxOffset", queue.max_offset}, {"firstStored", queue.first_ms},
        {"lastStored", queue.last_ms}};
    for (const auto& [key, value] : numbers) {
      writer.key(key);
      writer.integer(value);
    }
    writer.end_object();
    print(stdout, line + "\n");
  }
  return 0;
}

}  // namespace ogive::store_tool
