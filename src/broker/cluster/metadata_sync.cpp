#include "broker/cluster/metadata_sync.h"

#include <fmt/core.h>

#include <charconv>

#include "base/log.h"
#include "protocol/bodies/lists.h"
#include "protocol/bodies/subscription_group.h"
#include "protocol/bodies/topic_config.h"
#include "protocol/codes.h"
#include "protocol/headers/offset.h"

namespace ogive::broker {
namespace {

namespace request_code = protocol::request_code;

// Taking large tables costs no more than one part in so many of the time. Waiting for answers costs nothing: after the
// network stood still the master's word is overdue.
constexpr std::int64_t kBusyShare = 10;
// Offsets that a round tells the master; the next one finds the others.
constexpr std::size_t kMaxTold = 1'000;

std::int64_t number_of(const client::Reply& reply, std::string_view field, std::int64_t otherwise) {
  const std::string_view text = reply.find(field).value_or("");
  std::int64_t end = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), end);
  return end;
}

/// Tells lives of a process apart: "life-version".
std::string_view life_of(std::string_view token) {
  return token.substr(0, token.find('-'));
}

}  // namespace

/// One look at all tables of one master.
struct MetadataSync::Round {
  std::string master;
  std::int64_t busy_ms = 0;  ///< Spent on taking tables.
  bool knows_tokens = true;
  bool whole = false;                    ///< What is asked for now is wanted whether it has changed there or not.
  std::set<std::string> unknown_groups;  ///< The master refused their offsets before this round.
};

MetadataSync::MetadataSync(io::Network& network, io::Executor& executor, io::TaskPool& blocking,
                           const MetadataPorts& ports, const Options& options)
    : executor_(executor),
      blocking_(blocking),
      ports_(ports),
      options_(options),
      client_(network, executor, client::ClientOptions{}),
      items_{{{request_code::kGetAllTopicConfig, &MetadataSync::take_topics, {}},
              {request_code::kGetAllSubscriptiongroupConfig, &MetadataSync::take_groups, {}},
              // In front of the offsets: those that come behind it are of what there is now.
              {protocol::kGetDeletions, &MetadataSync::take_deletions, {}, true},
              {request_code::kGetAllConsumerOffset, &MetadataSync::take_offsets, {}},
              {request_code::kGetAllDelayOffset, &MetadataSync::take_delay, {}}}},
      failures_logged_(executor.clock()) {}

MetadataSync::~MetadataSync() {
  *alive_ = false;
  executor_.cancel(timer_);
}

void MetadataSync::set_master(const std::string& address) {
  executor_.post([this, alive = alive_, address] {
    if (!*alive || address == master_) return;
    master_ = address;
    for (Item& item : items_) item.token.clear();
    schedule(Milliseconds(0));
  });
}

void MetadataSync::sync_soon() {
  executor_.post([this, alive = alive_] {
    if (*alive) schedule(Milliseconds(0));
  });
}

void MetadataSync::stop() {
  stopped_ = true;
  executor_.cancel(timer_);
}

void MetadataSync::schedule(Milliseconds delay) {
  if (stopped_ || master_.empty()) return;
  if (running_) {
    again_ = again_ || delay == Milliseconds(0);
    return;
  }
  executor_.cancel(timer_);
  timer_ = executor_.run_after(delay, [this] { begin_round(); });
}

void MetadataSync::begin_round() {
  running_ = true;
  again_ = false;
  auto round = std::make_shared<Round>();  // Shared by the steps, of which one is always under way.
  round->master = master_;
  round->unknown_groups = std::exchange(unknown_groups_, {});
  ask(0, std::move(round));
}

void MetadataSync::ask(std::size_t index, std::shared_ptr<Round> round) {
  if (index == items_.size()) return finish(std::move(round), {});
  if (items_[index].ours_only && !round->knows_tokens) return ask(index + 1, std::move(round));
  // Commits here may be newer than what has not changed there.
  round->whole = items_[index].code == request_code::kGetAllConsumerOffset && must_compare_offsets();
  remoting::Message request(items_[index].code);
  request.field(kSyncTokenField, round->whole ? std::string_view() : std::string_view(items_[index].token));
  client_.call(round->master, std::move(request), [this, alive = alive_, index, round](Result<client::Reply> reply) {
    if (*alive) on_reply(index, round, std::move(reply));
  });
}

