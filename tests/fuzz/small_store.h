#pragma once
// A small store on a simulated disk, one file of which a fuzzer damages: a copy is opened and everything in it read.

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "base/log.h"
#include "message/record.h"
#include "message/record_tail.h"
#include "message/sys_flag.h"
#include "store/message_store.h"
#include "store/queue/consume_queue.h"
#include "testing/sim_disk.h"
#include "testing/sim_file_system.h"
#include "testing/sim_world.h"

namespace ogive::fuzz {

/// Aborts where a store would have served what is no message of the place it was asked for.
class SmallStore final : private store::AppendListener {
 public:
  /// Simple and batch queues, two log files, an index file, a checkpoint; killed, so that the next start recovers.
  SmallStore() {
    log::Options quiet;
    quiet.level = log::Level::none;
    log::start(quiet);
    Process process(disk_);
    require(process.open().has_value());
    for (int i = 0; i < 40; ++i) {
      append(process, i);
      if (i == 25) process.world.run_for(Milliseconds(500));
    }
    process.world.run_for(Milliseconds(500));
  }

  /// The input's first two bytes say where in `path` the others are written.
  void overwrite(const std::string& path, const std::uint8_t* data, std::size_t size, std::uint64_t file_bytes) {
    if (size < 3) return;
    const std::uint64_t at = (data[0] << 8 | data[1]) % file_bytes;
    look(path, at, {reinterpret_cast<const std::byte*>(data) + 2, std::min<std::size_t>(size - 2, file_bytes - at)},
         false);
  }
  /// Its only index file.
  std::string index_path() {
    Process process(disk_);
    const auto listed = process.files.list("/store/index");
    require(listed.has_value() && !listed->empty());
    return "/store/index/" + listed->front().name;
  }
  /// The input is the whole file.
  void replace(const std::string& path, const std::uint8_t* data, std::size_t size) {
    look(path, 0, {reinterpret_cast<const std::byte*>(data), size}, true);
  }

 private:
  struct Process {
    explicit Process(sim::SimDisk& disk)
        : files(disk, world.clock(), &world),
          flusher(world, world.clock(), "flusher"),
          background(world, world.clock(), "background"),
          user(world, world.clock(), "user") {}
    ~Process() {
      files.die();
      store.reset();
    }
    Status open() {
      store::StoreOptions options;
      options.root = "/store";
      options.segment_bytes = 8 << 10;
      options.prewrite_bytes = 2 << 10;
      options.tail_cache_bytes = 1 << 20;
      options.consume_queue_file_bytes = 20 * 16;
      options.batch_queue_file_bytes = 46 * 8;
      options.checkpoint_interval = Milliseconds(100);
      options.index_shape = {32, 128};
      options.is_batch_topic = [](std::string_view topic) { return topic == "Batch"; };
      auto opened = store::MessageStore::open({files, world.clock(), flusher, background}, options);
      if (!opened) return fail(std::move(opened).error());
      store = std::move(*opened);
      world.run_for(Milliseconds(5));
      return {};
    }
    sim::SimWorld world{1};
    sim::SimFileSystem files;
    sim::SimExecutor flusher, background, user;
    std::unique_ptr<store::MessageStore> store;
  };

  static void require(bool holds) {
    if (!holds) std::abort();
  }

  void append(Process& process, int number) {
    const std::string body = "body of message " + std::to_string(number) + std::string(100, 'b');
    std::string properties = "UNIQ_KEY\x01U" + std::to_string(number) + "\x02";
    message::RecordFields fields;
    fields.topic = number % 4 == 0 ? "Batch" : "Simple";
    if (number % 4 == 0) {
      fields.sys_flag = message::kInnerBatch | message::kNeedUnwrap;
      properties +=
          "INNER_NUM\x01"
          "2\x02";
    }
    fields.body = as_bytes(body);
    fields.properties = properties;
    fields.born_host = fields.store_host = *io::Endpoint::parse(number % 3 == 0 ? "[::1]:10911" : "10.0.0.1:10911");
    auto batch = std::make_unique<store::AppendBatch>();
    const message::RecordTail tail{.inner_base = fields.sys_flag != 0, .property_crc = false};
    auto* out = batch->add(process.store->queue(fields.topic, QueueId(0)), message::encoded_size(fields, tail), 0);
    message::encode_record(fields, out, tail);
    batch->back().tail = tail;
    batch->back().queue_count = fields.sys_flag != 0 ? 2 : 1;
    process.user.run_here([&] { process.store->submit(std::move(batch), process.user, *this); });
    process.world.run_for(Milliseconds(3));
  }
  void on_appended(std::unique_ptr<store::AppendBatch>, Status) override {}

  void look(const std::string& path, std::uint64_t at, ByteView bytes, bool whole) {
    const auto copy = disk_.clone(1);
    Process process(*copy);
    {
      auto file = process.files.open(path, io::OpenMode::kCreate);
      require(file.has_value());
      if (whole) require((*file)->truncate(0).has_value());
      require((*file)->write_at(at, bytes).has_value());
    }
    if (!process.open()) return;  // It says why.
    for (const auto& [topic, id] : process.store->queues()) read_queue(process, process.store->queue(topic, id));
    for (const char* key : {"U0", "U7", "U39"}) {
      const auto found = process.store->find_by_key({.topic = "Simple", .key = key});
      if (!found) continue;
      for (const auto& record : found->records) check(record, "Simple", -1);
    }
  }

  static void read_queue(Process& process, store::ConsumeQueue& queue) {
    static_cast<void>(process.store->offset_by_time(queue, 1, false));
    static_cast<void>(process.store->offset_by_time(queue, INT64_MAX, true));
    store::ReadRequest request;
    request.offset = queue.min_offset();
    for (int reads = 0; reads < 1'000 && request.offset < queue.max_offset(); ++reads) {
      const std::int64_t asked = request.offset.value();
      request.max_messages = 1;
      store::ReadResult result = process.store->read(queue, request);
      if (result.status == store::ReadStatus::kFound) {
        std::vector<std::byte> bytes;
        std::array<ByteView, 8> pieces;
        const std::size_t count = result.records.peek(pieces);
        for (std::size_t i = 0; i < count; ++i) bytes.insert(bytes.end(), pieces[i].begin(), pieces[i].end());
        check(bytes, queue.topic(), asked);
      }
      request.offset = std::max(result.next_offset, QueueOffset(asked + 1));
    }
  }

  static void check(const std::vector<std::byte>& bytes, std::string_view topic, std::int64_t offset) {
    const auto record = message::decode_record(bytes);
    require(record.has_value() && message::body_crc_matches(*record) && record->topic == topic);
    require(offset < 0 ||
            (record->queue_offset <= offset && offset < record->queue_offset + message::message_count(*record)));
  }

  sim::SimDisk disk_{1};
};

}  // namespace ogive::fuzz
