#include "broker/produce/send_back_path.h"

#include <fmt/core.h>

#include "broker/delay/schedule.h"
#include "broker/produce/role_rule.h"
#include "broker/topic/names.h"
#include "message/properties.h"
#include "message/record.h"
#include "protocol/codes.h"
#include "protocol/headers/send.h"
#include "store/queue/consume_queue.h"

namespace ogive::broker {
namespace {

namespace code = protocol::response_code;
namespace property = message::property;
using remoting::Message;

constexpr std::int32_t kDeadLetterQueues = 1;
constexpr std::int32_t kFirstRetryLevel = 3;
constexpr std::int32_t kUnitSubFlag = 2;

/// The properties of the copy: where it came from, and that nobody waits for its flush.
std::string copied_properties(const message::RecordView& original, bool dead) {
  std::string properties(original.properties);
  if (!message::find_property(properties, property::kRetryTopic)) {
    message::set_property(properties, property::kRetryTopic, original.topic);
  }
  if (message::find_property(properties, property::kOriginMessageId).value_or("").empty()) {
    const message::OffsetMessageId id(original.store_host, original.physical_offset);
    message::set_property(properties, property::kOriginMessageId, id.text());
  }
  message::set_property(properties, property::kWait, "false");
  if (dead) {
    message::remove_property(properties, property::kDelay);
    const std::string topic(message::find_property(properties, property::kRetryTopic).value_or(""));
    const std::string id(message::find_property(properties, property::kOriginMessageId).value_or(""));
    message::set_property(properties, property::kDlqOriginTopic, topic);
    message::set_property(properties, property::kDlqOriginMessageId, id);
  }
  return properties;
}

}  // namespace

SendBackPath::SendBackPath(const SendBackPorts& ports, AppendLane& lane, io::TaskPool& blocking, TrafficShard& traffic)
    : ports_(ports),
      lane_(lane),
      blocking_(blocking),
      random_(static_cast<std::uint64_t>(lane.executor().clock().monotonic_ns())),
      traffic_(traffic) {}

SendBackPath::~SendBackPath() {
  *alive_ = false;
}

void SendBackPath::send_back(const remoting::Request& request) {
  Given given;
  if (auto answer = check(request, given)) return request.channel->reply(request.reply_to, *answer);
  io::Executor& executor = lane_.executor();
  Status posted = blocking_.post([this, alive = alive_, &executor, &store = ports_.store, given] {
    auto original = store.read_record(PhysicalOffset(given.offset));
    executor.post([this, alive, given, original = std::move(original)] {
      if (*alive) store_again(given, original);
    });
  });
  if (!posted) {
    return request.channel->reply(request.reply_to, Message(code::kSystemBusy, posted.error().message()));
  }
  ports_.server.owed(request.reply_to.channel.reactor).add();
}

std::optional<Message> SendBackPath::check(const remoting::Request& request, Given& given) {
  if (ports_.identity.slave) return slave_refusal(ports_.identity);
  auto header = protocol::decode_header<protocol::ConsumerSendMsgBackRequestHeader>(request.frame);
  if (!header) return Message(code::kSystemError, header.error().message());
  const GroupPtr group = ports_.groups.find_or_create(header->group);
  if (!group) {
    return Message(code::kSubscriptionGroupNotExist, fmt::format("subscription group not exist, {}", header->group));
  }
  if (!permission::writable(ports_.identity.broker_permission.load(std::memory_order_relaxed))) {
    return Message(code::kNoPermission, fmt::format("the broker[{}] sending message is forbidden", ports_.identity.ip));
  }
  if (group->retry_queue_nums <= 0) return Message(code::kSuccess);
  given.retry_topic = retry_topic(header->group);
  const TopicPtr topic = ports_.topics.create_for_send_back(
      given.retry_topic, group->retry_queue_nums, permission::kReadWrite, false, header->unit_mode ? kUnitSubFlag : 0);
  if (!topic) return Message(code::kSystemError, fmt::format("topic[{}] not exist", given.retry_topic));
  if (!permission::writable(topic->perm)) {
    return Message(code::kNoPermission, fmt::format("the topic[{}] sending message is forbidden", given.retry_topic));
  }
  given.to = request.reply_to;
  given.group = header->group;
  given.offset = header->offset;
  given.delay_level = header->delay_level;
  given.retry_queue_nums = group->retry_queue_nums;
  given.max_reconsume_times = group->retry_max_times;
  if (request.frame.version >= protocol::version::kV3_4_9 && header->max_reconsume_times) {
    given.max_reconsume_times = *header->max_reconsume_times;
  }
  return std::nullopt;
}

void SendBackPath::answer(const remoting::ReplyTo& to, Message message) {
  ports_.server.reply(to, std::move(message));
  ports_.server.owed(to.channel.reactor).settle();
}

void SendBackPath::store_again(const Given& given, const Result<std::vector<std::byte>>& original) {
  if (!original) {
    return answer(given.to, Message(code::kSystemError, fmt::format("look message by offset failed, {}: {}",
                                                                    given.offset, original.error().message())));
  }
  const auto record = message::decode_record(*original);
  if (!record) return answer(given.to, Message(code::kSystemError, record.error().message()));
  // Stored again under a new CRC a damaged body would pass for a sound one.
  if (!message::body_crc_matches(*record)) {
    return answer(
        given.to,
        Message(code::kSystemError,
                fmt::format("the message at physical offset {} is damaged in the commit log: its body differs "
                            "from its CRC; it is not stored again",
                            given.offset)));
  }

  const bool dead = given.delay_level < 0 || record->reconsume_times >= given.max_reconsume_times;
  std::string topic = given.retry_topic;
  if (dead) {
    topic = dlq_topic(given.group);
    ports_.topics.create_for_send_back(topic, kDeadLetterQueues, permission::kReadWrite);
  }
  const std::string properties = copied_properties(*record, dead);
  if (properties.size() + 512 > message::kMaxPropertiesBytes) {
    return answer(given.to, Message(code::kMessageIllegal, "the message's properties leave no room for a retry"));
  }
  message::RecordFields fields;
  fields.queue_id =
      dead ? 0 : static_cast<std::int32_t>(random_.below(static_cast<std::uint64_t>(given.retry_queue_nums)));
  fields.flag = record->flag;
  fields.sys_flag = record->sys_flag;
  fields.born_timestamp_ms = record->born_timestamp_ms;
  fields.born_host = record->born_host;
  fields.store_host = ports_.identity.store_host;
  fields.reconsume_times = record->reconsume_times + 1;
  fields.body = record->body;
  fields.topic = topic;
  fields.properties = properties;

  const std::uint64_t ticket = next_ticket_++;
  waiting_.emplace(ticket, Waiting{given.to, topic, traffic_key(record->topic, given.group), dead});
  lane_.begin();
  if (dead) {
    lane_.add(ports_.store.queue(topic, QueueId(0)), fields, message::tags_code_of(properties));
  } else {
    const std::int32_t level = given.delay_level == 0 ? kFirstRetryLevel + record->reconsume_times : given.delay_level;
    add_delayed(lane_, ports_.store, ports_.delay_level_ms, fields, level);
  }
  lane_.commit(level_of(ports_.identity), *this, ticket);
}

void SendBackPath::on_append_done(std::uint64_t ticket, const AppendOutcome& outcome) {
  const auto found = waiting_.find(ticket);
  const Waiting waiting = std::move(found->second);
  const remoting::ReplyTo& to = waiting.to;
  waiting_.erase(found);
  if (outcome.kind == AppendOutcome::Kind::kFailed) {
    answer(to, Message(code::kSystemError, "the message was not stored: " + outcome.error->message()));
    return;
  }
  // Without a slave it is stored all the same. An error would make the client send a copy of its own, each round two.
  if (outcome.kind == AppendOutcome::Kind::kFlushTimeout) {
    ports_.server.reply(to, Message(code::kSystemError, "FLUSH_DISK_TIMEOUT"));
    return;
  }
  const auto& entry = outcome.entries.front();
  traffic_.counters(TrafficKind::kTopicPut, entry.queue->topic()).add(1, entry.size);
  traffic_.counters(TrafficKind::kSendBack, waiting.key).add(1, entry.size);
  if (waiting.dead) traffic_.counters(TrafficKind::kDeadLetter, waiting.key).add(1, entry.size);
  if (ports_.topics.is_saved(waiting.topic)) {
    answer(to, Message(code::kSuccess));
  } else {
    // The first retry of a group: acknowledged once its retry topic is on the disk.
    ports_.topics.when_saved(waiting.topic, lane_.executor(), [this, alive = alive_, to](const Status& saved) {
      if (!*alive) return;
      answer(to, saved ? Message(code::kSuccess)
                       : Message(code::kSystemError, "the retry topic was not saved: " + saved.error().message()));
    });
  }
}

}  // namespace ogive::broker
