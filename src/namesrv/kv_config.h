#pragma once
// Small texts that operators keep at the name server, by namespace and key; order configurations of topics are among
// them. File: {"configTable":{"namespace":{"key":"value"}}}, as RocketMQ writes it.

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>

#include "base/error.h"
#include "io/file.h"

namespace ogive::namesrv {

/// Namespace of the order configurations: topic to "brokerName:queues;…".
inline constexpr std::string_view kOrderTopicNamespace = "ORDER_TOPIC_CONFIG";

/// Thread-safe. Changes write the file before they show and return, so they belong to the blocking lane.
class KvConfig {
 public:
  using Table = std::map<std::string, std::string>;

  KvConfig(io::FileSystem& files, std::string path);

  /// Reads the file; a missing one is an empty table. A broken or empty file is replaced by its .bak, or, when that is
  /// no better, moved aside; either is logged as an error. Fails only when the file system does.
  Status load();

  /// Fails with kInvalidArgument (empty or oversized parts), kLimit (table full) or the reason why the file could not
  /// be written; then nothing has changed.
  Status put(std::string_view ns, std::string_view key, std::string_view value);
  /// Removing what is not there succeeds.
  Status remove(std::string_view ns, std::string_view key);

  std::optional<std::string> get(std::string_view ns, std::string_view key) const;
  /// Absent when the namespace was never used; may be empty.
  std::optional<Table> list(std::string_view ns) const;

  /// Called after every change, on the thread that made it, without locks held. Set before threads start.
  void on_change(std::function<void()> callback) { changed_ = std::move(callback); }

 private:
  using Tables = std::map<std::string, Table, std::less<>>;
  Result<Tables> read(const std::string& path);
  Status replace(Tables tables);

  io::FileSystem& files_;
  const std::string path_;
  std::function<void()> changed_;
  std::mutex writing_;  ///< Held over change and save, so that the file follows the order of changes.
  mutable std::shared_mutex mutex_;
  Tables tables_;  ///< Written only with both mutexes held.
};

}  // namespace ogive::namesrv
