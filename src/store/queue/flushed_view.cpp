#include "store/queue/flushed_view.h"

#include <fmt/core.h>

namespace ogive::store {

void FlushedView::seal() {
  const std::lock_guard lock(mutex_);
  waiting_.insert(waiting_.end(), noted_.begin(), noted_.end());
  noted_.clear();
}

void FlushedView::show(std::int64_t flushed) {
  std::vector<Waiting> ready;
  {
    const std::lock_guard lock(mutex_);
    while (!waiting_.empty() && waiting_.front().record_end <= flushed) {
      ready.push_back(waiting_.front());
      waiting_.pop_front();
    }
  }
  for (const Waiting& item : ready) {
    const auto lock = item.queue->lock();
    item.queue->show(lock, item.ends, item.record_end);
  }
  // All of them are visible before anybody is woken: whoever reads then finds every queue at the same mark.
  if (!shown_) return;
  for (const Waiting& item : ready) {
    if (item.queue->parked_polls.load(std::memory_order_seq_cst) != 0) shown_(*item.queue);
  }
}

Status FlushedView::admit() const {
  const std::lock_guard lock(mutex_);
  if (waiting_.size() <= kMaxWaiting) return {};
  return fail(Errc::kLimit, fmt::format("{} entries wait for the device to sync before consumers may see them "
                                        "(readFlushedOnly); retry",
                                        waiting_.size()));
}

}  // namespace ogive::store
