#include "store_tool/store_view.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "rocks/rocks_store.h"
#include "store/queue/consume_queue.h"
#include "store/recovery/log_scanner.h"

namespace ogive::store_tool {
namespace {

/// Refuses everything that would change a file.
class ReadOnlyFiles final : public io::FileSystem {
 public:
  explicit ReadOnlyFiles(io::FileSystem& files) : files_(files) {}
  Result<std::unique_ptr<io::File>> open(const std::string& path, io::OpenMode) override {
    return files_.open(path, io::OpenMode::kRead);
  }
  Status remove(const std::string& path) override { return refuse(path); }
  Status rename(const std::string& from, const std::string&) override { return refuse(from); }
  Status create_directories(const std::string& path) override { return refuse(path); }
  Status sync_directory(const std::string&) override { return {}; }
  Result<std::vector<io::FileInfo>> list(const std::string& path) override { return files_.list(path); }
  Result<io::FileInfo> info(const std::string& path) override { return files_.info(path); }
  Result<io::SpaceInfo> space(const std::string& path) override { return files_.space(path); }
  Result<std::unique_ptr<io::FileLock>> lock(const std::string& path) override { return files_.lock(path); }

 private:
  static Status refuse(const std::string& path) {
    return fail(Errc::kPermission, fmt::format("{} is only read here", path));
  }
  io::FileSystem& files_;
};

/// Size of the largest file below `directory` at `depth` levels: what a whole file has.
std::uint64_t largest_file(io::FileSystem& files, const std::string& directory, int depth) {
  std::uint64_t size = 0;
  auto listed = files.list(directory);
  if (!listed) return 0;
  for (const io::FileInfo& info : *listed) {
    if (info.is_directory && depth > 0) {
      size = std::max(size, largest_file(files, directory + "/" + info.name, depth - 1));
    } else if (!info.is_directory && store::parse_segment_name(info.name) >= 0) {
      size = std::max(size, info.size);
    }
  }
  return size;
}

}  // namespace

Result<std::unique_ptr<StoreView>> StoreView::open(io::FileSystem& files, const std::string& root,
                                                   const StoreSizes& sizes) {
  std::unique_ptr<StoreView> view(new StoreView(files, root, sizes));
  if (view->sizes_.commit_log_path.empty()) view->sizes_.commit_log_path = root + "/commitlog";
  if (auto there = files.info(root); !there) return fail(std::move(there).error());
  auto layout = rocks::find_layout(files, root);
  if (!layout) return fail(std::move(layout).error());
  view->rocksdb_ = layout->any();
  view->queue_directory_ = layout->queue_files(root);
  if (view->queue_directory_.empty()) view->queue_directory_ = root + "/consumequeue";
  OGIVE_TRY(view->deduce_sizes());
  auto lock = files.lock(root + "/lock");
  if (!lock) {
    return fail(lock.error().code(),
                fmt::format("the store {} is in use ({}): stop its broker first", root, lock.error().message()));
  }
  view->lock_ = std::move(*lock);
  view->orderly_ = !files.info(root + "/abort");
  view->reading_ = std::make_unique<ReadOnlyFiles>(files);
  io::FileSystem& reading = *view->reading_;
  view->segments_ = std::make_unique<store::SegmentList>(
      reading, store::SegmentList::Paths{view->sizes_.commit_log_path, view->sizes_.commit_log_path},
      view->sizes_.segment_bytes);
  OGIVE_TRY(view->segments_->load(view->oddities_));
  view->queue_files_ = std::make_unique<store::QueueFiles>(
      reading,
      store::QueueFiles::Home{view->queue_directory_, static_cast<std::int64_t>(view->sizes_.queue_file_bytes)},
      store::QueueFiles::Home{root + "/batchconsumequeue",
                              static_cast<std::int64_t>(view->sizes_.batch_queue_file_bytes)});
  OGIVE_TRY(view->load_queues(store::QueueKind::kSimple));
  OGIVE_TRY(view->load_queues(store::QueueKind::kBatch));
  return view;
}

Status StoreView::deduce_sizes() {
  if (sizes_.segment_bytes == 0) {
    std::string_view paths = sizes_.commit_log_path;
    while (!paths.empty()) {
      const std::size_t comma = paths.find(',');
      sizes_.segment_bytes =
          std::max(sizes_.segment_bytes, largest_file(files_, std::string(paths.substr(0, comma)), 0));
      paths.remove_prefix(comma == std::string_view::npos ? paths.size() : comma + 1);
    }
  }
  if (sizes_.segment_bytes == 0) {
    return fail(Errc::kNotFound,
                fmt::format("{} holds no commit log files: it is no store, or an empty one", sizes_.commit_log_path));
  }
  if (sizes_.queue_file_bytes == 0) sizes_.queue_file_bytes = largest_file(files_, queue_directory_, 2);
  if (sizes_.batch_queue_file_bytes == 0) {
    sizes_.batch_queue_file_bytes = largest_file(files_, root_ + "/batchconsumequeue", 2);
  }
  // Without any file the size does not matter.
  if (sizes_.queue_file_bytes == 0) sizes_.queue_file_bytes = 6'000'000;
  if (sizes_.batch_queue_file_bytes == 0) sizes_.batch_queue_file_bytes = 13'800'000;
  return {};
}

Status StoreView::load_queues(store::QueueKind kind) {
  const std::string& home = queue_files_->home(kind).directory;
  auto topics = files_.list(home);
  if (!topics) return topics.error().code() == Errc::kNotFound ? Status() : fail(std::move(topics).error());
  for (const io::FileInfo& topic : *topics) {
    if (!topic.is_directory) continue;
    auto ids = files_.list(home + "/" + topic.name);
    if (!ids) return fail(std::move(ids).error());
    for (const io::FileInfo& info : *ids) {
      std::int32_t id = -1;
      const auto [end, error] = std::from_chars(info.name.data(), info.name.data() + info.name.size(), id);
      if (!info.is_directory || error != std::errc() || end != info.name.data() + info.name.size() || id < 0) continue;
      load_queue(queues_.get(topic.name, QueueId(id), kind), home + "/" + topic.name + "/" + info.name);
    }
  }
  return {};
}

void StoreView::load_queue(store::ConsumeQueue& queue, const std::string& directory) {
  auto listed = files_.list(directory);
  if (!listed) return;
  const std::int64_t file_bytes = queue_files_->home(queue.kind()).file_bytes;
  store::QueueFileSpan span;
  for (const io::FileInfo& info : *listed) {
    const std::int64_t begin = store::parse_segment_name(info.name);
    if (info.is_directory || begin < 0) continue;
    if (static_cast<std::int64_t>(info.size) != file_bytes) {
      oddities_.push_back(fmt::format("{}/{} has {} bytes instead of {}", directory, info.name, info.size, file_bytes));
    }
    if (span.begin != span.end && span.end != begin) {
      oddities_.push_back(fmt::format("{} lacks the files from byte {} to {}", directory, span.end, begin));
      span.begin = begin;
    }
    if (span.begin == span.end) span.begin = begin;
    span.end = begin + file_bytes;
  }
  queue.load({}, span);
}

Result<std::int64_t> StoreView::walk(std::int64_t from, const Visitor& visit,
                                     const std::function<void(const LogDamage&)>& damaged) {
  const std::int64_t log_end = segments_->end();
  store::LogScanner scanner(*segments_);
  std::int64_t at = std::max(from, segments_->begin());
  if (at != segments_->begin() && at % segments_->segment_bytes() != 0) {
    auto first = scanner.find_record(at, log_end);
    if (!first) return fail(std::move(first).error());
    at = *first;
  }
  for (;;) {
    std::int64_t last_end = at;
    Status stopped;
    auto end = scanner.scan(at, [&](const message::RecordView& record) -> Status {
      stopped = visit(record, record.whole);
      if (stopped) last_end = record.physical_offset + record.size;
      return stopped;
    });
    if (!stopped && stopped.error().code() == Errc::kCancelled) return last_end;
    if (!end) return fail(std::move(end).error());
    auto next = scanner.find_record(end->offset + 1, log_end);
    if (!next) return fail(std::move(next).error());
    if (*next >= log_end) return end->offset;
    damaged({end->offset, *next, end->at_zeros ? "zeros where a record should be" : end->reason});
    at = *next;
  }
}

}  // namespace ogive::store_tool
