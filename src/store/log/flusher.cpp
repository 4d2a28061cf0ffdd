#include "store/log/flusher.h"

#include <fmt/core.h>

namespace ogive::store {

Flusher::Flusher(io::Executor& executor, SegmentList& segments, const Watermark& appended, Watermark& flushed,
                 Milliseconds interval, Hooks hooks)
    : executor_(executor),
      segments_(segments),
      appended_(appended),
      flushed_(flushed),
      interval_(interval),
      hooks_(std::move(hooks)) {}

void Flusher::request() {
  if (requested_.exchange(true)) return;
  executor_.post(gate_.guard([this] {
    requested_.store(false);  // Before the snapshot: what is asked from now on may not be covered by it.
    static_cast<void>(flush_now());
  }));
}

void Flusher::arm_interval() {
  if (interval_armed_.exchange(true)) return;
  // Timers are made on their own thread; the second task runs when the interval is over. Nothing is armed while clean.
  executor_.post(gate_.guard([this] {
    executor_.run_after(interval_, gate_.guard([this] {
      interval_armed_.store(false);
      if (appended_.value() > flushed_.value()) static_cast<void>(flush_now());
    }));
  }));
}

Status Flusher::flush_now() {
  const std::lock_guard lock(sync_mutex_);
  if (failed_.load()) return fail(Errc::kIo, "an earlier flush of the commit log failed");
  const std::int64_t target = appended_.value().value();
  std::int64_t from = flushed_.value().value();
  const std::int64_t started_ns = executor_.clock().monotonic_ns();
  while (from < target) {
    const auto segment = segments_.find(from);
    if (segment == nullptr) {  // Removed by retention: old enough not to matter.
      from = segments_.begin_of(from) + segments_.segment_bytes();
      continue;
    }
    if (Status status = segment->file->sync_data(); !status) {
      failed_.store(true);
      Error error(
          Errc::kIo,
          fmt::format(
              "flushing the commit log file {}/{} failed: {}; what was not flushed may be lost, the store takes "
              "no more messages until restarted on a sound disk",
              segments_.directory(), segment_name(segment->begin), status.error().message()),
          status.error().os_error());
      hooks_.on_failure(error);
      return fail(std::move(error));
    }
    from = segment->end;
  }
  // Failed by somebody else meanwhile: whose pages the device has lost is not known.
  if (failed_.load()) return fail(Errc::kIo, "the commit log failed while it was flushed");
  if (target > flushed_.value().value()) {
    last_sync_ns_.store(executor_.clock().monotonic_ns() - started_ns, std::memory_order_relaxed);
    syncs_.fetch_add(1, std::memory_order_relaxed);
  }
  hooks_.on_flushed(PhysicalOffset(target));
  flushed_.advance(PhysicalOffset(target));
  return {};
}

}  // namespace ogive::store
