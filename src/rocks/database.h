#pragma once
// One RocksDB database, as far as a RocketMQ store needs it. RocksDB does its own file access: it is not part of the
// simulated world. docs/decisions/0003-rocksdb-stores.md.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace ogive::rocks {

/// The column family every database has.
inline constexpr std::string_view kDefaultFamily = "default";

/// Changes that become visible together. One thread.
class Batch {
 public:
  Batch();
  ~Batch();
  Batch(Batch&&) noexcept;
  Batch& operator=(Batch&&) noexcept;

 private:
  friend class Database;
  struct State;
  std::unique_ptr<State> state_;
};

/// Thread-safe, except for the batches. Blocking. Errors name the directory: kPermission when another process has it,
/// kCorrupt for damage, kUnsupported for what this version of RocksDB cannot read.
class Database {
 public:
  enum class Mode : std::uint8_t {
    kRead,    ///< Changes no file.
    kWrite,   ///< Must exist.
    kCreate,  ///< Made when missing.
  };
  /// Opens every column family there is; with kWrite and kCreate also those of `families` that are missing.
  static Result<std::unique_ptr<Database>> open(const std::string& path, Mode mode,
                                                const std::vector<std::string>& families);

  /// Closes without writing anything out; what was written stays in its log.
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  const std::string& path() const { return path_; }
  bool has_family(std::string_view family) const;

  Result<std::optional<std::string>> get(std::string_view family, std::string_view key) const;
  using Visitor = std::function<Status(std::string_view key, std::string_view value)>;
  /// In key order, from `from` on. A family that is missing is empty. A visitor's error ends the visit.
  Status for_each(std::string_view family, std::string_view from, const Visitor& visit) const;

  /// The families must exist.
  void put(Batch& batch, std::string_view family, std::string_view key, std::string_view value) const;
  void remove(Batch& batch, std::string_view family, std::string_view key) const;
  /// Keys from `begin` to before `end`.
  void remove_range(Batch& batch, std::string_view family, std::string_view begin, std::string_view end) const;
  static std::size_t bytes(const Batch& batch);
  /// Applies and empties the batch. With `sync` it and everything before it is on the device when this returns.
  Status write(Batch& batch, bool sync);
  /// Moves everything into table files, on the device when this returns: the next one to open it replays nothing.
  Status flush();

 private:
  struct State;
  explicit Database(std::string path);
  std::string path_;
  std::unique_ptr<State> state_;
};

}  // namespace ogive::rocks
