#pragma once
// One small JSON file of the broker's metadata: read with its backup, saved whole, never on a reactor.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "io/file.h"
#include "io/task_pool.h"

namespace ogive::broker {

/// Thread-safe. Saves asked for while one is waiting are one save. Formats: docs/formats/broker-config.md.
class StateFile {
 public:
  /// Gives the file's present content; called in the blocking lane, must be thread-safe.
  using Encode = std::function<std::string()>;
  /// Takes what was read; an error makes load() go on to the backup.
  using Decode = std::function<Status(std::string_view)>;

  static constexpr std::uint64_t kMaxBytes = 1u << 30;

  /// The file system and the pool must outlive this object. The directory is made when it is missing.
  StateFile(io::FileSystem& files, io::TaskPool& blocking, std::string path);
  /// Waits for a running save and drops a waiting one: save_now() first where that matters.
  ~StateFile();
  StateFile(StateFile&&) = default;
  StateFile& operator=(StateFile&&) = delete;

  /// Reads the file, or its `.bak` when it is missing, empty or refused by `decode`; then says so loudly and repairs
  /// the file from it. True when one was taken, false when there is none at all. kCorrupt when there are files and none
  /// of them can be read. Blocking.
  Result<bool> load(const Decode& decode);

  /// What save_soon and save_now write. Set before the first of them; must be callable until this object is gone.
  void set_source(Encode encode);
  /// Told once how the save went, in the blocking lane; must not save anything itself.
  using Done = std::move_only_function<void(const Status&)>;
  /// Saves in the blocking lane, soon. Never blocks; a full lane is tried again at the next call. `done`, if given,
  /// hears of a save that holds everything changed before this call; nothing when this object goes first.
  void save_soon(Done done = nullptr);
  /// Returns when everything that save_soon was called for is on the disk; whoever comes first saves for all. Nothing
  /// is written when nothing has changed. For requests that answer "done". Blocking.
  Status save_changes();
  /// Tries again what could not be saved, if anything. For a timer of the owner.
  void retry();
  /// Saves here and now. Blocking.
  Status save_now();

  const std::string& path() const;

 private:
  struct State;
  Status repair(const std::string& reasons);

  /// Shared with a save that waits in the pool and may run after this object is gone.
  std::shared_ptr<State> state_;
};

}  // namespace ogive::broker
