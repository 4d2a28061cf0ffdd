#pragma once
// Where RocketMQ keeps databases of RocksDB below a store's root directory (docs/formats/rocksdb.md). The store does
// not read them: it has to know that they are there, and who opens them looks where it does.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "io/file.h"

namespace ogive::store {

/// What a database holds.
enum class RocksdbContent : std::uint8_t {
  kQueues,        ///< Consume queues; in one directory of several.
  kMetadata,      ///< Topics, subscription groups, consumer offsets.
  kMetadataOfV2,  ///< The same, of configManagerVersion=v2.
};

// Relative to the root directory.
inline constexpr const char* kQueueDatabase = "consumequeue";
inline constexpr const char* kSeparateQueueDatabase = "consumequeue_rocksdb";  ///< useSeparateStorePathForRocksdbCQ
inline constexpr const char* kTopicDatabase = "config/topics";
inline constexpr const char* kGroupDatabase = "config/subscriptionGroups";
inline constexpr const char* kOffsetDatabase = "config/consumerOffsets";
inline constexpr const char* kMetadataDatabase = "config/metadata";  ///< useSingleRocksDBForAllConfigs

struct RocksdbDirectory {
  const char* name;
  RocksdbContent content;
};
/// All there can be of what a broker needs. Timers, transactions and pop records in RocksDB are not among them.
inline constexpr std::array kRocksdbDirectories = {
    RocksdbDirectory{kQueueDatabase, RocksdbContent::kQueues},
    RocksdbDirectory{kSeparateQueueDatabase, RocksdbContent::kQueues},
    RocksdbDirectory{kTopicDatabase, RocksdbContent::kMetadata},
    RocksdbDirectory{kGroupDatabase, RocksdbContent::kMetadata},
    RocksdbDirectory{kOffsetDatabase, RocksdbContent::kMetadata},
    RocksdbDirectory{kMetadataDatabase, RocksdbContent::kMetadata},
    RocksdbDirectory{"config/rdb", RocksdbContent::kMetadataOfV2},
};

/// Whether the directory `path` holds a database; by a name in it. Blocking.
bool is_rocksdb(io::FileSystem& files, const std::string& path);
/// Paths of those below `root` that are there, in the order of the list. Blocking.
std::vector<std::string> find_rocksdb(io::FileSystem& files, const std::string& root, RocksdbContent content);

}  // namespace ogive::store
