#include "broker_main.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "base/log.h"
#include "base/settings/options.h"
#include "base/settings/settings.h"
#include "base/settings/start_rules.h"
#include "broker/broker.h"
#include "file_limit.h"
#include "io/blocking_lane.h"
#include "io/epoll_network.h"
#include "io/epoll_reactor.h"
#include "io/file.h"
#include "io/thread_executor.h"
#include "stop_signals.h"

namespace ogive {
namespace {

constexpr int kStartFailed = 253;  // -3 of the original, as a shell sees it.
constexpr std::size_t kMaxBlockingTasks = 10'000;
constexpr std::uint64_t kMaxConfigBytes = 4u << 20;
constexpr std::chrono::milliseconds kStopPatience{1'200};
constexpr std::size_t kMaxDefaultReactors = 8;

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

settings::Machine this_machine(io::Network& network) {
  settings::Machine machine;
  machine.cores = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  machine.home = environment("HOME");
  machine.rocketmq_home = environment("ROCKETMQ_HOME");
  machine.namesrv_addr = environment("NAMESRV_ADDR");
  char host[256] = {};
  if (::gethostname(host, sizeof host - 1) == 0) machine.host_name = host;
  const auto addresses = network.local_addresses();
  machine.local_ip = addresses.empty() ? "127.0.0.1" : addresses.front().host();
  return machine;
}

void print(std::FILE* to, const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), to);
  std::fflush(to);
}

std::int64_t memory_bytes() {
  return std::int64_t{::sysconf(_SC_PHYS_PAGES)} * ::sysconf(_SC_PAGESIZE);
}

settings::Options broker_options() {
  settings::Options options;
  options.add({"h", "help", false, "Print help"});
  options.add({"n", "namesrvAddr", true, "Name server address list, eg: '192.168.0.1:9876;192.168.0.2:9876'"});
  options.add({"c", "configFile", true, "Broker config properties file"});
  options.add({"p", "printConfigItem", false, "Print all config item"});
  options.add({"m", "printImportantConfig", false, "Print important config item"});
  return options;
}

/// Reads options and file into `settings`; the exit status when the process is to end.
std::optional<int> configure(const std::vector<std::string>& words, settings::Settings& settings,
                             std::vector<std::string>& notes) {
  const settings::Options options = broker_options();
  auto line = options.parse(words);
  if (!line) {
    print(stderr, line.error().message() + "\n");
    print(stdout, options.help("mqbroker"));
    return 1;
  }
  if (line->has("h")) {
    print(stdout, options.help("mqbroker"));
    return 0;
  }
  bool refused = false;
  const auto take = [&](const std::vector<settings::Problem>& problems) {
    for (const auto& problem : problems) {
      notes.push_back(problem.text);
      if (problem.severity != settings::Problem::Severity::kNote) print(stderr, problem.text + "\n");
    }
    refused |= settings::has_error(problems);
  };
  if (const auto file = line->value("c")) {
    auto text = io::read_file(io::posix_file_system(), *file, kMaxConfigBytes);
    if (!text) {
      print(stderr, "cannot read the configuration file " + *file + ": " + text.error().message() + "\n");
      return kStartFailed;
    }
    take(settings.load(settings::Properties::parse(*text), *file));
    settings.assign("brokerConfigPath", *file);  // Changes at run time go back to where they came from.
    print(stdout, "load config properties file OK, " + *file + "\n");
  }
  if (const auto servers = line->value("n")) {
    settings::Properties given;
    given.set("namesrvAddr", *servers);
    take(settings.load(given, "command line"));
  }
  if (refused) return kStartFailed;
  const auto refusal = settings::apply_broker_rules(settings);
  if (refusal) {
    print(stdout, refusal->text + "\n");
    return refusal->exit_status;
  }
  if (line->has("p") || line->has("m")) {
    for (const std::string& item : settings.printed_items(line->has("m"))) {
      print(stdout, settings::printed_line(item, system_clock().wall_ms()) + "\n");
    }
    return 0;
  }
  return std::nullopt;
}

void start_logging(const settings::Settings& settings, const std::string& home) {
  std::string directory = settings.get_string("logDirectory");
  if (directory.empty()) directory = home + "/logs/rocketmqlogs";
  log::Options options;
  options.directory = directory;
  options.default_file = "broker.log";
  options.max_files = 20;
  options.own_files = {"store", "remoting"};
  if (const std::string reason = log::start(options); !reason.empty()) print(stderr, "no log file: " + reason + "\n");
  // The deployment page spells the file with a capital letter: serve both.
  const std::string alias = directory + "/Broker.log";
  if (::symlink("broker.log", alias.c_str()) != 0 && errno != EEXIST) {
    OGIVE_LOG(warn, "broker", "{} cannot be made: the log is in broker.log only", alias);
  }
}

/// The broker's threads: reactors, and one each for syncs, background work and delayed messages.
struct Threads {
  explicit Threads(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      reactors.push_back(std::make_unique<io::EpollReactor>("reactor-" + std::to_string(i)));
      executors.push_back(reactors.back().get());
    }
  }
  ~Threads() { stop(); }
  void run() {
    for (auto& reactor : reactors) running.emplace_back([one = reactor.get()] { one->run(); });
  }
  void stop() {
    for (auto& reactor : reactors) reactor->stop();
    for (auto& thread : running) thread.join();
    running.clear();
    for (auto* lane : {&delivery, &background, &flusher}) lane->stop();
  }

