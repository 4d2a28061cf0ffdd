#pragma once
// Topics, subscription groups and consumer offsets of a store whose metadata lies in RocksDB, and their way into the
// JSON files of a file store and back. Format: docs/formats/rocksdb.md.

#include <memory>
#include <string>

#include "base/error.h"
#include "io/file.h"
#include "protocol/bodies/offsets.h"
#include "protocol/bodies/subscription_group.h"
#include "protocol/bodies/topic_config.h"
#include "rocks/database.h"

namespace ogive::rocks {

/// The three tables. One database each (config/topics, config/subscriptionGroups, config/consumerOffsets), or one for
/// all (config/metadata, useSingleRocksDBForAllConfigs). One thread at a time. Blocking.
class ConfigDatabase {
 public:
  /// Below a store's root directory. With `prefer_single` the one database counts where both kinds are there, else the
  /// three.
  static Result<std::unique_ptr<ConfigDatabase>> open(const std::string& root, Database::Mode mode, bool prefer_single);

  // What the database says; kCorrupt names an entry that cannot be read.
  Result<protocol::TopicConfigSerializeWrapper> topics() const;
  Result<protocol::SubscriptionGroupWrapper> groups() const;
  Result<protocol::ConsumerOffsetSerializeWrapper> offsets() const;

  /// Writes the JSON files a broker reads, except those that are newer than the tables by RocketMQ's rule (a greater
  /// counter): then an earlier broker died before it could save() them. Their version is one higher than the table's,
  /// so that RocketMQ takes them over should this process die, too.
  Status write_files(io::FileSystem& files) const;
  /// Makes the tables what the JSON files say, including their versions.
  Status take_files(io::FileSystem& files);

 private:
  struct Table {
    std::shared_ptr<Database> database;  ///< Shared by the tables of one database.
    std::string data;                    ///< Column families.
    std::string version;
  };
  explicit ConfigDatabase(const std::string& root) : config_(root + "/config") {}
  static Result<Table> open_table(const std::string& path, Database::Mode mode, const std::string& family);
  Result<protocol::DataVersion> version(const Table& table) const;
  template <class Body, class Read>
  Status write_file(io::FileSystem& files, const char* name, const Table& table, Read&& read) const;
  template <class Body, class Entries>
  Status take_file(io::FileSystem& files, const char* name, const Table& table, Entries&& entries);

  const std::string config_;  ///< Directory of the JSON files.
  Table topics_;
  Table groups_;
  Table offsets_;
};

}  // namespace ogive::rocks
