#include "broker/state/state_file.h"

#include <fmt/core.h>

#include <atomic>
#include <mutex>
#include <vector>

#include "base/check.h"
#include "base/log.h"

namespace ogive::broker {

struct StateFile::State {
  State(io::FileSystem& file_system, io::TaskPool& pool, std::string file)
      : files(file_system), blocking(pool), path(std::move(file)) {}

  /// With `saving` held.
  Status save() {
    // Cleared before encoding: a change during the save asks for another one.
    waiting.store(false);
    const std::uint64_t covers =
        changes.load();  // Before the waiters are taken: each of them joined before its change.
    std::vector<Done> told;
    {
      const std::lock_guard lock(done_mutex);
      told.swap(done);
    }
    Status saved = write();
    unsaved.store(!saved);
    if (saved) saved_changes = covers;
    for (Done& one : told) one(saved);
    return saved;
  }

  Status write() {
    const std::size_t slash = path.rfind('/');
    if (!directory_made && slash != std::string::npos && slash > 0) {
      OGIVE_TRY(io::create_directories_durably(files, path.substr(0, slash)));
      directory_made = true;
    }
    return io::replace_file(files, path, encode());
  }

  io::FileSystem& files;
  io::TaskPool& blocking;
  const std::string path;
  Encode encode;
  std::mutex saving;
  bool closed = false;                    ///< Guarded by saving.
  bool directory_made = false;            ///< Guarded by saving.
  std::atomic<std::uint64_t> changes{0};  ///< Calls of save_soon.
  std::uint64_t saved_changes = 0;        ///< How many of them the file holds. Guarded by saving.
  std::atomic<bool> waiting{false};
  std::atomic<bool> unsaved{false};  ///< The last save failed.
  std::mutex done_mutex;
  std::vector<Done> done;  ///< Guarded by done_mutex.
};

StateFile::StateFile(io::FileSystem& files, io::TaskPool& blocking, std::string path)
    : state_(std::make_shared<State>(files, blocking, std::move(path))) {}

StateFile::~StateFile() {
  if (!state_) return;  // Moved from.
  std::lock_guard lock(state_->saving);
  state_->closed = true;
}

const std::string& StateFile::path() const {
  return state_->path;
}

void StateFile::set_source(Encode encode) {
  state_->encode = std::move(encode);
}

Result<bool> StateFile::load(const Decode& decode) {
  std::string reasons;
  bool any = false;
  for (const std::string& path : {state_->path, state_->path + ".bak"}) {
    auto content = io::read_file(state_->files, path, kMaxBytes);
    Status status;
    if (!content) {
      if (content.error().code() == Errc::kNotFound) continue;
      status = fail(content.error());
    } else if (content->find_first_not_of(std::string_view(" \t\r\n\0", 5)) == std::string::npos) {
      // What a power failure leaves of a file that was written without a sync.
      status = fail(Errc::kCorrupt, fmt::format("{} is empty ({} bytes)", path, content->size()));
    } else {
      status = decode(*content);
    }
    if (status) {
      if (path != state_->path) OGIVE_TRY(repair(reasons));
      return true;
    }
    any = true;
    OGIVE_LOG(error, "broker", "cannot use {}: {}", path, status.error().message());
    reasons += reasons.empty() ? "" : "; ";
    reasons += status.error().message();
  }
  if (!any) return false;
  return fail(Errc::kCorrupt, fmt::format("neither {} nor its .bak can be read: {}", state_->path, reasons));
}

Status StateFile::repair(const std::string& reasons) {
  OGIVE_LOG(error, "broker", "{} is {}: restored from its .bak; changes after that one was saved are lost",
            state_->path, reasons.empty() ? "gone" : "broken and kept as .broken (" + reasons + ")");
  // At once: the next save would otherwise take the broken one for the backup.
  return io::restore_backup(state_->files, state_->path);
}

void StateFile::save_soon(Done done) {
  OGIVE_CHECK(state_->encode != nullptr);
  if (done) {
    const std::lock_guard lock(state_->done_mutex);
    state_->done.push_back(std::move(done));
  }
  state_->changes.fetch_add(1);
  if (state_->waiting.exchange(true)) return;
  Status posted = state_->blocking.post([state = state_] {
    std::lock_guard lock(state->saving);
    if (state->closed || state->saved_changes == state->changes.load()) return;  // Somebody could not wait.
    if (Status saved = state->save(); !saved) {
      OGIVE_LOG(error, "broker", "{} was not saved, the change is in memory only until it can be: {}", state->path,
                saved.error().message());
    }
  });
  if (posted) return;
  state_->waiting.store(false);
  state_->unsaved.store(true);
  OGIVE_LOG(warn, "broker", "{} is not being saved now, it is tried again: {}", state_->path, posted.error().message());
}

Status StateFile::save_now() {
  OGIVE_CHECK(state_->encode != nullptr);
  std::lock_guard lock(state_->saving);
  return state_->save();
}

Status StateFile::save_changes() {
  OGIVE_CHECK(state_->encode != nullptr);
  const std::uint64_t wanted = state_->changes.load();
  std::lock_guard lock(state_->saving);
  if (state_->saved_changes >= wanted) return {};
  Status saved = state_->save();
  if (saved) return saved;
  return fail(saved.error().code(),
              fmt::format("the change is in effect, but {} could not be saved, so only until the next start unless a "
                          "later save succeeds: {}",
                          state_->path, saved.error().message()));
}

void StateFile::retry() {
  if (state_->unsaved.exchange(false)) save_soon();
}

}  // namespace ogive::broker
