#pragma once
// A master's and a slave's replication on simulated nodes, with a writer on the master. Test support.

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "message/record.h"
#include "message/sys_flag.h"
#include "replication/master_link.h"
#include "replication/master_port.h"
#include "store/message_store.h"
#include "store/queue/consume_queue.h"
#include "testing/sim_node.h"
#include "testing/sim_world.h"

namespace ogive::replication {

inline constexpr std::uint16_t kHaPort = 10'912;
inline constexpr std::uint64_t kTestSegment = 256 << 10;

inline std::unique_ptr<store::MessageStore> open_store(sim::SimNode& node, bool replica) {
  store::StoreOptions options;
  options.root = "/store";
  options.segment_bytes = kTestSegment;
  options.prewrite_bytes = 64 << 10;
  options.tail_cache_bytes = 2 << 20;
  options.consume_queue_file_bytes = 2'000;
  options.flush_interval = Milliseconds(20);
  options.checkpoint_interval = Milliseconds(200);
  options.replica = replica;
  options.batch_queue_file_bytes = 46 * 50;
  options.is_batch_topic = [](std::string_view topic) { return topic == "Batch"; };
  EXPECT_TRUE(node.files().create_directories(options.root + "/commitlog"));
  for (const char* parent : {"/", "/store"}) EXPECT_TRUE(node.files().sync_directory(parent));
  auto store = store::MessageStore::open({node.files(), node.clock(), node.flusher(), node.background()}, options);
  EXPECT_TRUE(store) << (store ? "" : store.error().message());
  return store ? std::move(*store) : nullptr;
}

/// What a master told a producer: the message at this place is safe.
struct Acknowledged {
  std::int64_t offset = 0;
  std::string body;
};

/// Appends messages of random sizes to random queues of a store, now and then, and notes which are acknowledged.
class TestWriter final : private store::AppendListener {
 public:
  TestWriter(sim::SimNode& node, store::MessageStore& store, bool wait_for_slaves,
             std::vector<Acknowledged>& acknowledged)
      : node_(node), store_(store), wait_(wait_for_slaves), acknowledged_(acknowledged) {}

  void start(Milliseconds period) {
    period_ = period;
    node_.reactor().run_after(Milliseconds(1), [this] { turn(); });
  }
  void stop() { stopped_ = true; }
  /// From now on also records of every form: compressed ones, halves of transactions and their ends, inner batches.
  void write_all_forms() { all_forms_ = true; }
  /// From now on all records have the same size, so that another life's records begin at the same places.
  void write_same_size() { same_size_ = true; }
  /// One batch, whether stopped or not. On the node.
  void append_once() { append(); }

 private:
  static constexpr std::size_t kSameSize = 100;
  struct Batch final : store::AppendBatch {
    std::vector<std::string> bodies;
  };

  void turn() {
    if (stopped_) return;
    append();
    node_.reactor().run_after(
        Milliseconds(1 + static_cast<std::int64_t>(node_.random().below(static_cast<std::uint64_t>(period_.count())))),
        [this] { turn(); });
  }

