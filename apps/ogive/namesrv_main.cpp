#include "namesrv_main.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "base/log.h"
#include "base/settings/settings.h"
#include "file_limit.h"
#include "io/blocking_lane.h"
#include "io/epoll_network.h"
#include "io/epoll_reactor.h"
#include "io/file.h"
#include "namesrv/name_server.h"
#include "namesrv/startup.h"
#include "stop_signals.h"

namespace ogive {
namespace {

constexpr int kStartFailed = 253;  // -3 of the original, as a shell sees it.
constexpr std::size_t kMaxBlockingTasks = 10'000;
constexpr Milliseconds kStopPatience{1'500};
constexpr Milliseconds kStopPoll{10};

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

settings::Machine this_machine() {
  settings::Machine machine;
  machine.cores = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  machine.home = environment("HOME");
  machine.rocketmq_home = environment("ROCKETMQ_HOME");
  machine.namesrv_addr = environment("NAMESRV_ADDR");
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) == 0) machine.host_name = host.data();
  return machine;
}

void print(std::FILE* to, const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), to);
  std::fflush(to);
}

/// Reactors with a thread each; all stopped and joined by the destructor at the latest.
class ReactorThreads {
 public:
  explicit ReactorThreads(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      reactors_.push_back(std::make_unique<io::EpollReactor>("reactor-" + std::to_string(i)));
      executors_.push_back(reactors_.back().get());
    }
  }
  ~ReactorThreads() { stop(); }

  std::span<io::Executor* const> executors() const { return executors_; }
  void run() {
    for (auto& reactor : reactors_) threads_.emplace_back([one = reactor.get()] { one->run(); });
  }
  void stop() {
    for (auto& reactor : reactors_) reactor->stop();
    for (auto& thread : threads_) thread.join();
    threads_.clear();
  }

 private:
  std::vector<std::unique_ptr<io::EpollReactor>> reactors_;
  std::vector<io::Executor*> executors_;
  std::vector<std::thread> threads_;
};

/// Waits until every connection has got its last answers, or patience ends.
void wait_for_connections(const namesrv::NameServer& server) {
  const auto deadline = std::chrono::steady_clock::now() + kStopPatience;
  while (server.connection_count() > 0 && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(kStopPoll);
  }
}

std::string start_logging(const settings::Settings& settings, const std::string& home) {
  std::string directory = settings.get_string("logDirectory");
  if (directory.empty()) directory = home + "/logs/rocketmqlogs";
  log::Options options;
  options.directory = directory;
  options.default_file = "namesrv.log";
  options.max_file_bytes = 100u << 20;
  options.max_files = 5;
  return log::start(options);
}

int serve(settings::Settings& settings, StopSignals& signals) {
  const auto reactors = static_cast<std::size_t>(std::max<std::int64_t>(settings.get_int("reactorThreads"), 1));
  io::BlockingLane blocking("blocking", static_cast<unsigned>(settings.get_int("blockingThreads")), kMaxBlockingTasks);
  ReactorThreads threads(reactors);
  io::EpollNetwork network;
  namesrv::NameServer server({network, threads.executors(), blocking, io::posix_file_system()}, settings);
  if (const Status started = server.start(); !started) {
    print(stderr, "The Name Server did not start: " + started.error().message() + "\n");
    OGIVE_LOG(error, "namesrv", "The Name Server did not start: {}", started.error().message());
    log::flush();
    return kStartFailed;
  }
  threads.run();
  settings.assign("listenPort", std::to_string(server.endpoint().port));
  const std::string boot = namesrv::boot_line(settings);
  OGIVE_LOG(info, "namesrv", "{}", boot);
  print(stdout, boot + "\n");

  OGIVE_LOG(info, "namesrv", "stopping on signal {}", signals.wait());
  threads.executors().front()->post([&server] { server.stop(); });
  wait_for_connections(server);
  threads.stop();
  OGIVE_LOG(info, "namesrv", "stopped");
  log::flush();
  return 0;
}

}  // namespace

int run_name_server(int argc, char** argv) {
  const settings::Machine machine = this_machine();
  settings::Settings settings(settings::namesrv_scopes(), machine);
  const std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  const auto startup = namesrv::read_command_line(words, settings, io::posix_file_system());
  print(stderr, startup.err);
  print(stdout, startup.out);
  if (startup.exit_status && startup.log.empty()) return *startup.exit_status;
  StopSignals signals;
  if (const std::string reason = start_logging(settings, machine.home); !reason.empty()) {
    print(stderr, "no log file: " + reason + "\n");
  }
  for (const std::string& line : startup.log) OGIVE_LOG(info, "namesrv", "{}", line);
  if (startup.exit_status) {
    log::flush();
    return *startup.exit_status;
  }
  raise_file_limit();
  return serve(settings, signals);
}

}  // namespace ogive
