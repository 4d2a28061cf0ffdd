// Pairs of master and slave under disasters: two masters, two slaves, three name servers, producers and consumers.
//
// OGIVE_PAIR_FIRST_SEED (1) and OGIVE_PAIR_SEEDS (2,000, with --full 10,000; with sanitizers a tenth) choose the seeds,
// OGIVE_SIM_SHARD=i/n a part of them, OGIVE_SIM_LOG=1 shows what the servers log. A seed takes about 25 ms of one core.

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <set>

#include "store/raw_log.h"
#include "testing/cluster/auditor.h"
#include "testing/cluster/check.h"
#include "testing/cluster/cluster.h"
#include "testing/cluster/sim_consumer.h"
#include "testing/cluster/sim_producer.h"

namespace ogive::sim {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr unsigned kSlowdown = 10;
#else
constexpr unsigned kSlowdown = 1;
#endif
constexpr unsigned kPairs = 2;
constexpr unsigned kConsumers = 2;
// Until what one node of a pair knows of offsets is on the other: a round of 0.5 s, on the way and behind another.
constexpr std::int64_t kHandoverMs = 1'500;

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr || *value == '\0' ? otherwise : std::strtoull(value, nullptr, 10);
}

std::vector<std::byte> log_of(BrokerProcess& process) {
  store::RawLog& log = process.broker().store().raw_log();
  std::vector<std::byte> bytes(static_cast<std::size_t>(log.end() - log.begin()));
  const std::int64_t segment = log.segment_bytes();
  const std::int64_t begin = log.begin().value();
  for (std::int64_t at = begin; at < log.end().value();) {
    const std::int64_t stop = std::min(log.end().value(), at - at % segment + segment);
    const Status read = log.read(PhysicalOffset(at), std::span(bytes).subspan(static_cast<std::size_t>(at - begin),
                                                                              static_cast<std::size_t>(stop - at)));
    EXPECT_TRUE(read.has_value()) << (read ? "" : read.error().message());
    at = stop;
  }
  return bytes;
}

/// One world of pairs, taken through its phases by run().
class PairWorld {
 public:
  explicit PairWorld(std::uint64_t seed)
      : world_(seed), random_(world_.stream("pairs")), history_(seed), cluster_(world_, options()) {
    for (unsigned i = 0; i < 2; ++i) add_producer(i);
    for (unsigned i = 0; i < kConsumers; ++i) add_consumer(i);
    history_.set_offset_rule([this](const std::string& broker, const OffsetAnswer& committed,
                                    const OffsetAnswer& read) { return may_forget(broker, committed, read); });
    watch();
    world_.add_node("auditor").run([this](SimNode& on) {
      auto auditor = std::make_shared<Auditor>(on, cluster_.name_server_endpoints());
      auditor_ = auditor.get();
      return auditor;
    });
  }

