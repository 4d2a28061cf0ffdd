#include "rocks/rocks_store.h"

#include <fmt/core.h>

#include "base/log.h"
#include "rocks/queue_takeover.h"
#include "store/rocksdb_directories.h"

namespace ogive::rocks {
namespace {

/// Whether `directory` has topics' queue files.
bool has_queue_files(io::FileSystem& files, const std::string& directory) {
  auto listed = files.list(directory);
  return listed && std::ranges::any_of(*listed, &io::FileInfo::is_directory);
}

}  // namespace

Result<RocksLayout> find_layout(io::FileSystem& files, const std::string& root) {
  using store::RocksdbContent;
  if (const auto found = store::find_rocksdb(files, root, RocksdbContent::kMetadataOfV2); !found.empty()) {
    return fail(Errc::kUnsupported,
                fmt::format("{} is a RocksDB database: the store's topics, groups and offsets were written "
                            "with configManagerVersion=v2, which is not served. Nothing was changed. Open it with "
                            "RocketMQ 5.5.0, or set another storePathRootDir",
                            found.front()));
  }
  RocksLayout layout;
  const auto queues = store::find_rocksdb(files, root, RocksdbContent::kQueues);
  if (queues.size() > 1) {
    return fail(Errc::kUnsupported,
                fmt::format("both {} and {} are RocksDB databases: RocketMQ does not start with both either. Nothing "
                            "was changed. Move away the one that is not in use (the second is, with "
                            "useSeparateStorePathForRocksdbCQ=true)",
                            queues[0], queues[1]));
  }
  if (!queues.empty()) layout.queues = queues.front();
  layout.config = !store::find_rocksdb(files, root, RocksdbContent::kMetadata).empty();
  return layout;
}

Result<std::unique_ptr<RocksStore>> RocksStore::open(io::FileSystem& files, const std::string& root,
                                                     const RocksSettings& settings) {
  auto found = find_layout(files, root);
  if (!found) return fail(std::move(found).error());
  RocksLayout layout = std::move(*found);
  if (!layout.any() && !settings.wanted) return nullptr;
  if (&files != &io::posix_file_system()) {
    return fail(Errc::kUnsupported, "RocksDB stores need the operating system's files");
  }
  if (!layout.any() && has_queue_files(files, root + "/consumequeue")) {
    return fail(
        Errc::kUnsupported,
        fmt::format("storeType=defaultRocksDB is set, but {}/consumequeue holds file queues (storeType=default). "
                    "Nothing was changed. Remove the key to serve the store as it is",
                    root));
  }
  const bool fresh = !layout.any();
  if (settings.wanted) layout.config = true;
  if (layout.queues.empty()) {
    layout.queues = root + "/" + (settings.separate_queues ? store::kSeparateQueueDatabase : store::kQueueDatabase);
  }
  const Database::Mode mode = settings.wanted || layout.config ? Database::Mode::kCreate : Database::Mode::kWrite;
  std::unique_ptr<RocksStore> store(new RocksStore(files, root));
  if (fresh) {
    OGIVE_TRY(io::create_directories_durably(files, root + "/config"));
    OGIVE_TRY(io::create_directories_durably(files, layout.queues));
  }
  if (layout.config) {
    auto config = ConfigDatabase::open(root, mode, settings.single_config);
    if (!config) return fail(std::move(config).error());
    store->config_ = std::move(*config);
  }
  auto queues = QueueDatabase::open(layout.queues, mode);
  if (!queues) return fail(std::move(queues).error());
  store->queues_ = std::move(*queues);
  if (store->config_) OGIVE_TRY(store->config_->write_files(files));
  OGIVE_LOG(warn, "store",
            "{} is a RocksDB store: served from {} and the JSON files in {}/config, the databases follow them", root,
            layout.config ? layout.queue_files(root) : root + "/consumequeue", root);
  store->layout_ = std::move(layout);
  return store;
}

RocksStore::~RocksStore() {
  if (mirror_) mirror_->stop();
}

void RocksStore::prepare(store::StoreOptions& options) const {
  options.queue_directory = layout_.queue_files(root_);
  options.rocksdb_kept = true;
  if (options.queue_directory.empty()) return;
  const QueueTakeover::Place place{options.queue_directory, static_cast<std::int64_t>(options.consume_queue_file_bytes),
                                   root_ + "/batchconsumequeue"};
  options.make_queues = [this, place, is_batch_topic = options.is_batch_topic](std::int64_t log_begin) {
    return QueueTakeover(files_, *queues_, place, is_batch_topic).run(log_begin);
  };
}

Status RocksStore::attach(store::MessageStore& store, io::Executor& background,
                          std::vector<std::int64_t> delay_level_ms) {
  mirror_ = std::make_unique<QueueMirror>(store, *queues_, std::move(delay_level_ms));
  OGIVE_TRY(mirror_->align());
  mirror_->start(background);
  return {};
}

Status RocksStore::save() {
  Status result;
  if (mirror_) {
    mirror_->stop();
    result = mirror_->finish();
  }
  if (config_) {
    Status taken = config_->take_files(files_);
    if (result) result = std::move(taken);
  }
  mirror_.reset();
  queues_.reset();
  config_.reset();
  return result;
}

}  // namespace ogive::rocks
