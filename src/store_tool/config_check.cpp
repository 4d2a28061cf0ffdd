#include "store_tool/config_check.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>

#include "protocol/bodies/offsets.h"
#include "protocol/bodies/subscription_group.h"
#include "protocol/bodies/topic_config.h"
#include "protocol/json.h"
#include "protocol/json_reader.h"
#include "rocks/config_database.h"
#include "store/rocksdb_directories.h"

namespace ogive::store_tool {
namespace {

constexpr std::uint64_t kMaxConfigBytes = 256u << 20;
constexpr std::string_view kScheduleTopic = "SCHEDULE_TOPIC_XXXX";
/// Files that are compared with the store.
constexpr std::string_view kTopics = "topics.json", kGroups = "subscriptionGroup.json",
                           kOffsets = "consumerOffset.json", kDelays = "delayOffset.json";
constexpr std::array kRead = {kTopics, kGroups, kOffsets, kDelays};

/// What one of the files says, when it can be read.
template <class Body>
Result<Body> read_as(io::FileSystem& files, const std::string& path) {
  auto text = io::read_file(files, path, kMaxConfigBytes);
  if (!text) return fail(std::move(text).error());
  auto body = protocol::from_json<Body>(*text);
  if (!body) return fail(Errc::kCorrupt, body.error().message());
  return std::move(*body);
}

/// A configuration file as `Body`; null and a finding when neither it nor its backup can be read.
template <class Body>
std::optional<Body> read_config(StoreView& view, std::string_view name, Report& report) {
  const std::string path = fmt::format("{}/config/{}", view.root(), name);
  auto body = read_as<Body>(view.files(), path);
  if (body) return std::move(*body);
  auto backup = read_as<Body>(view.files(), path + ".bak");
  if (backup) {
    report.add(
        Severity::kRepairs, path,
        body.error().message() + ": the next start takes its .bak; what was changed since that was saved is lost");
    return std::move(*backup);
  }
  const auto absent = [](const Error& error) { return error.code() == Errc::kNotFound; };
  if (absent(body.error()) && absent(backup.error())) {
    report.add(Severity::kNote, path, "is not there");
  } else {
    report.add(Severity::kLoss, path,
               fmt::format("{}; its .bak: {}: a broker does not start with it; restore one of them, or move both away",
                           body.error().message(), backup.error().message()));
  }
  return std::nullopt;
}

/// The metadata of a RocksDB store: of file and database what a broker would take, the one with the greater counter.
/// Null, with a finding, when the database cannot be read.
std::unique_ptr<rocks::ConfigDatabase> open_database(StoreView& view, Report& report) {
  if (store::find_rocksdb(view.files(), view.root(), store::RocksdbContent::kMetadata).empty()) return nullptr;
  auto database = rocks::ConfigDatabase::open(view.root(), rocks::Database::Mode::kRead, false);
  if (database) return std::move(*database);
  report.add(Severity::kLoss, view.root() + "/config", database.error().message());
  return nullptr;
}

std::int64_t counter_of(const auto& body) {
  return body.data_version.counter;
}
std::int64_t counter_of(const protocol::ConsumerOffsetSerializeWrapper& body) {
  return body.data_version ? body.data_version->counter : 0;
}

template <class Body>
std::optional<Body> newer(StoreView& view, std::string_view name, Result<Body> stored, Report& report) {
  if (!stored) {
    report.add(Severity::kLoss, view.root() + "/config", stored.error().message());
    return std::nullopt;
  }
  report.count("tables in RocksDB");
  auto in_file = read_as<Body>(view.files(), fmt::format("{}/config/{}", view.root(), name));
  if (in_file && counter_of(*in_file) > counter_of(*stored)) return std::move(*in_file);
  return std::move(*stored);
}

/// A position in a queue that others read from.
struct Position {
  std::string owner;
  std::string topic;
  std::int32_t queue = 0;
  std::int64_t offset = 0;
};

void check_position(const Position& position, const BoundsByQueue& queues, bool topic_known, Report& report) {
  report.count("positions");
  const auto found = queues.find({position.topic, position.queue});
  const QueueBounds bounds = found == queues.end() ? QueueBounds{} : found->second;
  const std::string where = fmt::format("{} in queue {} of {}", position.owner, position.queue, position.topic);
  if (position.offset > bounds.max && !topic_known) {
    report.count("positions in topics that are gone");
  } else if (position.offset > bounds.max) {
    report.add(Severity::kRepairs, where,
               fmt::format("stands at {}, beyond the queue's end {}: the next start takes it back there",
                           position.offset, bounds.max));
  } else if (position.offset < 0) {
    report.add(Severity::kRepairs, where, fmt::format("stands at {}, which is no offset", position.offset));
  } else if (position.offset < bounds.min) {
    report.add(Severity::kNote, where,
               fmt::format("stands at {}, before the queue's first message {}: those in between are no longer kept",
                           position.offset, bounds.min));
  }
}

using Topics = std::optional<protocol::TopicConfigSerializeWrapper>;

void check_topics(StoreView& view, const Topics& topics, Report& report) {
  if (!topics) return;
  report.count("topics", static_cast<std::int64_t>(topics->topic_config_table.size()));
  for (const store::ConsumeQueue* queue : view.queues().all()) {
    if (topics->topic_config_table.contains(queue->topic())) continue;
    report.add(Severity::kNote, fmt::format("queue {} of {}", queue->id().value(), queue->topic()),
               "belongs to no topic of config/topics.json");
  }
}

void check_consumers(const protocol::ConsumerOffsetSerializeWrapper& offsets, const Topics& topics,
                     const BoundsByQueue& queues, Report& report) {
  report.count("consumer positions", static_cast<std::int64_t>(offsets.offset_table.size()));
  for (const auto& [key, table] : offsets.offset_table) {
    const std::size_t at = key.find('@');
    if (at == std::string::npos) {
      report.add(Severity::kNote, "config/consumerOffset.json", "has a key that is no topic@group: " + key);
      continue;
    }
    const std::string topic = key.substr(0, at);
    const bool known = !topics || topics->topic_config_table.contains(topic);
    for (const auto& [queue, offset] : table) {
      check_position({"group " + key.substr(at + 1), topic, queue, offset}, queues, known, report);
    }
  }
}

/// Files this release has no use for are kept; they should at least be JSON.
void check_others(StoreView& view, Report& report) {
  const std::string directory = view.root() + "/config";
  auto listed = view.files().list(directory);
  if (!listed) return;
  for (const io::FileInfo& info : *listed) {
    if (info.is_directory || !info.name.ends_with(".json") || std::ranges::find(kRead, info.name) != kRead.end()) {
      continue;
    }
    report.count("configuration files");
    auto text = io::read_file(view.files(), directory + "/" + info.name, kMaxConfigBytes);
    Status status = text ? Status() : fail(text.error());
    if (text) {
      protocol::JsonReader reader(*text);
      std::string_view value;
      reader.raw(value);
      status = reader.finish();
    }
    if (!status) report.add(Severity::kRepairs, directory + "/" + info.name, status.error().message());
  }
}

}  // namespace

void check_configuration(StoreView& view, const BoundsByQueue& queues, Report& report) {
  const auto database = open_database(view, report);
  const auto topics = database ? newer(view, kTopics, database->topics(), report)
                               : read_config<protocol::TopicConfigSerializeWrapper>(view, kTopics, report);
  const auto groups = database ? newer(view, kGroups, database->groups(), report)
                               : read_config<protocol::SubscriptionGroupWrapper>(view, kGroups, report);
  const auto offsets = database ? newer(view, kOffsets, database->offsets(), report)
                                : read_config<protocol::ConsumerOffsetSerializeWrapper>(view, kOffsets, report);
  const auto delays = read_config<protocol::DelayOffsetSerializeWrapper>(view, kDelays, report);
  check_topics(view, topics, report);
  if (groups) report.count("groups", static_cast<std::int64_t>(groups->subscription_group_table.size()));
  if (offsets) check_consumers(*offsets, topics, queues, report);
  if (delays) {
    for (const auto& [level, offset] : delays->offset_table) {
      check_position({fmt::format("delay level {}", level), std::string(kScheduleTopic), level - 1, offset}, queues,
                     true, report);
    }
  }
  check_others(view, report);
}

}  // namespace ogive::store_tool
