#pragma once
// A store on a simulated disk as one process sees it, driven step by step. For tests of this module.

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "message/properties.h"
#include "message/record.h"
#include "message/sys_flag.h"
#include "store/message_store.h"
#include "store/queue/consume_queue.h"
#include "testing/sim_disk.h"
#include "testing/sim_file_system.h"
#include "testing/sim_world.h"

namespace ogive::store {

/// What a test sends.
struct SimMessage {
  std::string topic = "TopicA";
  std::int32_t queue = 0;
  std::string body;
  std::string properties{};
  std::int32_t sys_flag = 0;
  bool v6_hosts = false;
};

/// One process: it mounts the disk when it is made and is killed when it is destroyed (close() it first for an orderly
/// stop). The disk and its page cache outlive it.
class SimStore final : public AppendListener {
 public:
  explicit SimStore(sim::SimDisk& disk, std::uint64_t seed = 1)
      : world(seed),
        files(disk, world.clock(), &world),
        flusher(world, world.clock(), "flusher"),
        background(world, world.clock(), "background"),
        user(world, world.clock(), "user") {}
  ~SimStore() override {
    files.die();
    store.reset();
  }

  /// Small files, so that a few dozen messages cross several of each kind.
  static StoreOptions small_options() {
    StoreOptions options;
    options.root = "/store";
    options.segment_bytes = 8 << 10;
    options.prewrite_bytes = 4 << 10;
    options.tail_cache_bytes = 2 << 20;
    options.consume_queue_file_bytes = 20 * 16;
    options.checkpoint_interval = Milliseconds(200);
    options.delay_level_ms = {1'000, 5'000};
    options.recovered_entries_in_memory = 16;
    return options;
  }

  Status open(const StoreOptions& options = small_options()) {
    auto opened = MessageStore::open({files, world.clock(), flusher, background}, options);
    if (!opened) return fail(std::move(opened).error());
    store = std::move(*opened);
    world.run_for(Milliseconds(5));  // The next log file is made.
    return {};
  }

  /// Appends and lets time pass until the answer is there.
  Result<AppendBatch::Entry> append(const SimMessage& message) {
    auto entries = append_all({&message, 1});
    if (!entries) return fail(std::move(entries).error());
    return entries->front();
  }

  /// The log refuses for a moment while its next file is being made: as clients do, tries again.
  Result<std::vector<AppendBatch::Entry>> append_all(std::span<const SimMessage> messages) {
    for (int attempt = 0;; ++attempt) {
      auto entries = append_once(messages);
      if (entries || entries.error().code() != Errc::kLimit || attempt == 50) return entries;
      world.run_for(Milliseconds(2));
    }
  }

