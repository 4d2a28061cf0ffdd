#include "tests/simulation/scenario.h"

#include <fmt/core.h>

#include <memory>

#include "testing/cluster/auditor.h"
#include "testing/cluster/check.h"
#include "testing/cluster/cluster.h"
#include "testing/cluster/sim_consumer.h"
#include "testing/cluster/sim_producer.h"
#include "tests/simulation/nemesis.h"

namespace ogive::sim {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

constexpr std::int64_t kOffsetSaveMs = 1'000;
constexpr std::int64_t kOffsetSlackMs = 1'500;

struct Plan {
  ClusterOptions cluster;
  bool sync_flush = false;
  std::vector<std::string> topics;
  unsigned producers = 1;
  unsigned consumers = 1;
  unsigned disasters = 1;
  Milliseconds chaos{3'000};
};

Plan make_plan(Random random) {
  Plan plan;
  plan.sync_flush = random.chance(50);
  plan.cluster.brokers = random.chance(25) ? 2 : 1;
  plan.cluster.name_servers = random.chance(30) ? 2 : 1;
  plan.cluster.reactors = random.chance(40) ? 2 : 1;
  auto& settings = plan.cluster.broker_settings;
  settings["flushDiskType"] = plan.sync_flush ? "SYNC_FLUSH" : "ASYNC_FLUSH";
  settings["mappedFileSizeCommitLog"] = std::to_string((64 << 10) << random.below(4));
  settings["mappedFileSizeConsumeQueue"] = std::to_string(20 * (10 + random.below(200)));
  settings["messageDelayLevel"] = "1s 2s 4s";
  settings["flushConsumerOffsetInterval"] = std::to_string(kOffsetSaveMs);
  settings["registerNameServerPeriod"] = "10000";
  settings["defaultTopicQueueNums"] = std::to_string(1 + random.below(4));
  for (unsigned i = 0; i < 1 + random.below(3); ++i) plan.topics.push_back(fmt::format("Topic{}", i));
  plan.producers = static_cast<unsigned>(1 + random.below(2));
  plan.consumers = static_cast<unsigned>(1 + random.below(2));
  plan.disasters = static_cast<unsigned>(1 + random.below(5));
  plan.chaos = Milliseconds(2'000 + random.below(6'000));
  return plan;
}

/// A world with everything in it, taken through its phases by run().
class Scenario {
 public:
  explicit Scenario(std::uint64_t seed)
      : world_(seed), plan_(make_plan(world_.stream("plan"))), history_(seed), cluster_(world_, plan_.cluster) {
    history_.set_offset_save_ms(kOffsetSaveMs + kOffsetSlackMs);
    for (unsigned i = 0; i < plan_.producers; ++i) add_producer(i);
    for (unsigned i = 0; i < plan_.consumers; ++i) add_consumer(i);
    SimNode& node = world_.add_node("auditor");
    node.run([this](SimNode& on) {
      auto auditor = std::make_shared<Auditor>(on, cluster_.name_server_endpoints());
      auditor_ = auditor.get();
      return auditor;
    });
    nemesis_ = std::make_unique<Nemesis>(world_, cluster_, history_, clients_);
  }

  SeedResult run() {
    disturb();
    if (settle()) {
      const Reading reading = audit("after the disasters");
      check(reading);
      if (result_.breaches.empty()) restart_and_compare(reading);
    }
    for (const std::string& text : history_.violations()) breach(text);
    return finish();
  }

