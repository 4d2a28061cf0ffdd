#pragma once
// Bisection over the entries of a queue, some of which stand for no message.

#include <algorithm>
#include <cstdint>
#include <utility>

#include "base/error.h"

namespace ogive::store {

/// The first place in [low, high) whose entry is no filler and fulfils `reached`, which holds from some such entry on;
/// `high` when there is none. Fillers (in front of a queue's first message, and in the place of messages that the log
/// has lost) say nothing about the order: where one is met, the entry behind it is asked. `entry_at(place)` gives the
/// Result of an entry, `behind_fillers(place)` that of the first place behind the filler at `place` that has none (or
/// of one on the way there): they may be millions.
template <class EntryAt, class BehindFillers, class Reached>
Result<std::int64_t> first_reached(std::int64_t low, std::int64_t high, EntryAt&& entry_at,
                                   BehindFillers&& behind_fillers, Reached&& reached) {
  std::int64_t found = high;
  std::int64_t fillers_begin = 0, fillers_end = 0;  // Those met last: no second look at them.
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    std::int64_t at = middle;
    bool is_reached = true;  // Nothing but fillers from there on: it lies before them.
    while (at < high) {
      if (at >= fillers_begin && at < fillers_end) {
        at = fillers_end;
        continue;
      }
      auto entry = entry_at(at);
      if (!entry) return fail(std::move(entry).error());
      if (!entry->is_filler()) {
        is_reached = reached(*entry);
        if (is_reached) found = at;
        break;
      }
      auto behind = behind_fillers(at);
      if (!behind) return fail(std::move(behind).error());
      at = std::min(*behind, high);
    }
    if (at > middle) {
      fillers_begin = middle;
      fillers_end = at;
    }
    if (is_reached) {
      high = middle;
    } else {
      low = at + 1;
    }
  }
  return found;
}

}  // namespace ogive::store
