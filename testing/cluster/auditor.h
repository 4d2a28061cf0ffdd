#pragma once
// Reads everything a cluster holds, as a client that starts from nothing.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "testing/cluster/history.h"
#include "testing/cluster/sim_client.h"

namespace ogive::sim {

/// One reading: every record of every queue of the topics of clients, retries and dead letters, in order from the
/// queue's minimum on.
struct Reading {
  std::map<QueueName, std::vector<std::string>> records;
  std::vector<std::string> problems;  ///< What no sound cluster shows: holes, wrong places, routes that lack a topic.
  bool operator==(const Reading& other) const { return records == other.records; }
};

/// Lives in a node's program; one reading at a time.
class Auditor {
 public:
  Auditor(SimNode& node, std::vector<io::Endpoint> name_servers);

  /// Reads all brokers named, `batch` messages a pull, again and again where something is refused; `done` when all is
  /// read.
  void read(std::vector<std::pair<std::string, io::Endpoint>> brokers, std::int32_t batch,
            std::function<void(Reading)> done);

 private:
  struct Task {
    QueueName queue;
    io::Endpoint broker;
    std::int64_t next = -1;
    std::int64_t end = -1;
  };

  void list_topics(const std::string& broker, const io::Endpoint& endpoint);
  void check_route(const std::string& broker, const io::Endpoint& endpoint, const std::string& topic);
  void read_bounds(std::shared_ptr<Task> task, bool maximum);
  void pull(std::shared_ptr<Task> task);
  void on_pulled(const std::shared_ptr<Task>& task, const Reply& reply);
  void one_done();
  void problem(std::string text) { reading_.problems.push_back(std::move(text)); }

  SimClient client_;
  std::int32_t batch_ = 32;
  std::size_t open_ = 0;
  Reading reading_;
  std::function<void(Reading)> done_;
};

}  // namespace ogive::sim