 private:
  void add_producer(unsigned index) {
    const std::string name = fmt::format("producer-{}", index);
    clients_.push_back(name);
    ProducerOptions options;
    options.topics = plan_.topics;
    options.delay_level_ms = {1'000, 2'000, 4'000};
    options.sync_flush = plan_.sync_flush;
    options.max_pause_ms = 10 + static_cast<unsigned>(world_.random().below(100));
    world_.add_node(name).run([this, index, options](SimNode& node) {
      auto producer = std::make_shared<SimProducer>(node, cluster_.name_server_endpoints(), history_, options);
      producers_[index] = producer.get();
      if (!calm_) producer->start();
      return producer;
    });
  }

  void add_consumer(unsigned index) {
    const std::string name = fmt::format("consumer-{}", index);
    clients_.push_back(name);
    ConsumerOptions options;
    options.group = fmt::format("group{}", index);
    options.suspend_ms = static_cast<std::int64_t>(1'000 + world_.random().below(8'000));
    options.send_back_percent = world_.random().chance(50) ? 5 : 0;
    options.max_messages = static_cast<std::int32_t>(1 + world_.random().below(40));
    GroupPromise promise;
    promise.group = options.group;
    for (const std::string& topic : plan_.topics) {
      const bool filtered = world_.random().chance(30);
      options.subscriptions[topic] = filtered ? "TagA || TagC" : "*";
      promise.tags[topic] = filtered ? std::vector<std::string>{"TagA", "TagC"} : std::vector<std::string>{};
    }
    promises_.push_back(promise);
    world_.add_node(name).run([this, index, options](SimNode& node) {
      auto consumer = std::make_shared<SimConsumer>(node, cluster_.name_server_endpoints(), history_, options);
      consumers_[index] = consumer.get();
      if (calm_) consumer->stop_sending_back();
      consumer->start();
      return consumer;
    });
  }

  void disturb() {
    world_.run_for(Milliseconds(world_.random().below(500)));
    nemesis_->plan(plan_.disasters, plan_.chaos);
    world_.run_for(plan_.chaos);
    calm_ = true;
    nemesis_->heal();
    for (auto& [index, producer] : producers_) producer->pause();
    for (auto& [index, consumer] : consumers_) consumer->stop_sending_back();
  }

