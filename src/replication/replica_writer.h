#pragma once
// A slave's way from a master's bytes into its own log.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/error.h"
#include "io/executor.h"
#include "store/message_store.h"
#include "store/raw_log.h"

namespace ogive::replication {

/// Takes bytes in order, appends whole records, keeps what is not whole yet. One executor's thread only. What cannot be
/// taken at once (the log's next file is not ready, the disk is full, a topic is not known yet) is tried again;
/// meanwhile busy() asks the caller to read no more.
class ReplicaWriter final : private store::AppendListener {
 public:
  struct Callbacks {
    std::function<void()> on_appended;                                           ///< The log has grown.
    std::function<void()> on_ready;                                              ///< busy() is over.
    std::function<void(std::span<const store::AppendBatch::Entry>)> on_records;  ///< They are about to be appended.
    std::function<void(const Error&)>
        on_failed;                    ///< Nothing more can be taken: kCorrupt bytes, or the store's failure.
    store::KnowsTopic knows_topic{};  ///< Who says no calls resume() later; none: all are known.
  };

  ReplicaWriter(store::MessageStore& store, io::Executor& executor, Callbacks callbacks);
  ~ReplicaWriter() override;

  /// Begins at the log's end, forgetting bytes that were no whole record. Not while busy().
  void start();
  /// Bytes that follow those added before.
  void add(ByteView bytes);
  /// Appends what is whole.
  void flush();
  /// Runs `work` when nothing is on its way into the log, at once if that is so now.
  void between_appends(std::function<void()> work);
  /// Takes nothing more until start(): the connection is over, and what it brought comes again.
  void drop();
  /// Somebody speaks of topics: one that is waited for may be known now, and the next one is worth waiting for.
  void resume();
  bool busy() const { return stalled() || held_; }
  /// The store does not take what it was given yet: no time to start().
  bool stalled() const { return stalled_ != nullptr; }
  /// Behind the last byte added.
  PhysicalOffset position() const { return filling_->bytes_end(); }

 private:
  static constexpr std::size_t kFree = 4;
  static constexpr std::size_t kMaxUnfinished = 96u << 20;  ///< A record and a blank are smaller.

  void on_appended(std::unique_ptr<store::AppendBatch> batch, Status status) override;
  void submit(std::unique_ptr<store::ReplicaBatch> batch);
  bool idle() const { return in_flight_ == 0 && !stalled(); }
  void hold();
  void release();
  void go_on();
  void run_waiting();
  void retry_after(Milliseconds delay);
  std::unique_ptr<store::ReplicaBatch> take_batch();
  void fail(const Error& error);

  store::MessageStore& store_;
  io::Executor& executor_;
  Callbacks callbacks_;
  std::unique_ptr<store::ReplicaBatch> filling_;
  std::unique_ptr<store::ReplicaBatch> stalled_;  ///< Refused for now.
  store::ConsumeQueue* realign_ = nullptr;        ///< Must be realigned before filling_ can go on.
  QueueOffset realign_at_;
  std::size_t in_flight_ = 0;
  bool failed_ = false;         ///< Or dropped.
  bool held_ = false;           ///< The next record's topic is not known.
  bool nobody_speaks_ = false;  ///< A topic was waited for in vain: what comes is taken as it is, until resume().
  io::TimerId timer_;
  io::TimerId patience_;
  std::vector<std::unique_ptr<store::ReplicaBatch>> free_;
  std::vector<std::function<void()>> waiting_;  ///< For nothing to be on its way.
};

}  // namespace ogive::replication
