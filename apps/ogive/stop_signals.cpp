#include "stop_signals.h"

#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <thread>

namespace ogive {
namespace {

constexpr int kStoppedTwice = 1;
constexpr int kEndedBySignal = 128;  // Plus the signal's number: what a shell shows for a process that died of it.

}  // namespace

struct StopSignals::State {
  std::atomic<bool> serving{false};
  std::promise<int> first;
};

StopSignals::StopSignals() : state_(std::make_shared<State>()) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  std::thread([state = state_, signals] {
    int number = 0;
    sigwait(&signals, &number);
    if (!state->serving.load()) ::_exit(kEndedBySignal + number);
    state->first.set_value(number);
    sigwait(&signals, &number);
    ::_exit(kStoppedTwice);
  }).detach();
}

int StopSignals::wait() {
  state_->serving.store(true);
  return state_->first.get_future().get();
}

}  // namespace ogive