  /// Everything works again, all is delivered.
  bool settle() {
    world_.run_for(3'000ms);
    if (!serving()) return breach("a broker does not start again");
    for (auto& [index, producer] : producers_) producer->finish();
    const bool done = world_.run_until(
        [&] { return std::ranges::all_of(producers_, [](const auto& entry) { return entry.second->idle(); }); }, 60s);
    if (!done) return breach("a producer cannot send any more after everything was repaired");
    world_.run_for(7'000ms);  // The longest delay, and what a delivery may wait after a failure.
    return true;
  }

  bool serving() {
    for (unsigned i = 0; i < cluster_.broker_count(); ++i) {
      if (cluster_.broker(i) == nullptr) {
        const auto& failure = cluster_.start_failure(i);
        breach(fmt::format("{}: {}", Cluster::broker_name(i), failure ? failure->message() : "not running"));
        return false;
      }
    }
    return true;
  }

  Reading read(std::int32_t batch) {
    std::vector<std::pair<std::string, io::Endpoint>> brokers;
    for (unsigned i = 0; i < cluster_.broker_count(); ++i) {
      brokers.emplace_back(Cluster::broker_name(i), cluster_.broker_node(i).endpoint(kBrokerPort));
    }
    std::optional<Reading> reading;
    world_.node("auditor").reactor().post(
        [&] { auditor_->read(brokers, batch, [&](Reading done) { reading = std::move(done); }); });
    if (!world_.run_until([&] { return reading.has_value(); }, 60s)) {
      breach("not everything can be read");
      return {};
    }
    return *std::move(reading);
  }

  Reading audit(const std::string& when) {
    Reading reading = read(32);
    if (!(reading == read(7))) breach("two readers " + when + " saw different things");
    return reading;
  }

  void check(const Reading& reading) {
    for (const std::string& text : check_stored(history_, reading)) breach(text);
    for (const GroupPromise& promise : promises_) {
      if (world_.run_until([&] { return check_consumed(history_, reading, promise).empty(); }, 500ms)) continue;
      bool all = false;
      for (int i = 0; i < 40 && !all; ++i) {
        world_.run_for(1'000ms);
        all = check_consumed(history_, reading, promise).empty();
      }
      for (const std::string& text : check_consumed(history_, reading, promise)) breach(text);
    }
    for (auto& [index, consumer] : consumers_) {
      if (consumer->has_stuck_poll()) breach(fmt::format("consumer-{} has a poll that nobody answers", index));
    }
  }

  void restart_and_compare(const Reading& before) {
    world_.run_for(3'000ms);  // Everything is flushed by now, whoever waited for it.
    const auto how = world_.random().below(3);
    for (unsigned i = 0; i < cluster_.broker_count(); ++i) {
      if (how == 0) {
        cluster_.broker_node(i).kill();
      } else if (how == 1) {
        cluster_.broker_node(i).power_loss();
      } else if (!stop_in_order(i)) {
        return;
      }
      cluster_.revive_broker(i);
    }
    world_.run_for(500ms);
    if (!serving()) return;
    world_.run_for(1'500ms);
    const Reading after = audit("after the last restart");
    for (const std::string& text : after.problems) breach(text);
    if (after == before || (how != 2 && only_delivered_again(before, after))) return;
    const char* what[] = {"kill -9", "a power loss with everything flushed", "an orderly stop"};
    breach(
        fmt::format("after {} the brokers hold something else than before: {}", what[how], difference(before, after)));
  }

  /// After a crash delayed messages may be delivered a second time, behind everything else.
  bool only_delivered_again(const Reading& before, const Reading& after) const {
    for (const auto& [queue, records] : before.records) {
      const auto found = after.records.find(queue);
      if (found == after.records.end() || found->second.size() < records.size()) return false;
      if (!std::ranges::equal(records, std::span(found->second).first(records.size()))) return false;
    }
    for (const auto& [queue, records] : after.records) {
      const auto found = before.records.find(queue);
      const std::size_t had = found == before.records.end() ? 0 : found->second.size();
      for (const std::string& bytes : std::span(records).subspan(had)) {
        const auto record = message::decode_record(as_bytes(bytes));
        const SentMessage* sent = record ? history_.identify(as_chars(record->body)) : nullptr;
        if (sent == nullptr || (sent->delay_ms == 0 && !queue.topic.starts_with("%RETRY%"))) return false;
      }
    }
    return true;
  }

  static std::string difference(const Reading& before, const Reading& after) {
    for (const auto* one : {&before, &after}) {
      for (const auto& [queue, records] : one->records) {
        const auto a = before.records.find(queue);
        const auto b = after.records.find(queue);
        const std::size_t was = a == before.records.end() ? 0 : a->second.size();
        const std::size_t is = b == after.records.end() ? 0 : b->second.size();
        if (was != is) return fmt::format("{} had {} records and has {}", queue.text(), was, is);
      }
    }
    return "a record differs";
  }

  bool stop_in_order(unsigned index) {
    const std::int64_t began = world_.now_ms();
    std::optional<Status> stopped;
    cluster_.broker(index)->stop([&](Status status) { stopped = std::move(status); });
    if (!world_.run_until([&] { return stopped.has_value(); }, 2s)) {
      return breach("an orderly stop takes longer than two seconds");
    }
    if (!*stopped) return breach("an orderly stop failed: " + stopped->error().message());
    world_.mix(static_cast<std::uint64_t>(world_.now_ms() - began));
    return true;
  }

  SeedResult finish() {
    for (const SentMessage& sent : history_.messages()) result_.acknowledged += sent.ack ? 1 : 0;
    for (const auto& [key, records] : history_.consumed_records()) result_.consumed += records.size();
    for (unsigned i = 0; i < cluster_.broker_count(); ++i) {
      result_.crashes += history_.crashes(Cluster::broker_name(i)).size();
    }
    result_.sent = history_.messages().size();
    world_.mix(result_.sent);
    world_.mix(result_.acknowledged);
    world_.mix(result_.consumed);
    result_.hash = world_.trace_hash();
    result_.events = world_.events_run();
    result_.story = nemesis_->story();
    return std::move(result_);
  }

  bool breach(std::string text) {
    if (result_.breaches.size() < 12) result_.breaches.push_back(std::move(text));
    return false;
  }

  SimWorld world_;
  const Plan plan_;
  History history_;
  Cluster cluster_;
  std::vector<std::string> clients_;
  std::map<unsigned, SimProducer*> producers_;  ///< Owned by their nodes, as all clients.
  std::map<unsigned, SimConsumer*> consumers_;
  Auditor* auditor_ = nullptr;
  std::vector<GroupPromise> promises_;
  std::unique_ptr<Nemesis> nemesis_;
  bool calm_ = false;
  SeedResult result_;
};

}  // namespace

SeedResult run_seed(std::uint64_t seed) {
  return Scenario(seed).run();
}

}  // namespace ogive::sim
