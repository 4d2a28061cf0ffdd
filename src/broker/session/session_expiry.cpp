#include "broker/session/session_expiry.h"

namespace ogive::broker {

SessionExpiry::SessionExpiry(io::Executor& executor, ConsumerRegistry& consumers, ProducerRegistry& producers,
                             CloseChannel close)
    : executor_(executor), consumers_(consumers), producers_(producers), close_(std::move(close)) {}

SessionExpiry::~SessionExpiry() {
  *alive_ = false;
  if (executor_.on_own_thread()) executor_.cancel(timer_);
}

void SessionExpiry::wake() {
  if (awake_.load(std::memory_order_relaxed) || awake_.exchange(true)) return;
  executor_.post([this, alive = alive_] {
    if (!*alive) return;
    timer_ = executor_.run_after(kScanInterval, [this, alive] {
      if (*alive) scan();
    });
  });
}

void SessionExpiry::scan() {
  timer_ = {};
  for (const auto channel : consumers_.remove_expired()) close_(channel);
  for (const auto channel : producers_.remove_expired()) close_(channel);
  // Cleared before looking: a client that registers in between wakes us again.
  awake_.store(false);
  if (consumers_.session_count() + producers_.session_count() > 0) wake();
}

}  // namespace ogive::broker
