#include "rocks/config_database.h"

#include <fmt/core.h>

#include <map>

#include "base/log.h"
#include "rocks/config_records.h"
#include "store/rocksdb_directories.h"

namespace ogive::rocks {
namespace {

constexpr std::string_view kVersionKey = "kvDataVersionKey";
constexpr std::string_view kVersionFamily = "kvDataVersion";
constexpr std::string_view kForbidden = "forbidden";
constexpr std::uint64_t kMaxFileBytes = 1u << 30;
constexpr protocol::JsonStyle kPretty{.pretty = true};

using Entries = std::map<std::string, std::string, std::less<>>;

template <class Value>
Result<Value> parse(const Database& database, std::string_view key, std::string_view text) {
  auto value = parse_config<Value>(text);
  if (value) return value;
  return fail(Errc::kCorrupt,
              fmt::format("the entry {} in {} cannot be read: {}", key, database.path(), value.error().message()));
}

/// A JSON file of the broker, or its backup; nothing when there is none.
template <class Body>
Result<std::optional<Body>> read_file(io::FileSystem& files, const std::string& path) {
  std::optional<Error> broken;
  for (const std::string& candidate : {path, path + ".bak"}) {
    auto text = io::read_file(files, candidate, kMaxFileBytes);
    if (!text && text.error().code() == Errc::kNotFound) continue;
    if (!text) return fail(std::move(text).error());
    auto body = protocol::from_json<Body>(*text);
    if (body) return std::optional(std::move(*body));
    if (!broken) broken = Error(Errc::kCorrupt, fmt::format("{}: {}", candidate, body.error().message()));
  }
  if (broken) return fail(std::move(*broken));
  return std::nullopt;
}

/// Makes a family hold exactly `wanted`.
Status replace(Database& database, std::string_view family, Entries wanted, Batch& batch) {
  const Status read = database.for_each(family, "", [&](std::string_view key, std::string_view value) -> Status {
    const auto found = wanted.find(key);
    if (found == wanted.end()) {
      database.remove(batch, family, key);
    } else if (found->second == value) {
      wanted.erase(found);
    }
    return {};
  });
  OGIVE_TRY(read);
  for (const auto& [key, value] : wanted) database.put(batch, family, key, value);
  return {};
}

protocol::DataVersion& version_of(auto& body) {
  return body.data_version;
}
protocol::DataVersion& version_of(protocol::ConsumerOffsetSerializeWrapper& body) {
  if (!body.data_version) body.data_version.emplace();
  return *body.data_version;
}

}  // namespace

Result<std::unique_ptr<ConfigDatabase>> ConfigDatabase::open(const std::string& root, Database::Mode mode,
                                                             bool prefer_single) {
  std::unique_ptr<ConfigDatabase> all(new ConfigDatabase(root));
  const auto path = [&](const char* name) { return root + "/" + name; };
  const bool three = store::is_rocksdb(io::posix_file_system(), path(store::kTopicDatabase));
  const bool one = store::is_rocksdb(io::posix_file_system(), path(store::kMetadataDatabase));
  const bool single = prefer_single ? one || mode == Database::Mode::kCreate : one && !three;
  if (single) {
    std::vector<std::string> families{std::string(kForbidden)};
    for (const char* family : {"topic", "subscriptionGroup", "consumerOffset"}) {
      families.emplace_back(family);
      families.emplace_back(std::string(family) + "Version");
    }
    auto database = Database::open(path(store::kMetadataDatabase), mode, families);
    if (!database) return fail(std::move(database).error());
    const std::shared_ptr<Database> shared = std::move(*database);
    all->topics_ = {shared, "topic", "topicVersion"};
    all->groups_ = {shared, "subscriptionGroup", "subscriptionGroupVersion"};
    all->offsets_ = {shared, "consumerOffset", "consumerOffsetVersion"};
    return all;
  }
  auto topics = open_table(path(store::kTopicDatabase), mode, "");
  if (!topics) return fail(std::move(topics).error());
  auto groups = open_table(path(store::kGroupDatabase), mode, std::string(kForbidden));
  if (!groups) return fail(std::move(groups).error());
  auto offsets = open_table(path(store::kOffsetDatabase), mode, "");
  if (!offsets) return fail(std::move(offsets).error());
  all->topics_ = std::move(*topics);
  all->groups_ = std::move(*groups);
  all->offsets_ = std::move(*offsets);
  return all;
}

Result<ConfigDatabase::Table> ConfigDatabase::open_table(const std::string& path, Database::Mode mode,
                                                         const std::string& family) {
  std::vector<std::string> families{std::string(kVersionFamily)};
  if (!family.empty()) families.push_back(family);
  auto database = Database::open(path, mode, families);
  if (!database) return fail(std::move(database).error());
  return Table{std::move(*database), std::string(kDefaultFamily), std::string(kVersionFamily)};
}

Result<protocol::DataVersion> ConfigDatabase::version(const Table& table) const {
  auto text = table.database->get(table.version, kVersionKey);
  if (!text) return fail(std::move(text).error());
  if (!*text) return protocol::DataVersion{};
  return parse<protocol::DataVersion>(*table.database, kVersionKey, **text);
}

Result<protocol::TopicConfigSerializeWrapper> ConfigDatabase::topics() const {
  protocol::TopicConfigSerializeWrapper body;
  const Database& database = *topics_.database;
  const Status read = database.for_each(topics_.data, "", [&](std::string_view key, std::string_view value) -> Status {
    auto topic = parse<protocol::TopicConfig>(database, key, value);
    if (!topic) return fail(std::move(topic).error());
    body.topic_config_table.emplace(key, std::move(*topic));
    return {};
  });
  if (!read) return fail(read.error());
  auto counted = version(topics_);
  if (!counted) return fail(std::move(counted).error());
  body.data_version = *counted;
  return body;
}

Result<protocol::SubscriptionGroupWrapper> ConfigDatabase::groups() const {
  protocol::SubscriptionGroupWrapper body;
  const Database& database = *groups_.database;
  Status read = database.for_each(groups_.data, "", [&](std::string_view key, std::string_view value) -> Status {
    auto group = parse<protocol::SubscriptionGroupConfig>(database, key, value);
    if (!group) return fail(std::move(group).error());
    body.subscription_group_table.emplace(key, std::move(*group));
    return {};
  });
  if (!read) return fail(read.error());
  read = database.for_each(kForbidden, "", [&](std::string_view key, std::string_view value) -> Status {
    auto bits = parse<ForbiddenTopics>(database, key, value);
    if (!bits) return fail(std::move(bits).error());
    body.forbidden_table.emplace(key, std::move(*bits));
    return {};
  });
  if (!read) return fail(read.error());
  auto counted = version(groups_);
  if (!counted) return fail(std::move(counted).error());
  body.data_version = *counted;
  return body;
}

Result<protocol::ConsumerOffsetSerializeWrapper> ConfigDatabase::offsets() const {
  protocol::ConsumerOffsetSerializeWrapper body;
  const Database& database = *offsets_.database;
  const Status read = database.for_each(offsets_.data, "", [&](std::string_view key, std::string_view value) -> Status {
    auto stored = parse<StoredOffsets>(database, key, value);
    if (!stored) return fail(std::move(stored).error());
    body.offset_table.emplace(key, std::move(stored->offset_table));
    return {};
  });
  if (!read) return fail(read.error());
  auto counted = version(offsets_);
  if (!counted) return fail(std::move(counted).error());
  body.data_version = *counted;
  return body;
}

template <class Body, class Read>
Status ConfigDatabase::write_file(io::FileSystem& files, const char* name, const Table& table, Read&& read) const {
  const std::string path = config_ + "/" + name;
  auto in_file = read_file<Body>(files, path);
  if (!in_file) return fail(std::move(in_file).error());
  auto counted = version(table);
  if (!counted) return fail(std::move(counted).error());
  if (*in_file && version_of(**in_file).counter > counted->counter) {
    OGIVE_LOG(warn, "store", "{} (version {}) is newer than {} (version {}): it counts", path,
              version_of(**in_file).counter, table.database->path(), counted->counter);
    return {};
  }
  Result<Body> body = read();
  if (!body) return fail(std::move(body).error());
  version_of(*body).counter = counted->counter + 1;
  return io::replace_file(files, path, protocol::to_json(*body, kPretty));
}

Status ConfigDatabase::write_files(io::FileSystem& files) const {
  OGIVE_TRY(write_file<protocol::TopicConfigSerializeWrapper>(files, "topics.json", topics_, [&] { return topics(); }));
  OGIVE_TRY(write_file<protocol::SubscriptionGroupWrapper>(files, "subscriptionGroup.json", groups_,
                                                           [&] { return groups(); }));
  return write_file<protocol::ConsumerOffsetSerializeWrapper>(files, "consumerOffset.json", offsets_,
                                                              [&] { return offsets(); });
}

template <class Body, class EntriesOf>
Status ConfigDatabase::take_file(io::FileSystem& files, const char* name, const Table& table, EntriesOf&& entries_of) {
  auto body = read_file<Body>(files, config_ + "/" + name);
  if (!body) return fail(std::move(body).error());
  if (!*body) return {};
  Batch batch;
  OGIVE_TRY(replace(*table.database, table.data, entries_of(**body, batch), batch));
  table.database->put(batch, table.version, kVersionKey, format_config(version_of(**body)));
  OGIVE_TRY(table.database->write(batch, true));
  return table.database->flush();
}

Status ConfigDatabase::take_files(io::FileSystem& files) {
  OGIVE_TRY(take_file<protocol::TopicConfigSerializeWrapper>(files, "topics.json", topics_, [](auto& body, Batch&) {
    Entries entries;
    for (const auto& [topic, config] : body.topic_config_table) entries[topic] = format_config(config);
    return entries;
  }));
  Status forbidden;
  OGIVE_TRY(take_file<protocol::SubscriptionGroupWrapper>(
      files, "subscriptionGroup.json", groups_, [&](auto& body, Batch& batch) {
        Entries entries, bits;
        for (const auto& [group, table] : body.forbidden_table) bits[group] = format_config(table);
        forbidden = replace(*groups_.database, kForbidden, std::move(bits), batch);
        for (const auto& [group, config] : body.subscription_group_table) {
          entries[group] = format_config(config);
        }
        return entries;
      }));
  OGIVE_TRY(forbidden);
  return take_file<protocol::ConsumerOffsetSerializeWrapper>(
      files, "consumerOffset.json", offsets_, [](auto& body, Batch&) {
        Entries entries;
        for (auto& [key, offsets] : body.offset_table) {
          entries[key] = format_config(StoredOffsets{std::move(offsets)});
        }
        return entries;
      });
}

}  // namespace ogive::rocks
