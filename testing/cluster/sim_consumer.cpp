#include "testing/cluster/sim_consumer.h"

#include <fmt/core.h>

#include "message/properties.h"
#include "protocol/bodies/heartbeat.h"
#include "protocol/codes.h"
#include "protocol/headers/offset.h"
#include "protocol/headers/pull.h"
#include "protocol/headers/send.h"

namespace ogive::sim {
namespace {

namespace code = protocol::response_code;
namespace request = protocol::request_code;

constexpr Milliseconds kTimeout{3'000};
constexpr std::int64_t kPatienceMs = 10'000;  ///< Beyond the suspension, as real clients have it.
constexpr std::int64_t kRetryMs = 200;
constexpr std::int32_t kReadable = 4;
constexpr std::int32_t kCommitBit = 1;
constexpr std::int32_t kSuspendBit = 2;

}  // namespace

SimConsumer::SimConsumer(SimNode& node, std::vector<io::Endpoint> name_servers, History& history,
                         ConsumerOptions options)
    : client_(node, std::move(name_servers)),
      history_(history),
      options_(std::move(options)),
      client_id_(fmt::format("{}@{}#{}", node.endpoint().host(), options_.group, node.starts())),
      sub_version_(node.clock().wall_ms()) {
  options_.subscriptions[retry_topic(options_.group)] = "*";
}

SimConsumer::~SimConsumer() = default;

void SimConsumer::start() {
  heartbeat();
  refresh_routes();
  client_.after(options_.commit_interval, [this] { commit_all(); });
}

void SimConsumer::heartbeat() {
  std::map<std::string, bool> told;
  for (const auto& [queue, reader] : readers_) {
    if (std::exchange(told[queue.broker], true)) continue;
    if (options_.use_slaves) {
      for (const auto& [id, member] : client_.members(queue.broker)) send_heartbeat(member);
    } else if (const io::Endpoint* broker = client_.broker(queue.broker)) {
      send_heartbeat(*broker);
    }
  }
  client_.after(options_.heartbeat_interval, [this] { heartbeat(); });
}

const io::Endpoint* SimConsumer::where(const std::string& broker, std::int64_t id) const {
  if (!options_.use_slaves) return client_.broker(broker);
  const auto& members = client_.members(broker);
  if (members.empty()) return client_.broker(broker);
  const auto found = members.find(id);
  return found != members.end() ? &found->second : &members.begin()->second;
}

OffsetAnswer SimConsumer::answered(std::int64_t asked_ms, const std::string& node) {
  return {asked_ms, client_.node().world().now_ms(), node};
}

void SimConsumer::send_heartbeat(const io::Endpoint& broker) {
  protocol::HeartbeatData data;
  data.client_id = client_id_;
  protocol::ConsumerData consumer;
  consumer.group_name = options_.group;
  consumer.consume_from_where = protocol::ConsumeFromWhere::kFirstOffset;
  for (const auto& [topic, expression] : options_.subscriptions) {
    protocol::SubscriptionData subscription;
    subscription.topic = topic;
    subscription.sub_string = expression;
    subscription.sub_version = sub_version_;
    consumer.subscription_data_set.push_back(std::move(subscription));
  }
  data.consumer_data_set.push_back(std::move(consumer));
  remoting::Message message(request::kHeartBeat);
  message.body = protocol::to_json(data);
  client_.call(broker, std::move(message), kTimeout, [](const Result<Reply>&) {});
}

void SimConsumer::refresh_routes() {
  for (const auto& [topic, expression] : options_.subscriptions) {
    client_.route(topic, [this, topic, expression](const Result<protocol::TopicRouteData>& route) {
      if (route) take_route(topic, expression, *route);
    });
  }
  client_.after(options_.route_interval, [this] { refresh_routes(); });
}

void SimConsumer::take_route(const std::string& topic, const std::string& expression,
                             const protocol::TopicRouteData& route) {
  for (const auto& data : route.queue_datas) {
    if ((data.perm & kReadable) == 0 || where(data.broker_name, 0) == nullptr) continue;
    for (std::int32_t id = 0; id < data.read_queue_nums; ++id) {
      QueueName queue{data.broker_name, topic, id};
      auto [entry, fresh] = readers_.try_emplace(queue);
      if (!fresh) continue;
      entry->second = std::make_unique<Reader>();
      entry->second->queue = std::move(queue);
      entry->second->expression = expression;
      send_heartbeat(*where(data.broker_name, 0));
      run(*entry->second);
    }
  }
}

void SimConsumer::commit_all() {
  for (const auto& [queue, reader] : readers_) {
    if (!reader->placed || reader->next == reader->committed) continue;
    protocol::UpdateConsumerOffsetRequestHeader header;
    header.consumer_group = options_.group;
    header.topic = queue.topic;
    header.queue_id = queue.id;
    header.commit_offset = reader->next;
    const io::Endpoint to = *where(queue.broker, 0);
    const auto committed = [this, one = reader.get(), offset = reader->next, node = to.host(),
                            asked_ms = client_.node().world().now_ms()](const Result<Reply>& reply) {
      if (!reply || reply->code != code::kSuccess) return;
      one->committed = offset;
      // A reader that was sent back meanwhile does not stand by this any more.
      if (one->next < offset) return;
      history_.committed(options_.group, one->queue, offset, answered(asked_ms, node));
    };
    client_.call(to, make_request(request::kUpdateConsumerOffset, header), kTimeout, committed);
  }
  client_.after(options_.commit_interval, [this] { commit_all(); });
}

void SimConsumer::run(Reader& reader) {
  if (reader.placed) {
    pull(reader);
  } else {
    place(reader);
  }
}

void SimConsumer::again(Reader& reader, std::int64_t ms) {
  client_.after(Milliseconds(ms), [this, &reader] { run(reader); });
}

void SimConsumer::place(Reader& reader) {
  protocol::QueryConsumerOffsetRequestHeader header;
  header.consumer_group = options_.group;
  header.topic = reader.queue.topic;
  header.queue_id = reader.queue.id;
  header.set_zero_if_not_found = false;
  const io::Endpoint to = *where(reader.queue.broker, 0);
  client_.call(
      to, make_request(request::kQueryConsumerOffset, header), kTimeout,
      [this, &reader, node = to.host(), asked_ms = client_.node().world().now_ms()](const Result<Reply>& reply) {
        if (!reply || (reply->code != code::kSuccess && reply->code != code::kQueryNotFound)) {
          return again(reader, kRetryMs);
        }
        reader.next = reply->code == code::kSuccess ? reply->number("offset") : 0;
        reader.committed = reader.next;
        reader.placed = true;
        history_.offset_read(options_.group, reader.queue, reader.next, answered(asked_ms, node));
        pull(reader);
      });
}

void SimConsumer::pull(Reader& reader) {
  protocol::PullMessageRequestHeader header;
  header.consumer_group = options_.group;
  header.topic = reader.queue.topic;
  header.queue_id = reader.queue.id;
  header.queue_offset = reader.next;
  header.max_msg_nums = options_.max_messages;
  header.sys_flag = kSuspendBit | (reader.next > 0 ? kCommitBit : 0);
  header.commit_offset = reader.next;
  header.suspend_timeout_millis = options_.suspend_ms;
  header.sub_version = sub_version_;
  reader.polled_at_ms = client_.now_ms();
  history_.positioned(options_.group, reader.queue, reader.next);
  client_.call(*where(reader.queue.broker, reader.suggested), make_request(request::kPullMessage, header),
               Milliseconds(options_.suspend_ms + kPatienceMs), [this, &reader](const Result<Reply>& reply) {
                 reader.polled_at_ms = -1;
                 on_pulled(reader, reply);
               });
}

void SimConsumer::on_pulled(Reader& reader, const Result<Reply>& reply) {
  if (!reply) return again(reader, kRetryMs);
  if (options_.use_slaves) reader.suggested = std::max<std::int64_t>(0, reply->number("suggestWhichBrokerId"));
  switch (reply->code) {
    case code::kSuccess:
      take_messages(reader, reply->body);
      move_to(reader, reply->number("nextBeginOffset"));
      return again(reader, 0);
    case code::kPullNotFound:
    case code::kPullRetryImmediately:
      reader.next = std::max(reader.next, reply->number("nextBeginOffset"));
      return again(reader, 1);
    case code::kPullOffsetMoved:
      history_.offset_moved(options_.group, reader.queue);
      move_to(reader, reply->number("nextBeginOffset"));
      return again(reader, 1);
    case code::kSubscriptionNotExist:
    case code::kSubscriptionNotLatest:
      send_heartbeat(*where(reader.queue.broker, reader.suggested));
      return again(reader, kRetryMs);
    default:
      return again(reader, kRetryMs);
  }
}

void SimConsumer::move_to(Reader& reader, std::int64_t next) {
  // Only what a power loss took may make a queue shorter.
  if (options_.use_slaves && next < reader.next && !history_.power_lost_after(reader.queue.broker, 0)) {
    history_.violation(fmt::format("{} is sent back from offset {} of {} to {}", options_.group, reader.next,
                                   reader.queue.text(), next));
  }
  reader.next = next;
}

void SimConsumer::take_messages(Reader& reader, const std::string& body) {
  ByteView rest = as_bytes(body);
  std::int64_t expected = reader.next;
  while (!rest.empty()) {
    const auto record = message::decode_record(rest);
    if (!record) {
      return history_.violation(fmt::format("{} got a record it cannot read from {}: {}", options_.group,
                                            reader.queue.text(), record.error().message()));
    }
    const ByteView bytes = rest.first(static_cast<std::size_t>(record->size));
    rest = rest.subspan(bytes.size());
    const bool in_place =
        record->queue_id == reader.queue.id && record->topic == reader.queue.topic &&
        (reader.expression == "*" ? record->queue_offset == expected : record->queue_offset >= expected);
    if (!in_place) {
      history_.violation(fmt::format("{} asked {} from offset {} and got the record of {}/{} offset {}", options_.group,
                                     reader.queue.text(), expected, record->topic, record->queue_id,
                                     record->queue_offset));
    }
    expected = record->queue_offset + 1;
    const SentMessage* sent = history_.identify(as_chars(record->body));
    const bool fresh = sent != nullptr && !history_.has_consumed(options_.group, sent->id);
    history_.consumed(options_.group, reader.queue, *record, bytes, client_.node().world().now_ms());
    if (fresh && client_.node().random().chance(options_.send_back_percent)) {
      send_back(reader, sent->id, record->physical_offset);
    }
  }
}

void SimConsumer::send_back(const Reader& reader, std::uint64_t id, std::int64_t physical_offset) {
  protocol::ConsumerSendMsgBackRequestHeader header;
  header.offset = physical_offset;
  header.group = options_.group;
  header.delay_level = 1;
  header.origin_topic = reader.queue.topic;
  header.max_reconsume_times = 16;
  client_.call(*where(reader.queue.broker, 0), make_request(request::kConsumerSendMsgBack, header), kTimeout,
               [this, id, broker = reader.queue.broker](const Result<Reply>& reply) {
                 if (!reply || reply->code != code::kSuccess) return;
                 history_.sent_back({id, options_.group, broker, client_.node().world().now_ms()});
               });
}

bool SimConsumer::has_stuck_poll() const {
  for (const auto& [queue, reader] : readers_) {
    if (reader->polled_at_ms >= 0 && client_.now_ms() - reader->polled_at_ms > options_.suspend_ms + 2'000) return true;
  }
  return false;
}

}  // namespace ogive::sim
