#pragma once
// A store with queues and metadata in RocksDB, on real files. For tests of this module.

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <map>
#include <sstream>

#include "io/thread_executor.h"
#include "message/record.h"
#include "rocks/rocks_store.h"
#include "store/queue/consume_queue.h"
#include "testing/source_dir.h"

namespace ogive::rocks {

namespace fs = std::filesystem;

inline std::string read_whole(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream content;
  content << in.rdbuf();
  return content.str();
}

/// Content of every file below `root`.
inline std::map<std::string, std::string> all_files(const fs::path& root) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (entry.is_regular_file()) files[entry.path().string()] = read_whole(entry.path());
  }
  return files;
}

class RocksStoreTest : public ::testing::Test, private store::AppendListener {
 protected:
  void SetUp() override {
    char path[] = "/tmp/ogive-rocks-XXXXXX";
    ASSERT_NE(::mkdtemp(path), nullptr);
    folder_ = path;
    root_ = folder_ + "/store";
    fs::create_directories(root_);
  }
  void TearDown() override {
    rocks_.reset();
    store_.reset();
    fs::remove_all(folder_);
  }

  /// False, with a note, where the recording is not beside the repository.
  bool unpack_recording() {
    const fs::path archive = fs::path(source_dir()) / "../shared/golden/store-5.5.0-rocksdb/clean.tar.gz";
    if (!fs::exists(archive)) return false;
    return std::system(("tar xzf '" + archive.string() + "' -C '" + folder_ + "'").c_str()) == 0;
  }
  store::StoreOptions options() const {
    store::StoreOptions options;
    options.root = root_;
    options.segment_bytes = 1 << 20;
    options.consume_queue_file_bytes = 6'000;
    options.prewrite_bytes = 1 << 16;
    options.index_shape = {5'000, 20'000};
    options.is_batch_topic = [](std::string_view topic) { return topic == "TopicBcq"; };
    return options;
  }
  Status open(RocksSettings settings = {}) {
    auto rocks = RocksStore::open(io::posix_file_system(), root_, settings);
    if (!rocks) return fail(rocks.error());
    rocks_ = std::move(*rocks);
    if (!rocks_) return fail(Errc::kNotFound, "no RocksDB store");
    store::StoreOptions prepared = options();
    rocks_->prepare(prepared);
    auto store = store::MessageStore::open({io::posix_file_system(), system_clock(), flusher_, background_}, prepared);
    if (!store) return fail(store.error());
    store_ = std::move(*store);
    return rocks_->attach(*store_, background_, {});
  }
  Status close() {
    OGIVE_TRY(store_->close());
    Status saved = rocks_->save();
    rocks_.reset();
    store_.reset();
    return saved;
  }
  void crash() {
    rocks_.reset();
    store_.reset();
  }
  void send(std::string_view topic, int queue_id, std::string_view body) {
    store::ConsumeQueue& queue = store_->queue(topic, QueueId(queue_id));
    message::RecordFields fields;
    fields.topic = topic;
    fields.queue_id = queue_id;
    fields.body = as_bytes(body);
    fields.born_host = fields.store_host = *io::Endpoint::parse("127.0.0.1:1");
    const std::size_t size = message::encoded_size(fields);
    // The next file of the log may not be ready: the background executor makes it.
    for (int attempt = 0; attempt < 1'000; ++attempt) {
      auto batch = std::make_unique<store::AppendBatch>();
      message::encode_record(fields, batch->add(queue, size, 0));
      store_->submit(std::move(batch), flusher_, *this);
      let_finish(flusher_);  // Which tells the outcome.
      if (appended_) return;
      let_finish(background_);
    }
    FAIL() << appended_.error().message();
  }
  /// What has been posted to it is done then.
  static void let_finish(io::Executor& executor) {
    std::promise<void> done;
    executor.post([&done] { done.set_value(); });
    done.get_future().get();
  }
  void on_appended(std::unique_ptr<store::AppendBatch>, Status status) override { appended_ = std::move(status); }

  /// Compares each entry of the queue database with the record in the log, and their number with the store's.
  void expect_databases_level() {
    auto database = QueueDatabase::open(root_ + "/consumequeue", Database::Mode::kRead);
    ASSERT_TRUE(database) << database.error().message();
    EXPECT_EQ(*(*database)->covered(), store_end_);
    auto reaches = (*database)->reaches();
    ASSERT_TRUE(reaches);
    std::map<std::pair<std::string, int>, std::int64_t> ends;
    for (const QueueReach& reach : *reaches) ends[{reach.topic, reach.id.value()}] = reach.last_offset + 1;
    EXPECT_EQ(ends, queue_ends_);
    for (const auto& [queue, end] : ends) {
      for (const auto& [offset, place] : places_[queue]) {
        auto entry = (*database)->entry(queue.first, QueueId(queue.second), offset);
        ASSERT_TRUE(entry && *entry) << queue.first << " " << queue.second << " " << offset;
        EXPECT_EQ((*entry)->physical_offset, place);
      }
    }
  }
  void note_queues() {
    queue_ends_.clear();
    places_.clear();
    for (const auto& [topic, id] : store_->queues()) {
      store::ConsumeQueue& queue = store_->queue(topic, id);
      if (queue.max_offset().value() == 0) continue;
      const std::pair key(topic, id.value());
      queue_ends_[key] = queue.max_offset().value();
      std::int64_t last = -1;
      for (std::int64_t at = queue.min_offset().value(); at < queue.max_offset().value(); ++at) {
        const std::int64_t place = store_->queue_entry(queue, QueueOffset(at))->physical_offset;
        if (place != last) places_[key][at] = place;  // An entry of a batch queue is one for all its messages.
        last = place;
      }
    }
    store_end_ = store_->max_physical_offset().value();
  }

  std::string folder_, root_;
  io::ThreadExecutor flusher_{"flusher"};
  io::ThreadExecutor background_{"background"};
  std::unique_ptr<store::MessageStore> store_;
  std::unique_ptr<RocksStore> rocks_;
  Status appended_;
  std::int64_t store_end_ = 0;
  std::map<std::pair<std::string, int>, std::int64_t> queue_ends_;
  std::map<std::pair<std::string, int>, std::map<std::int64_t, std::int64_t>> places_;
};

}  // namespace ogive::rocks
