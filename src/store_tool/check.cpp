#include "store_tool/check.h"

#include <fmt/core.h>

#include "protocol/bodies/offsets.h"
#include "protocol/bodies/topic_config.h"
#include "protocol/json.h"
#include "store/checkpoint.h"
#include "store_tool/index_check.h"
#include "store_tool/queue_check.h"

namespace ogive::store_tool {
namespace {

constexpr std::uint64_t kMaxConfigBytes = 256u << 20;

Status check_checkpoint(StoreView& view, std::int64_t log_end, Report& report) {
  const std::string path = view.root() + "/checkpoint";
  auto checkpoint = store::load_checkpoint(view.files(), path);
  if (!checkpoint) return fail(std::move(checkpoint).error());
  if (checkpoint->writer == store::Checkpoint::Writer::kNobody) {
    report.add(Severity::kRepairs, path, "is missing or no checkpoint: the next start reads the whole log");
  } else if (checkpoint->safe_offset > log_end) {
    report.add(
        Severity::kLoss, path,
        fmt::format("says that the log is flushed up to {}, but it ends at {}", checkpoint->safe_offset, log_end));
  }
  return {};
}

/// A configuration file as `Body`; null and a finding when it cannot be read.
template <class Body>
std::optional<Body> read_config(StoreView& view, std::string_view name, Report& report) {
  const std::string path = fmt::format("{}/config/{}", view.root(), name);
  auto text = io::read_file(view.files(), path, kMaxConfigBytes);
  if (!text) {
    if (text.error().code() == Errc::kNotFound) {
      report.add(Severity::kNote, path, "is not there");
    } else {
      report.add(Severity::kRepairs, path, text.error().message());
    }
    return std::nullopt;
  }
  auto body = protocol::from_json<Body>(*text);
  if (!body) {
    report.add(Severity::kRepairs, path, body.error().message() + "; a broker takes the .bak file");
    return std::nullopt;
  }
  return std::move(*body);
}

void check_configuration(StoreView& view, Report& report) {
  const auto topics = read_config<protocol::TopicConfigSerializeWrapper>(view, "topics.json", report);
  const auto offsets = read_config<protocol::ConsumerOffsetSerializeWrapper>(view, "consumerOffset.json", report);
  if (topics) {
    report.count("topics", static_cast<std::int64_t>(topics->topic_config_table.size()));
    for (const store::ConsumeQueue* queue : view.queues().all()) {
      if (topics->topic_config_table.contains(queue->topic())) continue;
      report.add(Severity::kNote, fmt::format("queue {} of {}", queue->id().value(), queue->topic()),
                 "belongs to no topic of config/topics.json");
    }
  }
  if (offsets) report.count("consumer positions", static_cast<std::int64_t>(offsets->offset_table.size()));
}

}  // namespace

Result<Report> check_store(StoreView& view) {
  Report report;
  for (const std::string& oddity : view.oddities()) report.add(Severity::kRepairs, view.root(), oddity);
  if (!view.orderly()) {
    report.add(Severity::kNote, view.root() + "/abort", "the last stop was no orderly one");
  }
  QueueCheck queues(view, report);
  IndexCheck index(view, report);
  OGIVE_TRY(index.open());
  auto end = view.walk(
      0,
      [&](const message::RecordView& record, ByteView bytes) -> Status {
        report.count("records");
        report.count("record bytes", static_cast<std::int64_t>(bytes.size()));
        OGIVE_TRY(queues.add(record));
        index.add(record);
        return {};
      },
      [&](const LogDamage& damage) {
        report.add(Severity::kLoss, fmt::format("commit log from {} to {}", damage.begin, damage.end), damage.reason);
      });
  if (!end) return fail(std::move(end).error());
  report.count("log begins at", view.segments().begin());
  report.count("log ends at", *end);
  OGIVE_TRY(queues.finish());
  index.finish();
  OGIVE_TRY(check_checkpoint(view, *end, report));
  check_configuration(view, report);
  return report;
}

}  // namespace ogive::store_tool
