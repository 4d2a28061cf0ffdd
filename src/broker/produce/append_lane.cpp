#include "broker/produce/append_lane.h"

#include <fmt/core.h>

#include "message/record_tail.h"
#include "message/sys_flag.h"
#include "store/queue/consume_queue.h"

namespace ogive::broker {
namespace {

constexpr std::size_t kFreeBatches = 4;

}  // namespace

AppendLane::AppendLane(store::MessageStore& store, io::Executor& executor, const Options& options)
    : store_(store), executor_(executor), options_(options), property_crc_(store.appends_property_crc()) {}

AppendLane::~AppendLane() {
  *alive_ = false;
  executor_.disarm(*this);
  for (auto& batch : awaiting_flush_) executor_.cancel(batch->timer);
}

Status AppendLane::admit() const {
  if (awaiting_flush_bytes_ <= options_.max_awaiting_flush_bytes) return {};
  return fail(Errc::kLimit, fmt::format("{} MiB of messages wait for the device to sync (limit {} MiB); retry",
                                        awaiting_flush_bytes_ >> 20, options_.max_awaiting_flush_bytes >> 20));
}

AppendLane::Batch& AppendLane::open_batch() {
  if (!open_) {
    if (free_.empty()) {
      open_ = std::make_unique<Batch>();
    } else {
      open_ = std::move(free_.back());
      free_.pop_back();
    }
    open_->opened_ns = executor_.clock().monotonic_ns();
  }
  return *open_;
}

void AppendLane::begin() {
  Batch& batch = open_batch();
  if (batch.bytes() >= options_.max_batch_bytes) submit();
  request_first_entry_ = static_cast<std::uint32_t>(open_batch().entries().size());
  executor_.at_turn_end(*this, io::TurnPhase::kCommit);
}

store::AppendBatch::Entry& AppendLane::add(store::ConsumeQueue& queue, const message::RecordFields& fields,
                                           std::int64_t tags_code) {
  const bool inner = (fields.sys_flag & message::kInnerBatch) != 0 && queue.kind() == store::QueueKind::kBatch;
  if (inner || property_crc_) [[unlikely]]
    return add_with_tail(queue, fields, tags_code, {.inner_base = inner, .property_crc = property_crc_});
  message::encode_record(fields, open_->add(queue, message::encoded_size(fields), tags_code));
  return open_->back();
}

store::AppendBatch::Entry& AppendLane::add_with_tail(store::ConsumeQueue& queue, message::RecordFields fields,
                                                     std::int64_t tags_code, message::RecordTail tail) {
  properties_.assign(fields.properties);
  properties_ += fields.properties_tail;
  if (message::remove_tail_properties(tail, properties_)) {
    fields.properties = properties_;
    fields.properties_tail = {};
  }
  message::encode_record(fields, open_->add(queue, message::encoded_size(fields, tail), tags_code), tail);
  open_->back().tail = tail;
  if (tail.inner_base) {
    open_->back().queue_count = static_cast<std::uint16_t>(message::message_count(fields.sys_flag, properties_));
  }
  return open_->back();
}

void AppendLane::commit(AppendLevel level, AppendObserver& observer, std::uint64_t ticket) {
  const auto count = static_cast<std::uint32_t>(open_->entries().size()) - request_first_entry_;
  open_->waiters.push_back({&observer, ticket, request_first_entry_, count, level});
  if (level == AppendLevel::kFlushed) open_->any_flushed = true;
}

void AppendLane::on_turn_end() {
  if (open_ && !open_->empty()) submit();
}

void AppendLane::submit() {
  store_.submit(std::move(open_), executor_, *this);
}

void AppendLane::on_appended(std::unique_ptr<store::AppendBatch> returned, Status status) {
  std::unique_ptr<Batch> batch(static_cast<Batch*>(returned.release()));
  for (const AppendLevel level : {AppendLevel::kAppended, AppendLevel::kFlushed}) {
    if (!status || level == AppendLevel::kAppended) count(*batch, level, !status);
  }
  if (!status) {
    for (const Waiter& waiter : batch->waiters) tell(*batch, waiter, AppendOutcome::Kind::kFailed, &status.error());
    recycle(std::move(batch));
    return;
  }
  for (const Waiter& waiter : batch->waiters) {
    if (waiter.level == AppendLevel::kAppended) tell(*batch, waiter, AppendOutcome::Kind::kOk, nullptr);
  }
  if (batch->any_flushed) {
    await_flush(std::move(batch));
  } else {
    recycle(std::move(batch));
  }
}

void AppendLane::await_flush(std::unique_ptr<Batch> batch) {
  Batch* raw = batch.get();
  awaiting_flush_bytes_ += raw->bytes();
  raw->timer = executor_.run_after(options_.flush_timeout, [this, raw] {
    raw->timed_out = true;
    for (const Waiter& waiter : raw->waiters) {
      if (waiter.level == AppendLevel::kFlushed) tell(*raw, waiter, AppendOutcome::Kind::kFlushTimeout, nullptr);
    }
  });
  awaiting_flush_.push_back(std::move(batch));
  store_.flushed().wait(raw->end, executor_, [this, alive = alive_, raw](Status status) {
    if (*alive) on_flushed(raw, status);
  });
  store_.request_flush();
}

void AppendLane::on_flushed(Batch* raw, const Status& status) {
  const auto found = std::find_if(awaiting_flush_.begin(), awaiting_flush_.end(),
                                  [raw](const auto& batch) { return batch.get() == raw; });
  std::unique_ptr<Batch> batch = std::move(*found);
  awaiting_flush_.erase(found);
  awaiting_flush_bytes_ -= batch->bytes();
  executor_.cancel(batch->timer);
  count(*batch, AppendLevel::kFlushed, !status);
  if (!batch->timed_out) {
    for (const Waiter& waiter : batch->waiters) {
      if (waiter.level != AppendLevel::kFlushed) continue;
      tell(*batch, waiter, status ? AppendOutcome::Kind::kOk : AppendOutcome::Kind::kFailed,
           status ? nullptr : &status.error());
    }
  }
  recycle(std::move(batch));
}

void AppendLane::count(const Batch& batch, AppendLevel level, bool failed) {
  std::uint64_t requests = 0;
  std::uint64_t messages = 0;
  std::uint64_t bytes = 0;
  for (const Waiter& waiter : batch.waiters) {
    if (waiter.level != level) continue;
    ++requests;
    for (const auto& entry : batch.entries().subspan(waiter.first_entry, waiter.entry_count)) {
      messages += entry.queue_count;
      bytes += entry.size;
    }
  }
  if (requests == 0) return;
  if (failed) return counters_.failures.add(requests);
  counters_.messages.add(messages);
  counters_.bytes.add(bytes);
  counters_.latency.add((executor_.clock().monotonic_ns() - batch.opened_ns) / 1'000'000, messages);
}

void AppendLane::tell(const Batch& batch, const Waiter& waiter, AppendOutcome::Kind kind, const Error* error) {
  AppendOutcome outcome;
  outcome.kind = kind;
  outcome.error = error;
  outcome.store_timestamp_ms = batch.store_timestamp_ms;
  if (kind != AppendOutcome::Kind::kFailed) {
    outcome.entries =
        std::span<const store::AppendBatch::Entry>(batch.entries()).subspan(waiter.first_entry, waiter.entry_count);
  }
  waiter.observer->on_append_done(waiter.ticket, outcome);
}

void AppendLane::recycle(std::unique_ptr<Batch> batch) {
  if (free_.size() >= kFreeBatches) return;
  batch->clear();
  batch->waiters.clear();
  batch->any_flushed = false;
  batch->timed_out = false;
  batch->timer = io::TimerId();
  free_.push_back(std::move(batch));
}

}  // namespace ogive::broker
