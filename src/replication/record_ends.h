#pragma once
// Where records end in what a slave is sent.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

namespace ogive::replication {

/// A slave's report may lie anywhere, in the middle of a record too (slaves of the original append whatever bytes
/// came). What it says counts up to the last place we know to be a record's end. The log ends there whenever we look:
/// batches are appended whole. One thread.
class RecordEnds {
 public:
  static constexpr std::size_t kMost = 1'024;  ///< Remembered; then every second is forgotten.

  /// The log ends here now.
  void note(std::int64_t end) {
    if (!ends_.empty() && end <= ends_.back()) return;
    if (ends_.size() == kMost) thin_out();
    ends_.push_back(end);
  }
  /// The last known end that is not behind `offset`; what lies before it is forgotten, it itself is not.
  std::optional<std::int64_t> at_or_before(std::int64_t offset) {
    while (ends_.size() > 1 && ends_[1] <= offset) ends_.pop_front();
    if (ends_.empty() || ends_.front() > offset) return std::nullopt;
    return ends_.front();
  }

 private:
  // A report between two that are left counts for the earlier one: later, never wrong.
  void thin_out() {
    std::deque<std::int64_t> kept;
    for (std::size_t i = 0; i < ends_.size(); i += 2) kept.push_back(ends_[i]);
    ends_ = std::move(kept);
  }
  std::deque<std::int64_t> ends_;  ///< Ascending.
};

}  // namespace ogive::replication