  Result<std::vector<AppendBatch::Entry>> append_once(std::span<const SimMessage> messages) {
    answer_.reset();
    auto batch = std::make_unique<AppendBatch>();
    for (const SimMessage& message : messages) {
      message::RecordFields fields;
      fields.topic = message.topic;
      fields.queue_id = message.queue;
      fields.body = as_bytes(message.body);
      fields.properties = message.properties;
      fields.sys_flag = message.sys_flag;
      fields.born_timestamp_ms = world.clock().wall_ms();
      fields.born_host = *io::Endpoint::parse(message.v6_hosts ? "[2001:db8::1]:1000" : "10.0.0.9:1000");
      fields.store_host = *io::Endpoint::parse(message.v6_hosts ? "[2001:db8::2]:10911" : "10.0.0.1:10911");
      ConsumeQueue& queue = store->queue(message.topic, QueueId(message.queue));
      const message::RecordTail tail{.inner_base = (message.sys_flag & message::kInnerBatch) != 0,
                                     .property_crc = store->appends_property_crc()};
      auto* out = batch->add(queue, message::encoded_size(fields, tail), message::tags_code_of(message.properties));
      message::encode_record(fields, out, tail);
      batch->back().tail = tail;
      batch->back().queue_count =
          static_cast<std::uint16_t>(message::message_count(message.sys_flag, message.properties));
      batch->back().takes_queue_offset = message::takes_queue_offset(message.sys_flag);
    }
    user.run_here([&] { store->submit(std::move(batch), user, *this); });
    world.run_until([&] { return answer_.has_value(); }, Milliseconds(10'000));
    if (!answer_) return fail(Errc::kTimeout, "no answer to a batch");
    return std::move(*answer_);
  }

  /// Waits until everything appended is flushed.
  Status flush() {
    std::optional<Status> done;
    store->flushed().wait(store->max_physical_offset(), user, [&](Status status) { done = std::move(status); });
    store->request_flush();
    world.run_until([&] { return done.has_value(); }, Milliseconds(10'000));
    return done ? std::move(*done) : fail(Errc::kTimeout, "no answer to a flush");
  }

  Status close() { return store->close(); }

  /// The record at that place of a queue, or a sentence that says why there is none.
  std::string record_at(std::string_view topic, std::int32_t queue_id, std::int64_t offset) {
    ConsumeQueue* queue = store->find_queue(topic, QueueId(queue_id));
    if (queue == nullptr) return "no such queue";
    ReadRequest request;
    request.offset = QueueOffset(offset);
    request.max_messages = 1;
    ReadResult result = store->read(*queue, request);
    if (result.status != ReadStatus::kFound) {
      return "read status " + std::to_string(static_cast<int>(result.status)) +
             (result.error ? " " + result.error->message() : "");
    }
    std::string bytes;
    std::array<ByteView, 8> pieces;
    const std::size_t count = result.records.peek(pieces);
    for (std::size_t i = 0; i < count; ++i) bytes += as_chars(pieces[i]);
    return bytes;
  }

  /// Body of the message at that place of a queue.
  std::string body_at(std::string_view topic, std::int32_t queue, std::int64_t offset) {
    const std::string bytes = record_at(topic, queue, offset);
    auto record = message::decode_record(as_bytes(bytes));
    if (!record) return bytes.substr(0, 200);
    if (record->queue_offset != offset || record->queue_id != queue || record->topic != topic ||
        !message::body_crc_matches(*record)) {
      return "another record";
    }
    return std::string(as_chars(record->body));
  }

  void on_appended(std::unique_ptr<AppendBatch> batch, Status status) override {
    if (!status) {
      answer_ = fail(status.error());
    } else {
      answer_ = std::vector<AppendBatch::Entry>(batch->entries().begin(), batch->entries().end());
    }
  }

  sim::SimWorld world;
  sim::SimFileSystem files;
  sim::SimExecutor flusher, background, user;
  std::unique_ptr<MessageStore> store;

 private:
  std::optional<Result<std::vector<AppendBatch::Entry>>> answer_;
};

/// What was acknowledged, and at which level.
class SimLedger {
 public:
  struct Place {
    std::string topic;
    std::int32_t queue;
    std::int64_t offset;
    auto operator<=>(const Place&) const = default;
  };

  void appended(const SimMessage& message, std::int64_t offset) {
    // After a power loss an offset may be given again, but never while its message is still promised.
    EXPECT_FALSE(flushed_.contains({message.topic, message.queue, offset})) << "offset " << offset << " given twice";
    appended_[{message.topic, message.queue, offset}] = message.body;
  }
  /// Everything appended so far is promised to survive power loss.
  void flushed() {
    for (auto& item : appended_) flushed_.insert(item);
    appended_.clear();
  }
  /// Power was lost: what was not flushed may be gone.
  void forget_unflushed() { appended_.clear(); }

  void expect_all(SimStore& process) const {
    for (const auto* messages : {&flushed_, &appended_}) {
      for (const auto& [place, body] : *messages) {
        ASSERT_EQ(process.body_at(place.topic, place.queue, place.offset), body)
            << place.topic << " " << place.queue << " offset " << place.offset;
      }
    }
  }
  std::size_t size() const { return flushed_.size() + appended_.size(); }

 private:
  std::map<Place, std::string> appended_, flushed_;
};

}  // namespace ogive::store
