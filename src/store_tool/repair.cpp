#include <fmt/core.h>

#include <cstdio>

#include "io/thread_executor.h"
#include "store/message_store.h"
#include "store_tool/check.h"
#include "store_tool/commands.h"

namespace ogive::store_tool {
namespace {

constexpr int kSound = 0;
constexpr int kFailed = 1;
constexpr int kRepairable = 3;
constexpr int kLoss = 4;

void print(std::FILE* to, std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), to);
}

int failed(const Error& error) {
  print(stderr, error.message() + "\n");
  return kFailed;
}

int status_of(const Report& report) {
  switch (report.worst()) {
    case Severity::kNote:
      return kSound;
    case Severity::kRepairs:
      return kRepairable;
    case Severity::kLoss:
      return kLoss;
  }
  return kSound;
}

/// What a start after damage does: queues anew from the log, index anew, what is behind the log's end removed.
Result<store::RecoveryReport> open_and_close(io::FileSystem& files, const std::string& root, const StoreSizes& sizes) {
  auto marker = files.open(root + "/damagedqueues", io::OpenMode::kCreate);
  if (!marker) return fail(std::move(marker).error());
  if (auto index = files.list(root + "/index")) {
    for (const io::FileInfo& info : *index) OGIVE_TRY(files.remove(root + "/index/" + info.name));
  }
  store::StoreOptions options;
  options.root = root;
  options.commit_log_path = sizes.commit_log_path;
  options.segment_bytes = sizes.segment_bytes;
  options.consume_queue_file_bytes = sizes.queue_file_bytes;
  options.batch_queue_file_bytes = sizes.batch_queue_file_bytes;
  options.index_shape = sizes.index_shape;
  options.prewrite_bytes = 1 << 20;
  io::ThreadExecutor flusher("flusher");
  io::ThreadExecutor background("background");
  auto store = store::MessageStore::open({files, system_clock(), flusher, background}, options);
  if (!store) return fail(std::move(store).error());
  store::RecoveryReport report = (*store)->recovery();
  OGIVE_TRY((*store)->close());
  return report;
}

}  // namespace

int check(StoreView& view, const Output& output) {
  auto report = check_store(view);
  if (!report) return failed(report.error());
  print(stdout, output.json ? report->json() : report->text());
  return status_of(*report);
}

int repair(std::unique_ptr<StoreView> view, bool write, const Output& output) {
  auto before = check_store(*view);
  if (!before) return failed(before.error());
  print(stdout, output.json ? before->json() : before->text());
  if (before->worst() == Severity::kNote) return kSound;
  if (!write) {
    print(stdout,
          "nothing was changed; with --write consume queues and index are made anew from the log, damage in it is kept "
          "in damagedlog, and what follows its end is removed\n");
    return status_of(*before);
  }
  if (view->rocksdb()) {
    return failed(
        Error(Errc::kUnsupported,
              fmt::format("{} is a RocksDB store: start a broker on it, which repairs it. Nothing was changed",
                          view->root())));
  }
  io::FileSystem& files = view->files();
  const std::string root = view->root();
  const StoreSizes sizes = view->sizes();
  view.reset();
  auto done = open_and_close(files, root, sizes);
  if (!done) return failed(done.error());
  for (const std::string& repair : done->repairs) print(stdout, "repaired: " + repair + "\n");
  auto again = StoreView::open(files, root, sizes);
  if (!again) return failed(again.error());
  return check(**again, output);
}

}  // namespace ogive::store_tool
