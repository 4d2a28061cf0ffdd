// mqadmin as a program: one reactor thread for the network, the calling thread for the command.

#include <cstdlib>
#include <iostream>
#include <random>
#include <semaphore>
#include <thread>

#include "admin/run.h"
#include "io/epoll_network.h"
#include "io/epoll_reactor.h"

namespace ogive {

int run_admin(int argc, char** argv);  // Called by apps/ogive/main.cpp.

namespace {

constexpr Milliseconds kRequestTimeout{5'000};

class ReactorWaiter final : public admin::Waiter {
 public:
  explicit ReactorWaiter(io::Executor& executor) : executor_(executor) {}
  void run(std::move_only_function<void(io::Task finished)> start) override {
    // Shared, because the reactor may still be inside release() when this thread has gone on.
    const auto finished = std::make_shared<std::binary_semaphore>(0);
    executor_.post([&start, finished] { start([finished] { finished->release(); }); });
    finished->acquire();
  }

 private:
  io::Executor& executor_;
};

/// The cluster over real sockets, for as long as `use` runs.
int with_real_cluster(std::vector<client::HostPort> name_servers, const std::function<int(admin::Cluster&)>& use) {
  io::EpollReactor reactor("admin");
  io::EpollNetwork network;
  client::ClientOptions options;
  options.name_servers = std::move(name_servers);
  options.timeout = kRequestTimeout;
  options.seed = std::random_device{}();
  client::Client client(network, reactor, std::move(options));
  ReactorWaiter waiter(reactor);
  admin::Cluster cluster(client, waiter, reactor);
  std::thread thread([&reactor] { reactor.run(); });
  const int status = use(cluster);
  reactor.stop();
  thread.join();
  return status;
}

}  // namespace

int run_admin(int argc, char** argv) {
  const char* name_servers = std::getenv("NAMESRV_ADDR");
  const admin::Environment environment{io::posix_file_system(), name_servers == nullptr ? "" : name_servers, std::cout,
                                       std::cerr, with_real_cluster};
  const std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  const int status = admin::run(words, environment);
  std::cout.flush();
  if (!std::cout) {
    std::cerr << "mqadmin: the output could not be written\n";
    return admin::kFailed;
  }
  return status;
}

}  // namespace ogive
