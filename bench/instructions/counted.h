#pragma once
// Instructions that count: what runs inside of a Counted while the program runs under callgrind.

#include <stdlib.h>
#include <valgrind/callgrind.h>

namespace ogive::bench {

/// By switching collection, which is fast but tells nothing of functions; with OGIVE_COUNT_PROFILE in the environment
/// by switching instrumentation, which makes callgrind translate everything anew each time.
class Counted {
 public:
  Counted() {
    if (profiles()) {
      CALLGRIND_START_INSTRUMENTATION;
    } else {
      CALLGRIND_TOGGLE_COLLECT;
    }
  }
  ~Counted() {
    if (profiles()) {
      CALLGRIND_STOP_INSTRUMENTATION;
    } else {
      CALLGRIND_TOGGLE_COLLECT;
    }
  }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

 private:
  static bool profiles() {
    static const bool value = ::getenv("OGIVE_COUNT_PROFILE") != nullptr;
    return value;
  }
};

}  // namespace ogive::bench
