#pragma once
// Delivers delayed messages: reads each level's schedule queue and stores what is due under its real topic.

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/strong_int.h"
#include "broker/figures/traffic_shard.h"
#include "broker/identity.h"
#include "broker/produce/append_lane.h"
#include "broker/state/state_file.h"
#include "message/record.h"
#include "store/message_store.h"

namespace ogive::broker {

/// Lives on an executor of its own, which may block (older messages are read from disk). A level sleeps until its first
/// message is due, or, when it is empty, until one arrives. Delivery is at least once: the offsets (delayOffset.json)
/// are saved every ten seconds and at stop(), so a crash delivers the last seconds again.
class DelayService final : private AppendObserver {
 public:
  DelayService(store::MessageStore& store, io::Executor& executor, const BrokerIdentity& identity,
               std::vector<std::int64_t> delay_level_ms, StateFile file, TrafficShard& traffic,
               Milliseconds save_interval = Milliseconds(10'000));
  ~DelayService() override;

  /// Reads the offsets. Before start().
  Status load();
  /// Takes a master's offsets (body of GET_ALL_DELAY_OFFSET). Any thread; only on a slave, which delivers nothing.
  Status take(std::string_view json);
  /// Begins delivering, on the executor.
  void start();
  /// Ends delivering. On the executor; nothing may be delivered afterwards.
  void stop();
  /// Saves the offsets, after stop() and once everything delivered is flushed. Blocking.
  Status save();

  /// A schedule queue has a new message. Any thread.
  void note_arrival(store::ConsumeQueue& queue);

  const AppendCounters& counters() const { return lane_.counters(); }
  const std::vector<std::int64_t>& delay_level_ms() const { return delay_level_ms_; }
  /// Next offset to deliver of `level` (1-based), and the content of delayOffset.json. Any thread.
  std::int64_t offset(std::size_t level) const;
  std::string encode(bool pretty) const;

 private:
  struct Level {
    store::ConsumeQueue* queue = nullptr;
    std::int64_t delay_ms = 0;
    std::atomic<std::int64_t> next{0};
    std::atomic<std::int64_t> durable{0};  ///< As far as what was delivered is flushed: what may be saved.
    std::int64_t delivering_to = 0;        ///< `next` once what is being stored is stored.
    bool delivering = false;
    io::TimerId timer;
    std::atomic<bool> noted{false};  ///< An arrival was posted and not handled yet.
  };

  Status decode(std::string_view json);
  void deliver(std::size_t index);
  /// Stages what is due of `records`; answers in how many ms to look again, 0 = at once, or
  /// kUnreadable when it stopped at a damaged one.
  std::int64_t stage_due(Level& level, std::span<const std::byte> records, std::size_t& staged);
  void skip_unreadable(std::size_t index);
  void stage(const message::RecordView& record);
  void on_append_done(std::uint64_t ticket, const AppendOutcome& outcome) override;
  void sleep(std::size_t index, std::int64_t ms);
  void mark_dirty();
  void save_when_flushed();
  std::string encode(bool pretty, std::atomic<std::int64_t> Level::* offset) const;

  store::MessageStore& store_;
  io::Executor& executor_;
  const BrokerIdentity& identity_;
  const std::vector<std::int64_t> delay_level_ms_;
  AppendLane lane_;
  TrafficShard& traffic_;
  std::vector<std::unique_ptr<Level>> levels_;
  const Milliseconds save_interval_;
  io::TimerId save_timer_;
  bool running_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  ///< Shared with posts that may run after us.
  StateFile file_;                                              ///< Last: its saves use the rest.
};

}  // namespace ogive::broker
