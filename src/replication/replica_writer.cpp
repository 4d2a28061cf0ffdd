#include "replication/replica_writer.h"

#include <fmt/core.h>

#include <utility>

#include "base/log.h"

namespace ogive::replication {
namespace {

constexpr Milliseconds kSoon{2};     // The next log file is being made.
constexpr Milliseconds kLater{500};  // A disk is full.
// For a master's word on a topic. Senders to all topics wait for us meanwhile: the log has one order. So it is waited
// for once, not for each topic, while the master says nothing.
constexpr Milliseconds kTopicPatience{1'000};

}  // namespace

ReplicaWriter::ReplicaWriter(store::MessageStore& store, io::Executor& executor, Callbacks callbacks)
    : store_(store), executor_(executor), callbacks_(std::move(callbacks)) {
  start();
}

ReplicaWriter::~ReplicaWriter() {
  if (timer_ != io::TimerId()) executor_.cancel(timer_);
  if (patience_ != io::TimerId()) executor_.cancel(patience_);
}

void ReplicaWriter::start() {
  filling_ = take_batch();
  filling_->start(store_.raw_log().end());
  realign_ = nullptr;
  failed_ = false;
  nobody_speaks_ = false;
  release();
}

std::unique_ptr<store::ReplicaBatch> ReplicaWriter::take_batch() {
  if (free_.empty()) return std::make_unique<store::ReplicaBatch>();
  auto batch = std::move(free_.back());
  free_.pop_back();
  return batch;
}

void ReplicaWriter::add(ByteView bytes) {
  filling_->add(bytes);
}

void ReplicaWriter::flush() {
  while (!busy() && !failed_) {
    if (!waiting_.empty()) {
      if (in_flight_ > 0) return;  // on_appended comes back here.
      run_waiting();
    }
    if (realign_ != nullptr) {
      if (in_flight_ > 0) return;  // on_appended comes back here.
      // Rare: a topic was deleted and made again on the master. Removing the queue's files is worth a moment here.
      if (Status status = store_.raw_log().realign(*realign_, realign_at_); !status) return fail(status.error());
      realign_ = nullptr;
    }
    if (filling_->bytes() == 0) return;
    auto rest = take_batch();
    auto sealed =
        store_.raw_log().seal(*filling_, *rest, nobody_speaks_ ? store::KnowsTopic() : callbacks_.knows_topic);
    if (!sealed) return fail(sealed.error());
    realign_ = sealed->realign;
    realign_at_ = sealed->realign_at;
    std::swap(filling_, rest);
    if (sealed->any) {
      callbacks_.on_records(rest->entries());
      submit(std::move(rest));
    } else if (free_.size() < kFree) {
      free_.push_back(std::move(rest));
    }
    if (sealed->unknown) hold();
    if (realign_ == nullptr) {
      if (!held_ && filling_->bytes() > kMaxUnfinished) {
        fail(Error(Errc::kCorrupt, fmt::format("{} bytes from offset {} on are no whole record", filling_->bytes(),
                                               filling_->begin().value())));
      }
      return;
    }
  }
}

void ReplicaWriter::hold() {
  held_ = true;
  patience_ = executor_.run_after(kTopicPatience, [this] {
    patience_ = io::TimerId();
    OGIVE_LOG(warn, "replication",
              "the master does not say what it knows of a topic that is new in its log at offset {}; until it does, "
              "new topics are taken as the log has them",
              filling_->begin().value());
    nobody_speaks_ = true;
    go_on();
  });
}

void ReplicaWriter::release() {
  held_ = false;
  if (patience_ != io::TimerId()) executor_.cancel(std::exchange(patience_, io::TimerId()));
}

void ReplicaWriter::drop() {
  release();
  failed_ = true;
}

void ReplicaWriter::resume() {
  nobody_speaks_ = false;
  go_on();
}

void ReplicaWriter::go_on() {
  if (!held_) return;
  release();
  flush();
  if (!busy() && !failed_) callbacks_.on_ready();
}

void ReplicaWriter::submit(std::unique_ptr<store::ReplicaBatch> batch) {
  ++in_flight_;
  store_.submit(std::move(batch), executor_, *this);
}

void ReplicaWriter::on_appended(std::unique_ptr<store::AppendBatch> returned, Status status) {
  std::unique_ptr<store::ReplicaBatch> batch(static_cast<store::ReplicaBatch*>(returned.release()));
  --in_flight_;
  if (!status) {
    const Errc code = status.error().code();
    if (code != Errc::kLimit && code != Errc::kNoSpace) return fail(status.error());
    stalled_ = std::move(batch);
    retry_after(code == Errc::kLimit ? kSoon : kLater);
    return;
  }
  if (free_.size() < kFree) free_.push_back(std::move(batch));
  callbacks_.on_appended();
  if (in_flight_ > 0 || (realign_ == nullptr && waiting_.empty())) return;
  run_waiting();  // Also while a topic is waited for: what makes it known may wait for this.
  flush();
}

void ReplicaWriter::between_appends(std::function<void()> work) {
  waiting_.push_back(std::move(work));
  if (idle()) run_waiting();
}

void ReplicaWriter::run_waiting() {
  for (const auto& work : std::exchange(waiting_, {})) work();
}

void ReplicaWriter::retry_after(Milliseconds delay) {
  timer_ = executor_.run_after(delay, [this] {
    timer_ = io::TimerId();
    submit(std::exchange(stalled_, nullptr));
    if (busy() || failed_) return;
    flush();
    if (!busy() && !failed_) callbacks_.on_ready();
  });
}

void ReplicaWriter::fail(const Error& error) {
  failed_ = true;
  callbacks_.on_failed(error);
}

}  // namespace ogive::replication
