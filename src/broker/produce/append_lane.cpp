#include "broker/produce/append_lane.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "message/record_tail.h"
#include "message/sys_flag.h"
#include "store/queue/consume_queue.h"

namespace ogive::broker {
namespace {

constexpr std::size_t kFreeBatches = 4;
// Syncs' time for which more messages are gathered at most.
constexpr std::int64_t kGatherSyncs = 2;

}  // namespace

AppendLane::AppendLane(store::MessageStore& store, io::Executor& executor, const Options& options)
    : store_(store), executor_(executor), options_(options), property_crc_(store.appends_property_crc()) {}

AppendLane::~AppendLane() {
  *alive_ = false;
  if (used_) executor_.disarm(*this);
  for (auto& batch : awaiting_) {
    for (const io::TimerId timer : batch->timers) executor_.cancel(timer);
  }
}

Status AppendLane::admit() const {
  if (awaiting_bytes_ <= options_.max_awaiting_bytes) return {};
  return fail(Errc::kLimit, fmt::format("{} MiB of messages wait for the device or for slaves (limit {} MiB); retry",
                                        awaiting_bytes_ >> 20, options_.max_awaiting_bytes >> 20));
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
  if (batch.bytes() >= options_.max_batch_bytes) {
    submit();
    if (options_.after_early_submit) options_.after_early_submit();
  }
  request_first_entry_ = static_cast<std::uint32_t>(open_batch().entries().size());
  used_ = true;
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

void AppendLane::add_series(store::ConsumeQueue& queue, const message::RecordFields& fields,
                            std::span<const Part> parts) {
  if (property_crc_) [[unlikely]] {
    message::RecordFields each = fields;
    for (const Part& part : parts) {
      each.flag = part.flag;
      each.body = part.body;
      each.properties = part.properties;
      add(queue, each, part.tags_code);
    }
    return;
  }
  const message::RecordSeries series(fields);
  for (const Part& part : parts) {
    std::byte* const place = open_->add(queue, series.size(part.body, part.properties), part.tags_code);
    series.encode(part.flag, part.body, part.properties, place);
  }
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
}

void AppendLane::on_turn_end() {
  if (open_ && !open_->empty()) submit();
}

void AppendLane::submit() {
  store_.submit(std::move(open_), executor_, *this);
}

void AppendLane::on_appended(std::unique_ptr<store::AppendBatch> returned, Status status) {
  std::unique_ptr<Batch> batch(static_cast<Batch*>(returned.release()));
  batch->untold = batch->waiters.size();
  Told told;
  for (Waiter& waiter : batch->waiters) {
    if (!status) {
      waiter.kind = AppendOutcome::Kind::kFailed;
      tell(*batch, waiter, &status.error(), told);
      continue;
    }
    if (waiter.needs.replicated) settle_replicas(waiter);
    if (waiter.needs_nothing()) {
      tell(*batch, waiter, nullptr, told);
    } else {
      batch->any.flushed |= waiter.needs.flushed;
      batch->any.replicated |= waiter.needs.replicated;
    }
  }
  count(*batch, told);
  if (batch->untold == 0) {
    recycle(std::move(batch));
  } else {
    await(std::move(batch));
  }
}

void AppendLane::settle_replicas(Waiter& waiter) const {
  const auto* replicas = options_.replicas;
  if (replicas != nullptr && replicas->available()) {
    waiter.needs.replicated = replicas->needed() > 0;
  } else {
    waiter.needs.replicated = false;
    waiter.kind = AppendOutcome::Kind::kNoReplica;
  }
}

void AppendLane::await(std::unique_ptr<Batch> waiting) {
  Batch& batch = *waiting;
  batch.id = ++last_id_;
  awaiting_bytes_ += batch.bytes();
  awaiting_.push_back(std::move(waiting));
  for (std::size_t i = 0; i < std::size(kMarks); ++i) {
    if (batch.any.*kMarks[i].level) await_mark(batch, i);
  }
}

void AppendLane::await_mark(Batch& batch, std::size_t index) {
  const bool device = kMarks[index].level == &AppendLevel::flushed;
  const Milliseconds timeout = device ? options_.flush_timeout : options_.replica_timeout;
  batch.timers[index] =
      executor_.run_after(timeout, [this, id = batch.id, index] { on_mark(id, index, kMarks[index].late, nullptr); });
  store::Watermark& mark = device ? store_.flushed() : store_.replicated();
  mark.wait(batch.end, executor_, [this, alive = alive_, id = batch.id, index](Status status) {
    if (!*alive) return;
    on_mark(id, index, status ? AppendOutcome::Kind::kOk : AppendOutcome::Kind::kFailed,
            status ? nullptr : &status.error());
  });
  if (device) want_flush();
}

// One sync costs the processor as much as several messages, however many it covers. While every turn brings more of
// them it pays to let them in, but not for long beside what the sync itself makes everybody wait.
void AppendLane::want_flush() {
  if (!flush_wanted_) {
    flush_wanted_ = true;
    flush_wanted_since_ns_ = executor_.clock().monotonic_ns();
    look_for_more();
  } else if (gathered_enough()) {
    ask_for_flush();
  }
}

void AppendLane::look_for_more() {
  if (std::exchange(looking_for_more_, true)) return;
  executor_.post([this, alive = alive_] {
    if (!*alive) return;
    // Within the next turn, behind what arrived with it.
    looking_for_more_ = false;
    if (!flush_wanted_) return;
    if (open_ && !open_->empty() && !gathered_enough()) return look_for_more();
    ask_for_flush();
  });
}

bool AppendLane::gathered_enough() const {
  return executor_.clock().monotonic_ns() - flush_wanted_since_ns_ >= kGatherSyncs * store_.syncs().last_ns;
}

void AppendLane::ask_for_flush() {
  flush_wanted_ = false;
  store_.request_flush();
}

std::vector<std::unique_ptr<AppendLane::Batch>>::iterator AppendLane::find_waiting(std::uint64_t id) {
  const auto found = std::ranges::lower_bound(awaiting_, id, {}, [](const auto& batch) { return batch->id; });
  return found != awaiting_.end() && (*found)->id == id ? found : awaiting_.end();
}

void AppendLane::on_mark(std::uint64_t id, std::size_t index, AppendOutcome::Kind kind, const Error* error) {
  const auto found = find_waiting(id);
  if (found == awaiting_.end()) return;
  Batch& batch = **found;
  executor_.cancel(batch.timers[index]);
  Told told;
  for (Waiter& waiter : batch.waiters) {
    if (waiter.observer == nullptr || !(waiter.needs.*kMarks[index].level)) continue;
    waiter.needs.*kMarks[index].level = false;
    waiter.kind = std::max(waiter.kind, kind);
    if (error != nullptr || waiter.needs_nothing()) tell(batch, waiter, error, told);
  }
  count(batch, told);
  if (batch.untold != 0) return;
  // All are told: the batch is not kept for a mark that may never come.
  for (const io::TimerId timer : batch.timers) executor_.cancel(timer);
  const auto place = find_waiting(id);  // Those who were told may have appended.
  std::unique_ptr<Batch> ended = std::move(*place);
  awaiting_.erase(place);
  awaiting_bytes_ -= ended->bytes();
  recycle(std::move(ended));
}

void AppendLane::tell(Batch& batch, Waiter& waiter, const Error* error, Told& told) {
  AppendOutcome outcome;
  outcome.kind = waiter.kind;
  outcome.error = error;
  outcome.store_timestamp_ms = batch.store_timestamp_ms;
  const auto entries =
      std::span<const store::AppendBatch::Entry>(batch.entries()).subspan(waiter.first_entry, waiter.entry_count);
  ++told.requests;
  if (waiter.kind == AppendOutcome::Kind::kFailed) {
    ++told.failures;
  } else {
    outcome.entries = entries;
    for (const auto& entry : entries) {
      told.messages += entry.queue_count;
      told.bytes += entry.size;
    }
  }
  --batch.untold;
  std::exchange(waiter.observer, nullptr)->on_append_done(waiter.ticket, outcome);
}

void AppendLane::count(const Batch& batch, const Told& told) {
  if (told.requests == 0) return;
  if (told.failures != 0) counters_.failures.add(told.failures);
  if (told.messages == 0) return;
  counters_.messages.add(told.messages);
  counters_.bytes.add(told.bytes);
  counters_.latency.add((executor_.clock().monotonic_ns() - batch.opened_ns) / 1'000'000, told.messages);
}

void AppendLane::recycle(std::unique_ptr<Batch> batch) {
  if (free_.size() >= kFreeBatches) return;
  batch->clear();
  batch->waiters.clear();
  batch->any = {};
  batch->untold = 0;
  for (io::TimerId& timer : batch->timers) timer = io::TimerId();
  free_.push_back(std::move(batch));
}

}  // namespace ogive::broker
