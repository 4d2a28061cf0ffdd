#pragma once
// Threads for work that may block: cold reads, metadata saves, scans. Reactors hand such work over and go on.

#include "base/error.h"
#include "io/executor.h"

namespace ogive::io {

/// A bounded queue drained by several threads (in the simulated world: by events). Thread-safe.
class TaskPool {
 public:
  virtual ~TaskPool() = default;
  /// Queues `task`; kLimit when the queue is full: the caller answers "busy" and nothing is kept.
  virtual Status post(Task task) = 0;
};

}  // namespace ogive::io
