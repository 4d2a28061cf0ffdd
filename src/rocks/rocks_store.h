#pragma once
// A store directory whose consume queues or metadata lie in RocksDB (storeType=defaultRocksDB): found out, opened,
// served from file queues and JSON files beside them, and kept so that RocketMQ can take it back.
// docs/decisions/0003-rocksdb-stores.md, docs/formats/rocksdb.md.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "io/executor.h"
#include "io/file.h"
#include "rocks/config_database.h"
#include "rocks/queue_database.h"
#include "rocks/queue_mirror.h"
#include "store/message_store.h"

namespace ogive::rocks {

/// What the broker's configuration says of it.
struct RocksSettings {
  bool wanted = false;           ///< storeType=defaultRocksDB: databases are made where there are none.
  bool separate_queues = false;  ///< useSeparateStorePathForRocksdbCQ
  bool single_config = false;    ///< useSingleRocksDBForAllConfigs
};

/// What lies in RocksDB below a root directory.
struct RocksLayout {
  std::string queues;   ///< Directory of the queue database; "" without one.
  bool config = false;  ///< Topics, groups and offsets are in RocksDB, too: the store's type is defaultRocksDB.
  bool any() const { return config || !queues.empty(); }
  /// Where Ogive keeps its own files of such a store's queues; "" where RocketMQ keeps file queues as well.
  std::string queue_files(const std::string& root) const {
    return config ? root + "/consumequeue_ogive" : std::string();
  }
};

/// Looks at names only. kUnsupported for what is not served, naming it and the way out: metadata of
/// configManagerVersion=v2.
Result<RocksLayout> find_layout(io::FileSystem& files, const std::string& root);

/// One thread, and not thread-safe, except where said.
class RocksStore {
 public:
  /// Opens the databases and brings the JSON files of the metadata up to them; before those are read. Null for a store
  /// that has none and is to have none. Nothing is changed before every database is open. Blocking.
  static Result<std::unique_ptr<RocksStore>> open(io::FileSystem& files, const std::string& root,
                                                  const RocksSettings& settings);
  ~RocksStore();

  /// What the message store must know. `options` are complete but for that; this outlives the opening of the store.
  void prepare(store::StoreOptions& options) const;
  /// When the store is open and before it gets a message. Blocking.
  Status attach(store::MessageStore& store, io::Executor& background, std::vector<std::int64_t> delay_level_ms);
  /// Everything is as RocketMQ expects it after an orderly stop. After the JSON files were saved and the store was
  /// closed. Blocking.
  Status save();

 private:
  RocksStore(io::FileSystem& files, std::string root) : files_(files), root_(std::move(root)) {}

  io::FileSystem& files_;
  const std::string root_;
  RocksLayout layout_;
  std::unique_ptr<QueueDatabase> queues_;
  std::unique_ptr<ConfigDatabase> config_;
  std::unique_ptr<QueueMirror> mirror_;
};

}  // namespace ogive::rocks