  void append() {
    auto batch = std::make_unique<Batch>();
    for (std::uint64_t i = 0, count = 1 + node_.random().below(4); i < count; ++i) {
      message::RecordFields fields;
      const std::uint64_t form = all_forms_ ? node_.random().below(8) : 0;
      const std::string topic = form == 7 ? "Batch" : "T" + std::to_string(node_.random().below(3));
      std::string body = std::to_string(node_.starts()) + "/" + std::to_string(++number_) + "/";
      const std::uint64_t more = node_.random().below(node_.random().below(8) == 0 ? 20'000 : 600);
      body.append(same_size_ ? kSameSize - body.size() : more, 'b');
      fields.topic = topic;
      fields.body = as_bytes(body);
      const std::string properties =
          form == 7 ? "INNER_NUM\1" + std::to_string(1 + node_.random().below(5)) + "\2" : std::string();
      fields.properties = properties;
      constexpr std::int32_t kFlags[] = {0, 0, 0, 1, 4, 8, 12, message::kNeedUnwrap | message::kInnerBatch};
      fields.sys_flag = kFlags[form];
      const message::RecordTail tail{.inner_base = form == 7, .property_crc = false};
      auto* out = batch->add(store_.queue(topic, QueueId(0)), message::encoded_size(fields, tail), 0);
      message::encode_record(fields, out, tail);
      auto& entry = batch->back();
      entry.tail = tail;
      entry.queue_count = static_cast<std::uint16_t>(message::message_count(fields.sys_flag, properties));
      entry.takes_queue_offset = message::takes_queue_offset(fields.sys_flag);
      batch->bodies.push_back(std::move(body));
    }
    store_.submit(std::move(batch), node_.reactor(), *this);
  }

  void on_appended(std::unique_ptr<store::AppendBatch> returned, Status status) override {
    if (!status) return;
    std::shared_ptr<Batch> batch(static_cast<Batch*>(returned.release()));
    const auto note = [this, batch] {
      for (std::size_t i = 0; i < batch->bodies.size(); ++i) {
        acknowledged_.push_back({batch->entries()[i].physical_offset.value(), batch->bodies[i]});
      }
    };
    if (!wait_) return note();
    store_.replicated().wait(batch->end, node_.reactor(), [note](Status replicated) {
      if (replicated) note();
    });
  }

  sim::SimNode& node_;
  store::MessageStore& store_;
  const bool wait_;
  std::vector<Acknowledged>& acknowledged_;
  Milliseconds period_{3};
  std::uint64_t number_ = 0;
  bool stopped_ = false;
  bool all_forms_ = false;
  bool same_size_ = false;
};

/// Times a hundred times shorter than usual, so that little virtual time does.
inline MasterOptions fast_master() {
  MasterOptions options;
  options.session.heartbeat = Milliseconds(100);
  options.session.silence = Milliseconds(400);
  options.session.window_bytes = 128 << 10;
  options.session.piece_bytes = 16 << 10;
  return options;
}
inline SlaveOptions fast_slave() {
  SlaveOptions options;
  options.heartbeat = Milliseconds(100);
  options.silence = Milliseconds(400);
  options.reconnect = Milliseconds(50);
  return options;
}

struct MasterProcess {
  std::unique_ptr<store::MessageStore> store;
  std::unique_ptr<MasterPort> port;
  std::unique_ptr<TestWriter> writer;
};

struct SlaveProcess {
  std::unique_ptr<store::MessageStore> store;
  std::unique_ptr<MasterLink> link;
};

/// One master, some slaves, a writer.
class Cluster {
 public:
  struct Options {
    bool wait_for_slaves = false;
    unsigned slaves = 1;
    MasterOptions master = fast_master();
    SlaveOptions slave = fast_slave();
  };

  Cluster(std::uint64_t seed, const Options& options) : world_(seed), options_(options) {
    master_node_ = &world_.add_node("master");
    master_node_->run([this](sim::SimNode& node) { return start_master(node); });
    for (unsigned i = 0; i < options.slaves; ++i) {
      sim::SimNode& node = world_.add_node("slave" + std::to_string(i));
      slave_nodes_.push_back(&node);
      slaves_.emplace_back();
      node.run([this, i](sim::SimNode& self) { return start_slave(self, i); });
    }
    world_.run_for(Milliseconds(1));
  }
  ~Cluster() {
    master_node_->kill();
    for (auto* node : slave_nodes_) node->kill();
  }

  sim::SimWorld& world() { return world_; }
  sim::SimNode& master_node() { return *master_node_; }
  sim::SimNode& slave_node(unsigned i = 0) { return *slave_nodes_[i]; }
  /// Null while it is not running.
  MasterProcess* master() { return master_.lock().get(); }
  SlaveProcess* slave(unsigned i = 0) { return slaves_[i].lock().get(); }
  std::vector<Acknowledged>& acknowledged() { return acknowledged_; }
  void write_every(Milliseconds period) { period_ = period; }