  std::vector<std::unique_ptr<io::EpollReactor>> reactors;
  std::vector<io::Executor*> executors;
  std::vector<std::thread> running;
  io::ThreadExecutor flusher{"flusher"};
  io::ThreadExecutor background{"background"};
  io::ThreadExecutor delivery{"delivery"};
};

int failed(const std::string& what, const Error& error) {
  print(stderr, what + error.message() + "\n");
  OGIVE_LOG(error, "broker", "{}{}", what, error.message());
  log::flush();
  return kStartFailed;
}

/// Orderly stop within about two seconds.
int stop(broker::Broker& broker, Threads& threads) {
  std::promise<void> left;
  broker.stop([&left] { left.set_value(); });
  left.get_future().wait_for(kStopPatience);
  std::promise<void> delivered;
  threads.delivery.post([&] {
    broker.stop_delivery();
    delivered.set_value();
  });
  delivered.get_future().get();
  const auto deadline = std::chrono::steady_clock::now() + kStopPatience / 2;
  while (broker.connection_count() > 0 && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  threads.stop();
  if (Status closed = broker.close(); !closed) return failed("the broker stopped, but not cleanly: ", closed.error());
  OGIVE_LOG(info, "broker", "stopped");
  log::flush();
  return 0;
}

int serve(settings::Settings& settings, io::EpollNetwork& network, StopSignals& signals) {
  auto reactors = static_cast<std::size_t>(settings.get_int("reactorThreads"));
  if (reactors == 0)
    reactors = std::min<std::size_t>(std::max(1u, std::thread::hardware_concurrency()), kMaxDefaultReactors);
  Threads threads(reactors);
  auto blocking = std::make_unique<io::BlockingLane>(
      "blocking", static_cast<unsigned>(settings.get_int("blockingThreads")), kMaxBlockingTasks);
  const broker::BrokerEnvironment environment{
      network,         threads.executors,  *blocking,        io::posix_file_system(), system_clock(),
      threads.flusher, threads.background, threads.delivery, memory_bytes()};
  auto broker = broker::Broker::open(environment, settings);
  if (!broker) return failed("The broker did not start: ", broker.error());
  if (Status started = (*broker)->start(); !started) return failed("The broker did not start: ", started.error());
  threads.run();
  const std::string boot = (*broker)->boot_line();
  OGIVE_LOG(info, "broker", "{}", boot);
  print(stdout, boot + "\n");

  OGIVE_LOG(info, "broker", "stopping on signal {}", signals.wait());
  const int status = stop(**broker, threads);
  blocking.reset();  // Joined before the broker goes: its tasks use it.
  return status;
}

}  // namespace

int run_broker(int argc, char** argv) {
  io::EpollNetwork network;
  const settings::Machine machine = this_machine(network);
  settings::Settings settings(settings::broker_scopes(), machine);
  std::vector<std::string> notes;
  const std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  if (const auto status = configure(words, settings, notes)) return *status;
  StopSignals signals;
  start_logging(settings, machine.home);
  raise_file_limit();
  for (const std::string& note : notes) OGIVE_LOG(info, "broker", "{}", note);
  return serve(settings, network, signals);
}

}  // namespace ogive