void MetadataSync::on_reply(std::size_t index, std::shared_ptr<Round> round, Result<client::Reply> reply) {
  if (stopped_) return;
  if (!reply) return finish(std::move(round), fail(std::move(reply).error()));
  const bool unknown = reply->code == protocol::response_code::kRequestCodeNotSupported;
  if (unknown && items_[index].ours_only) return ask(index + 1, std::move(round));
  if (!reply->ok()) return finish(std::move(round), fail(reply->refusal()));
  if (round->master != master_) {
    return finish(std::move(round), fail(Errc::kCancelled, "another broker has become the master"));
  }
  const std::string token(reply->find(kSyncTokenField).value_or(""));
  round->knows_tokens = round->knows_tokens && !token.empty();
  const std::int64_t table_end = number_of(*reply, kSyncTableEndField, AdoptedTopics::kNoPlace);
  if (items_[index].code == request_code::kGetAllTopicConfig) table_end_ = table_end;
  if (!token.empty() && token == items_[index].token && !round->whole) {
    if (items_[index].code == request_code::kGetAllTopicConfig) ports_.adopted.settle(table_end);
    return ask(index + 1, std::move(round));
  }
  if (number_of(*reply, kSyncLogEndField, 0) > ports_.store.max_physical_offset().value())
    return ask(index + 1, std::move(round));
  master_restarted_ = !items_[index].token.empty() && life_of(token) != life_of(items_[index].token);
  // Large bodies take their time.
  auto body =
      std::make_shared<std::string>(std::move(reply->body));  // Tasks are moved, not copied, but may be refused.
  auto apply = [this, alive = alive_, index, round, token, body, &executor = executor_] {
    const std::int64_t began_ms = executor.clock().monotonic_ms();
    Status status = (this->*items_[index].apply)(*body);
    executor.post([took_ms = executor.clock().monotonic_ms() - began_ms, this, alive, index, round, token,
                   status = std::move(status)] {
      if (!*alive || stopped_) return;
      round->busy_ms += took_ms;
      if (!status) return finish(round, status);
      const bool again = items_[index].code == protocol::kGetDeletions && !late_deletions_.empty();
      if (round->master == master_) items_[index].token = again ? std::string() : token;
      ask(index + 1, round);
    });
  };
  if (Status posted = blocking_.post(std::move(apply)); !posted) finish(std::move(round), posted);
}

void MetadataSync::finish(std::shared_ptr<Round> round, const Status& status) {
  running_ = false;
  if (round->master == master_) {
    if (status) make_unknown_groups(round->unknown_groups);
    tell_ahead();
  }
  ahead_.clear();
  if (std::exchange(answers_, status.has_value()) != answers_) listener_();
  round_listener_();
  if (!status) {
    if (const auto times = failures_logged_.allow(); times > 0) {
      OGIVE_LOG(warn, "broker", "the metadata of the master {} was not taken ({} times since last reported): {}",
                round->master, times, status.error().message());
    }
    return schedule(again_ ? Milliseconds(0) : options_.retry);
  }
  rounds_.fetch_add(1, std::memory_order_release);
  const Milliseconds period = round->knows_tokens ? std::max(options_.period, Milliseconds(round->busy_ms * kBusyShare))
                                                  : options_.original_period;
  schedule(again_ ? Milliseconds(0) : period);
}

// Groups that consumers began here while the master was away: without them it refuses their offsets, and a consumer
// that comes to the master would read everything again. Those that were deleted there before the refusal are not ours
// any more either, the round between took the deletions. Their offsets are told by the next round.
void MetadataSync::make_unknown_groups(const std::set<std::string>& names) {
  for (const std::string& name : names) {
    const GroupPtr group = ports_.groups.find(name);
    if (!group) continue;
    remoting::Message request(request_code::kUpdateAndCreateSubscriptiongroup);
    request.body = protocol::to_json(*group);
    client_.call(master_, std::move(request), [this, alive = alive_, name](Result<client::Reply> reply) {
      if (!*alive || !reply || !reply->ok()) return;
      OGIVE_LOG(info, "broker", "told the master of group {}, which it did not know", name);
      schedule(Milliseconds(0));
    });
    std::erase_if(ahead_, [&](const AheadOffset& one) { return one.group == name; });
  }
}

// Consumers committed these here while the master was away.
void MetadataSync::tell_ahead() {
  if (ahead_.size() > kMaxTold) {
    ahead_.resize(kMaxTold);
    again_ = true;
  }
  for (const AheadOffset& one : ahead_) {
    protocol::UpdateConsumerOffsetRequestHeader header;
    header.consumer_group = one.group;
    header.topic = one.topic;
    header.queue_id = one.queue;
    header.commit_offset = one.offset;
    remoting::Message request = client::make_request(request_code::kUpdateConsumerOffset, header);
    request.field(kExpectedOffsetField, one.masters);
    client_.call(master_, std::move(request), [this, alive = alive_, one](Result<client::Reply> reply) {
      if (!*alive || !reply) return;  // It is found again by the next round.
      if (reply->code == protocol::response_code::kSubscriptionGroupNotExist) {
        unknown_groups_.insert(one.group);
        // A RocketMQ master would be asked again in a minute, twice. Once a group: it may refuse that for ever.
        if (hurried_groups_.insert(one.group).second) schedule(Milliseconds(0));
      }
      if (!reply->ok()) return;
      hurried_groups_.erase(one.group);
      ports_.handover.told(one);
      OGIVE_LOG(info, "broker", "told the master that {} has consumed queue {} of {} up to {}", one.group, one.queue,
                one.topic, one.offset);
    });
  }
}