  std::vector<std::string> run() {
    // Some worlds are disturbed from the first message on, when topics are known nowhere yet.
    if (random_.chance(50)) world_.run_for(2'500ms);
    for (unsigned i = 0; i < 1 + random_.below(6); ++i) {
      world_.after(Milliseconds(random_.below(5'000)), [this] {
        if (!healed_) disaster();
      });
    }
    // A master that is gone for good, with its disk: what it acknowledged must be read from its slave.
    if (random_.chance(40)) {
      world_.after(Milliseconds(random_.below(5'000)), [this] {
        lost_ = static_cast<unsigned>(random_.below(kPairs));
        // Nobody tells the name servers that a machine has no power: for two minutes they send consumers there.
        still_routed_ = !cluster_.broker_node(*lost_).alive();
        crashed(*lost_, cluster_.broker_node(*lost_));
        kill(cluster_.broker_node(*lost_));
      });
    }
    // Consumers are killed and begin again where they, or the pair, left off.
    for (unsigned i = 0; i < kConsumers; ++i) {
      for (unsigned n = 0; n < random_.below(3); ++n) restart_consumer_after(Milliseconds(random_.below(5'000)), i);
      restart_consumer_after(Milliseconds(5'000 + random_.below(12'000)), i);
    }
    world_.run_for(5'000ms);
    healed_ = true;
    world_.internet().heal();
    for (auto& [index, producer] : producers_) producer->pause();
    for (unsigned i = 0; i < cluster_.name_server_count(); ++i) {
      if (!cluster_.name_server_node(i).alive()) cluster_.name_server_node(i).restart();
    }
    for (unsigned i = 0; i < kPairs; ++i) {
      revive_master(i);
      revive_slave(i);
    }
    // A poll that a power loss swallowed is given up after its suspension and 10 s, as real clients do.
    world_.run_for(20'000ms);
    check();
    return std::move(breaches_);
  }

  const History& history() const { return history_; }
  const std::vector<std::string>& story() const { return story_; }

 private:
  ClusterOptions options() {
    ClusterOptions options;
    options.name_servers = 3;
    options.brokers = kPairs;
    options.slaves = true;
    options.reactors = random_.chance(40) ? 2 : 1;
    sync_flush_ = random_.chance(40);
    auto& settings = options.broker_settings;
    settings["brokerRole"] = "SYNC_MASTER";
    settings["flushDiskType"] = sync_flush_ ? "SYNC_FLUSH" : "ASYNC_FLUSH";
    settings["mappedFileSizeCommitLog"] = std::to_string((64 << 10) << random_.below(4));
    settings["mappedFileSizeConsumeQueue"] = std::to_string(20 * (10 + random_.below(200)));
    settings["maxHashSlotNum"] = "1000";
    settings["maxIndexNum"] = "4000";
    settings["registerNameServerPeriod"] = "10000";
    settings["defaultTopicQueueNums"] = "2";
    settings["slaveTimeout"] = std::to_string(200 + random_.below(1'500));
    settings["haSendHeartbeatInterval"] = "300";
    settings["haHousekeepingInterval"] = "1500";
    return options;
  }

  void add_producer(unsigned index) {
    ProducerOptions options;
    options.topics = {"Topic0", "Topic1"};
    options.impatient_percent = 0;  // They are promised nothing.
    options.delayed_percent = 0;
    options.sync_flush = sync_flush_;
    options.max_pause_ms = 10 + static_cast<unsigned>(random_.below(60));
    world_.add_node(fmt::format("producer-{}", index)).run([this, index, options](SimNode& node) {
      auto producer = std::make_shared<SimProducer>(node, cluster_.name_server_endpoints(), history_, options);
      producers_[index] = producer.get();
      producer->start();
      return producer;
    });
  }

  void add_consumer(unsigned index) {
    ConsumerOptions options;
    options.group = fmt::format("group{}", index);
    options.use_slaves = true;
    options.suspend_ms = static_cast<std::int64_t>(500 + random_.below(4'000));
    options.max_messages = static_cast<std::int32_t>(1 + random_.below(40));
    GroupPromise promise;
    promise.group = options.group;
    for (const char* topic : {"Topic0", "Topic1"}) {
      options.subscriptions[topic] = "*";
      promise.tags[topic] = {};
    }
    promises_.push_back(promise);
    world_.add_node(fmt::format("consumer-{}", index)).run([this, options](SimNode& node) {
      auto consumer = std::make_shared<SimConsumer>(node, cluster_.name_server_endpoints(), history_, options);
      consumer->start();
      return consumer;
    });
  }

  void restart_consumer_after(Milliseconds delay, unsigned index) {
    world_.after(delay, [this, index] {
      SimNode& node = world_.node(fmt::format("consumer-{}", index));
      note(node.name() + " is killed");
      node.kill();
      world_.after(Milliseconds(1 + random_.below(300)), [&node] { node.restart(); });
    });
  }

  /// What one pair has been through, as far as offsets may suffer by it.
  struct Trouble {
    struct Crash {
      std::int64_t at_ms = 0;
      std::string node;  ///< Host.
    };
    std::vector<Crash> crashes;
    std::vector<std::pair<std::int64_t, std::int64_t>> together;  ///< Both were there, and the slave followed.
    bool is_together = false;

    void note(bool now_together, std::int64_t now_ms) {
      if (now_together && !is_together) together.emplace_back(now_ms, INT64_MAX);
      if (!now_together && is_together) together.back().second = now_ms;
      is_together = now_together;
    }
    /// Whether each had the time to hear what the other knew.
    bool met(std::int64_t from_ms, std::int64_t to_ms) const {
      return std::ranges::any_of(together, [&](const auto& time) {
        return std::min(time.second, to_ms) - std::max(time.first, from_ms) >= kHandoverMs;
      });
    }
  };

  void crashed(unsigned pair, SimNode& node) {
    if (!node.alive()) return;
    troubles_[pair].crashes.push_back({world_.now_ms(), node.endpoint().host()});
    troubles_[pair].note(false, world_.now_ms());
  }
  void watch() {
    for (unsigned i = 0; i < kPairs; ++i) {
      BrokerProcess* slave = cluster_.slave(i);
      const bool together = cluster_.broker(i) != nullptr && slave != nullptr && slave->broker().following() &&
                            (healed_ || !cut_.contains(i));
      troubles_[i].note(together, world_.now_ms());
    }
    world_.after(20ms, [this] { watch(); });
  }

  /// The node that acknowledged a commit knows it; both know it when they have met; a crash takes it from one (offsets
  /// are saved every 5 s, which is not counted on). Whoever is asked must say it if he knows it. So a group may have
  /// again what it committed to one node and asks the other for too soon: a name server that has just been started
  /// sends consumers to the slave while the master has not registered yet.
  bool may_forget(const std::string& broker, const OffsetAnswer& committed, const OffsetAnswer& read) const {
    unsigned pair = 0;
    while (Cluster::broker_name(pair) != broker) ++pair;
    const Trouble& trouble = troubles_[pair];
    std::set<std::string> know{committed.node};
    const auto meet = [&](std::int64_t from_ms, std::int64_t to_ms) {
      if (!know.empty() && trouble.met(from_ms, to_ms)) know.insert({committed.node, read.node});
    };
    std::int64_t since_ms = committed.at_ms;
    for (const auto& [at_ms, node] : trouble.crashes) {
      if (at_ms < committed.asked_ms || at_ms > read.at_ms) continue;
      meet(since_ms, at_ms);
      know.erase(node);
      since_ms = at_ms;
    }
    meet(since_ms, read.asked_ms);
    return !know.contains(read.node);
  }

  void revive_master(unsigned pair) {
    if (pair != lost_) cluster_.revive_broker(pair);
  }
  void revive_slave(unsigned pair) { cluster_.revive_slave(pair); }

  void note(const std::string& what) { story_.push_back(fmt::format("{:>6} ms  {}", world_.now_ms(), what)); }
  void kill(SimNode& node) {
    if (!node.alive()) return;
    note(node.name() + " is killed");
    history_.crashed(node.name().substr(0, node.name().find("-s")), false, world_.now_ms());
    node.kill();
  }

  void disaster() {
    const auto pair = static_cast<unsigned>(random_.below(kPairs));
    const Milliseconds later(1 + random_.below(2'500));
    SimNode& master = cluster_.broker_node(pair);
    SimNode& slave = cluster_.slave_node(pair);
    switch (random_.below(5)) {
      case 0:
        crashed(pair, master);
        // One that flushes before it answers, and before it sends to its slave, keeps what both have.
        if (sync_flush_ && master.alive() && random_.chance(50)) {
          note(master.name() + " loses power");
          history_.crashed(Cluster::broker_name(pair), true, world_.now_ms());
          master.power_loss();
        } else {
          kill(master);
        }
        return world_.after(later, [this, pair] { revive_master(pair); });
      case 1:
      case 2:
        crashed(pair, slave);
        // A slave that flushes before it reports may lose power like its process; another is only killed.
        if (sync_flush_ && slave.alive() && random_.chance(50)) {
          note(slave.name() + " loses power");
          slave.power_loss();
        } else {
          kill(slave);
        }
        return world_.after(later, [this, pair] { revive_slave(pair); });
      case 3:
        note(fmt::format("{} and {} are cut off from each other", master.name(), slave.name()));
        world_.internet().partition({master.name()}, {slave.name()});
        cut_.insert(pair);
        troubles_[pair].note(false, world_.now_ms());
        return world_.after(later, [this] {
          world_.internet().heal();
          cut_.clear();
        });
      default:
        note("a name server is killed");
        SimNode& server = cluster_.name_server_node(static_cast<unsigned>(random_.below(cluster_.name_server_count())));
        if (server.alive()) server.kill();
        return world_.after(later, [&server] {
          if (!server.alive()) server.restart();
        });
    }
  }

  Reading read(const std::vector<std::pair<std::string, io::Endpoint>>& brokers) {
    std::optional<Reading> reading;
    world_.node("auditor").reactor().post(
        [&] { auditor_->read(brokers, 32, [&](Reading done) { reading = std::move(done); }); });
    if (!world_.run_until([&] { return reading.has_value(); }, 60s)) {
      breaches_.push_back("not everything can be read");
      return {};
    }
    return *std::move(reading);
  }

  void check() {
    std::vector<std::pair<std::string, io::Endpoint>> first, second;
    for (unsigned i = 0; i < kPairs; ++i) {
      const std::string name = Cluster::broker_name(i);
      BrokerProcess* slave = cluster_.slave(i);
      BrokerProcess* master = cluster_.broker(i);
      if (slave == nullptr || (master == nullptr && i != lost_)) {
        breaches_.push_back(name + " or its slave does not run");
        return;
      }
      const io::Endpoint at_slave = cluster_.slave_node(i).endpoint(kBrokerPort);
      first.emplace_back(name, i == lost_ ? at_slave : cluster_.broker_node(i).endpoint(kBrokerPort));
      second.emplace_back(name, at_slave);
      if (i == lost_) continue;
      if (!slave->broker().following()) breaches_.push_back(name + "'s slave does not follow");
      if (log_of(*master) != log_of(*slave)) breaches_.push_back(name + " and its slave have different logs");
    }
    const Reading reading = read(first);
    for (std::string& text : check_stored(history_, without_problems(reading))) breaches_.push_back(std::move(text));
    for (const GroupPromise& promise : promises_) {
      if (still_routed_) break;
      for (std::string& text : check_consumed(history_, reading, promise)) breaches_.push_back(std::move(text));
    }
    for (const std::string& text : history_.violations()) breaches_.push_back(text);
    if (!(read(second) == reading)) breaches_.push_back("slaves answer pulls with something else than their masters");
  }

  // Routes of a broker whose master is gone lack it: no breach here.
  static Reading without_problems(Reading reading) {
    reading.problems.clear();
    return reading;
  }

  SimWorld world_;
  Random random_;
  bool sync_flush_ = false;
  History history_;
  Cluster cluster_;
  std::map<unsigned, SimProducer*> producers_;  ///< Owned by their nodes.
  std::vector<GroupPromise> promises_;
  Auditor* auditor_ = nullptr;
  bool healed_ = false;
  std::optional<unsigned> lost_;
  std::array<Trouble, kPairs> troubles_;
  std::set<unsigned> cut_;     ///< Pairs whose nodes cannot reach each other.
  bool still_routed_ = false;  ///< The lost one was down already.
  std::vector<std::string> breaches_;
  std::vector<std::string> story_;
};

TEST(Pairs, NothingThatTheSlaveConfirmedIsLostAndLogsAreEqual) {
  const std::uint64_t first = number_from("OGIVE_PAIR_FIRST_SEED", 1);
  const unsigned usual = std::getenv("OGIVE_FULL_TESTS") != nullptr ? 10'000 : 2'000;
  const std::uint64_t count = number_from("OGIVE_PAIR_SEEDS", usual / kSlowdown);
  std::uint64_t acknowledged = 0, sent = 0, repeated = 0, judged = 0;
  unsigned long shard = 0, shards = 1;
  if (const char* text = std::getenv("OGIVE_SIM_SHARD")) {
    char* rest = nullptr;
    shard = std::strtoul(text, &rest, 10);
    if (*rest == '/') shards = std::max(1UL, std::strtoul(rest + 1, nullptr, 10));
  }
  for (std::uint64_t seed = first + shard; seed < first + count && !HasFailure(); seed += shards) {
    PairWorld pairs(seed);
    const auto breaches = pairs.run();
    for (const SentMessage& message : pairs.history().messages()) acknowledged += message.ack ? 1 : 0;
    sent += pairs.history().messages().size();
    repeated += pairs.history().repeats().all;
    judged += pairs.history().repeats().judged;
    if (breaches.empty()) continue;
    std::string text = fmt::format("seed {} fails:\n", seed);
    for (const std::string& breach : breaches) text += "  " + breach + "\n";
    for (const std::string& line : pairs.story()) text += "  " + line + "\n";
    ADD_FAILURE() << text;
  }
  fmt::print("{} messages sent, {} acknowledged; {} consumed again, {} places and repeats judged by a commit\n", sent,
             acknowledged, repeated, judged);
  EXPECT_GT(judged, (count + shards - 1) / shards) << "hardly anything said how much may come again";
  EXPECT_GT(acknowledged, sent / 4) << "the pairs hardly served";
}

}  // namespace
}  // namespace ogive::sim
