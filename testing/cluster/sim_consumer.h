#pragma once
// A push consumer as real ones are: heartbeats, long polls of every queue, commits, send-backs, and its place again
// after its own restart.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "testing/cluster/history.h"
#include "testing/cluster/sim_client.h"

namespace ogive::sim {

struct ConsumerOptions {
  std::string group;
  std::map<std::string, std::string> subscriptions;  ///< Topic → tag expression.
  std::int32_t max_messages = 32;
  std::int64_t suspend_ms = 5'000;
  Milliseconds heartbeat_interval{5'000};
  Milliseconds route_interval{1'500};
  Milliseconds commit_interval{700};
  unsigned send_back_percent = 0;
  bool use_slaves = false;  ///< Goes where brokers suggest, and to whoever is left of a broker name, as real ones do.
};

/// The only member of its group: it has every queue. Lives in a node's program.
class SimConsumer {
 public:
  SimConsumer(SimNode& node, std::vector<io::Endpoint> name_servers, History& history, ConsumerOptions options);
  ~SimConsumer();

  void start();
  void stop_sending_back() { options_.send_back_percent = 0; }
  /// A poll is in the air that should have been answered long ago.
  bool has_stuck_poll() const;
  static std::string retry_topic(const std::string& group) { return "%RETRY%" + group; }

 private:
  struct Reader {
    QueueName queue;
    std::string expression;
    bool placed = false;  ///< Its offset is known.
    std::int64_t next = 0;
    std::int64_t committed = 0;
    std::int64_t polled_at_ms = -1;  ///< A pull is in the air since then.
    std::int64_t suggested = 0;      ///< suggestWhichBrokerId of the last answer.
  };

  void heartbeat();
  void send_heartbeat(const io::Endpoint& broker);
  /// Where the next request goes that a real client sends to broker `id` if it is there; null: nobody is known.
  const io::Endpoint* where(const std::string& broker, std::int64_t id) const;
  /// For the history: what was asked at `asked_ms` has been answered now.
  OffsetAnswer answered(std::int64_t asked_ms, const std::string& node);
  void move_to(Reader& reader, std::int64_t next);
  void refresh_routes();
  void take_route(const std::string& topic, const std::string& expression, const protocol::TopicRouteData& route);
  void commit_all();
  void run(Reader& reader);
  void place(Reader& reader);
  void pull(Reader& reader);
  void on_pulled(Reader& reader, const Result<Reply>& reply);
  void take_messages(Reader& reader, const std::string& body);
  void send_back(const Reader& reader, std::uint64_t id, std::int64_t physical_offset);
  void again(Reader& reader, std::int64_t ms);

  SimClient client_;
  History& history_;
  ConsumerOptions options_;
  const std::string client_id_;
  const std::int64_t sub_version_;
  std::map<QueueName, std::unique_ptr<Reader>> readers_;  ///< Stable: callbacks refer to them.
};

}  // namespace ogive::sim
