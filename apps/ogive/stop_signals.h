#pragma once

#include <future>
#include <memory>

namespace ogive {

/// SIGTERM and SIGINT of a server process: while it starts a signal ends the process at once (a store that is being
/// recovered may be left at any point), the first one after that asks for an orderly stop, the next one ends the
/// process.
///
/// Make it before the first thread of the process: threads inherit the blocked signals, and a single thread that does
/// not block them (a logger's, say) would receive a signal in our place and end the process without an orderly stop.
/// Its own thread runs until the process ends. Used by the main thread only.
class StopSignals {
 public:
  StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  /// Waits for a signal and returns its number. Call it once, when the server serves.
  int wait();

 private:
  struct State;
  std::shared_ptr<State> state_;  ///< Shared with the thread, which outlives this object.
};

}  // namespace ogive