void MetadataSync::ask_log_begin(std::move_only_function<void(Result<std::int64_t>)> done) {
  if (master_.empty()) return done(fail(Errc::kNotFound, "no name server has named the master yet"));
  client_.call(master_, remoting::Message(request_code::kGetBrokerRuntimeInfo),
               client::want_json<protocol::KVTable>([done = std::move(done)](Result<protocol::KVTable> info) mutable {
                 if (!info) return done(fail(std::move(info).error()));
                 const auto found = info->table.find("commitLogMinOffset");
                 std::int64_t begin = 0;
                 if (found == info->table.end() ||
                     std::from_chars(found->second.data(), found->second.data() + found->second.size(), begin).ec !=
                         std::errc()) {
                   return done(fail(Errc::kCorrupt, "the master does not say where its log begins"));
                 }
                 done(begin);
               }));
}

Status MetadataSync::take_topics(const std::string& body) {
  auto table = protocol::from_json<protocol::TopicConfigSerializeWrapper>(body);
  if (!table) return fail(std::move(table).error());
  std::vector<protocol::TopicConfig> configs;
  std::set<std::string, std::less<>> names;
  for (auto& [name, config] : table->topic_config_table) {
    configs.push_back(std::move(config));
    names.insert(name);
  }
  ports_.topics.merge(std::move(configs));
  ports_.adopted.settle(std::move(names), table_end_);
  return {};
}

Status MetadataSync::take_groups(const std::string& body) {
  auto table = protocol::from_json<protocol::SubscriptionGroupWrapper>(body);
  if (!table) return fail(std::move(table).error());
  std::vector<protocol::SubscriptionGroupConfig> configs;
  for (auto& [name, config] : table->subscription_group_table) configs.push_back(std::move(config));
  ports_.groups.merge(std::move(configs));
  return {};
}

Status MetadataSync::take_offsets(const std::string& body) {
  auto table = protocol::from_json<protocol::ConsumerOffsetSerializeWrapper>(body);
  if (!table) return fail(std::move(table).error());
  if (master_restarted_) ports_.handover.forgotten(*table);
  compared_commits_ = ports_.offsets.commits();
  ahead_ = ports_.handover.take(*table);
  untold_ = !ahead_.empty();
  // Of what another has taken the name of at the master.
  std::erase_if(ahead_, [this](const AheadOffset& one) {
    return late_deletions_.contains({"topic", one.topic}) || late_deletions_.contains({"group", one.group});
  });
  return {};
}

// The master is told after the comparison, which its answer may not reach.
bool MetadataSync::must_compare_offsets() const {
  return untold_ || ports_.offsets.commits() != compared_commits_;
}

// What the log has not come to is left for a later round: records of what was deleted would come behind it.
Status MetadataSync::take_deletions(const std::string& body) {
  auto answer = protocol::from_json<protocol::DeletionAnswer>(body);
  if (!answer) return fail(std::move(answer).error());
  late_deletions_.clear();
  const std::int64_t end = ports_.store.max_physical_offset().value();
  const auto take = [&](const std::vector<protocol::Deletion>& list, bool made_anew) -> Status {
    std::vector<protocol::Deletion> done;
    for (const protocol::Deletion& one : ports_.deletions.unknown_of(list)) {
      if (one.log_end > end) {
        late_deletions_.emplace(one.kind, one.name);
        continue;
      }
      OGIVE_TRY(one.kind == "topic" ? delete_topic(one, made_anew) : delete_group(one, made_anew));
      done.push_back(one);
    }
    return done.empty() ? Status() : ports_.deletions.take(done);
  };
  OGIVE_TRY(take(answer->made_anew, true));
  return take(answer->deletions, false);
}

Status MetadataSync::delete_topic(const protocol::Deletion& deletion, bool made_anew) {
  if (ports_.topics.is_system_topic(deletion.name)) return {};
  OGIVE_LOG(info, "broker", "topic {} was deleted on the master{}", deletion.name, made_anew ? " and made anew" : "");
  OGIVE_TRY(ports_.removal.remove_as_of(deletion.name, deletion.log_end, made_anew));
  ports_.handover.forget_topic(deletion.name);
  return {};
}

Status MetadataSync::delete_group(const protocol::Deletion& deletion, bool made_anew) {
  if (deletion.kind != "group") return {};
  OGIVE_LOG(info, "broker", "group {} was deleted on the master{}", deletion.name, made_anew ? " and made anew" : "");
  if (!made_anew) {
    ports_.groups.remove(deletion.name);
    OGIVE_TRY(ports_.groups.save_changes());
  }
  if (!deletion.clean_offset) return {};
  ports_.offsets.remove_group(deletion.name);
  ports_.handover.forget_group(deletion.name);
  return ports_.offsets.save_changes();
}

Status MetadataSync::take_delay(const std::string& body) {
  return ports_.delay.take(body);
}

}  // namespace ogive::broker
