// `ogive bench`: threads, signals, options.

#include <fmt/core.h>
#include <pthread.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "bench/bench_options.h"
#include "bench/echo_server.h"
#include "bench/html_report.h"
#include "bench/limits.h"
#include "bench/load_run.h"
#include "bench/progress.h"
#include "bench/relay.h"
#include "bench/report.h"
#include "io/epoll_network.h"
#include "io/epoll_reactor.h"

namespace ogive {
namespace {

using namespace bench;  // NOLINT: this file is that module's entry.

constexpr int kFailed = 1;
constexpr int kUsageError = 2;

int complain(const std::string& text) {
  std::fprintf(stderr, "ogive bench: %s\n", text.c_str());
  return kFailed;
}

/// Runs what `open` makes on a reactor until SIGTERM.
template <class Open>
int serve(const char* what, const Open& open) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  io::EpollNetwork network;
  io::EpollReactor reactor(what);
  auto server = open(network, reactor);
  if (!server) return complain(server.error().message());
  std::thread thread([&reactor] { reactor.run(); });
  std::printf("%s at %s\n", what, (*server)->local().to_string().c_str());
  std::fflush(stdout);
  int signal = 0;
  sigwait(&signals, &signal);
  reactor.stop();
  thread.join();
  return 0;
}

int serve_echo(const BenchOptions& options) {
  return serve("echo server",
               [&](auto& network, auto& reactor) { return EchoServer::open(network, reactor, options.server); });
}

int serve_relay(const BenchOptions& options) {
  return serve("relay", [&](auto& network, auto& reactor) {
    return Relay::open(network, reactor, options.server, options.to, Milliseconds(options.delay_ms));
  });
}

int print_limits(const BenchOptions& options) {
  LimitsPlan plan;
  plan.directory = options.directory;
  plan.each = Milliseconds(options.seconds * 1'000);
  const auto limits = measure_limits(io::posix_file_system(), plan);
  if (!limits) return complain(limits.error().message());
  std::fputs((options.json ? limits_json(*limits) : limits_text(*limits, plan.directory)).c_str(), stdout);
  return 0;
}

/// One load run on the calling thread; its report goes to standard output and, where asked for, into a file.
int run_load(const BenchOptions& options) {
  io::EpollNetwork network;
  io::EpollReactor reactor("bench");
  std::optional<Progress> progress;
  const bool terminal = ::isatty(STDERR_FILENO) != 0;
  if (terminal || options.progress) progress.emplace(options.seconds);
  LoadRun run(network, reactor, options);
  const auto report = run([&](const LoadSlice& slice) {
    if (!progress) return;
    // On a terminal a line replaces the one before.
    if (auto line = progress->take(slice)) std::fprintf(stderr, terminal ? "\r\x1b[K%s" : "%s\n", line->c_str());
  });
  if (terminal) std::fputs("\r\x1b[K", stderr);
  if (!report) return complain(report.error().message());
  std::fputs((options.json ? report_json(*report) : report_text(*report)).c_str(), stdout);
  if (!options.html.empty()) {
    if (Status written = io::replace_file(io::posix_file_system(), options.html, report_html(*report)); !written) {
      return complain(fmt::format("--html {}: {}", options.html, written.error().message()));
    }
  }
  return report->load.refused + (report->reads ? report->reads->refused : 0) == 0 ? 0 : kFailed;
}

}  // namespace

int run_bench(int argc, char** argv) {
  const std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  const auto options = parse_bench_options(words);
  if (!options) {
    complain(options.error().message());
    std::fputs(bench_help().c_str(), stderr);
    return kUsageError;
  }
  if (options->help) {
    std::fputs(bench_help().c_str(), stdout);
    return 0;
  }
  std::signal(SIGPIPE, SIG_IGN);
  if (options->task == Task::kEchoServer) return serve_echo(*options);
  if (options->task == Task::kRelay) return serve_relay(*options);
  if (options->task == Task::kLimits) return print_limits(*options);
  return run_load(*options);
}

}  // namespace ogive