  bool caught_up(unsigned i = 0) {
    return master() != nullptr && slave(i) != nullptr && slave(i)->link->following() &&
           slave(i)->store->raw_log().end() == master()->store->raw_log().end();
  }

  static std::vector<std::byte> log_of(store::MessageStore& store, std::int64_t begin) {
    const store::RawLog& log = store.raw_log();
    const std::int64_t end = log.end().value();
    std::vector<std::byte> bytes(static_cast<std::size_t>(std::max<std::int64_t>(0, end - begin)));
    for (std::int64_t at = begin; at < end;) {
      const std::int64_t stop = std::min(end, at - at % log.segment_bytes() + log.segment_bytes());
      EXPECT_TRUE(log.read(PhysicalOffset(at), std::span(bytes).subspan(static_cast<std::size_t>(at - begin),
                                                                        static_cast<std::size_t>(stop - at))));
      at = stop;
    }
    return bytes;
  }

  void expect_same_log(unsigned i = 0) {
    store::MessageStore& ours = *slave(i)->store;
    store::MessageStore& theirs = *master()->store;
    const std::int64_t begin = ours.raw_log().begin().value();
    EXPECT_TRUE(log_of(ours, begin) == log_of(theirs, begin)) << "the logs differ";
    for (const auto& [topic, id] : theirs.queues()) {
      store::ConsumeQueue* queue = ours.find_queue(topic, id);
      ASSERT_NE(queue, nullptr) << topic;
      EXPECT_EQ(queue->max_offset(), theirs.find_queue(topic, id)->max_offset()) << topic;
    }
  }

  /// Every acknowledged message is in `store`, at its place.
  static void expect_has(store::MessageStore& store, const std::vector<Acknowledged>& messages) {
    for (const Acknowledged& message : messages) {
      auto bytes = store.read_record(PhysicalOffset(message.offset));
      ASSERT_TRUE(bytes) << "message " << message.body.substr(0, 20) << " at " << message.offset << " is lost";
      auto record = message::decode_record(*bytes);
      ASSERT_TRUE(record);
      ASSERT_EQ(as_chars(record->body), message.body);
    }
  }

 private:
  std::shared_ptr<void> start_master(sim::SimNode& node) {
    auto process = std::make_shared<MasterProcess>();
    process->store = open_store(node, false);
    process->port = std::make_unique<MasterPort>(
        MasterEnvironment{node.network(), node.reactor(), node.tasks(), *process->store}, options_.master);
    EXPECT_TRUE(process->port->listen(*io::Endpoint::parse("0.0.0.0:10912")));
    process->writer = std::make_unique<TestWriter>(node, *process->store, options_.wait_for_slaves, acknowledged_);
    if (period_.count() > 0) process->writer->start(period_);
    master_ = process;
    return process;
  }

  std::shared_ptr<void> start_slave(sim::SimNode& node, unsigned i) {
    auto process = std::make_shared<SlaveProcess>();
    process->store = open_store(node, true);
    process->link = std::make_unique<MasterLink>(
        SlaveEnvironment{node.network(), node.reactor(), node.tasks(), *process->store}, options_.slave);
    process->link->set_master(master_node_->endpoint(kHaPort).to_string());
    slaves_[i] = process;
    return process;
  }

  sim::SimWorld world_;
  const Options options_;
  sim::SimNode* master_node_ = nullptr;
  std::vector<sim::SimNode*> slave_nodes_;
  std::weak_ptr<MasterProcess> master_;  ///< Owned by the node's process.
  std::vector<std::weak_ptr<SlaveProcess>> slaves_;
  std::vector<Acknowledged> acknowledged_;
  Milliseconds period_{3};
};

}  // namespace ogive::replication
