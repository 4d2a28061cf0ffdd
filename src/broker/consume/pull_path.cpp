#include "broker/consume/pull_path.h"

#include <fmt/core.h>

#include "message/record.h"
#include "protocol/codes.h"
#include "store/queue/consume_queue.h"

namespace ogive::broker {
namespace {

namespace code = protocol::response_code;
using remoting::Message;
using store::ReadStatus;

constexpr std::int32_t kCommitOffsetBit = 1;
constexpr std::int32_t kSuspendBit = 2;
constexpr std::int32_t kSubscriptionBit = 4;
constexpr std::size_t kMaxParsedExpressions = 10'000;

/// Where a refusal comes from, as clients of the proxy distinguish it.
enum class Forbidden : std::int64_t { kGroup = 1, kTopic = 2, kBroker = 3, kBroadcastDisabled = 4, kSubscription = 5 };

Message forbidden(Forbidden type, std::string remark) {
  Message message(code::kNoPermission, std::move(remark));
  message.field("forbiddenType", static_cast<std::int64_t>(type));
  return message;
}

struct Verdict {
  std::int32_t code;
  std::string_view remark;
};

Verdict verdict_of(const store::ReadResult& result, QueueOffset asked) {
  switch (result.status) {
    case ReadStatus::kFound:
      return {code::kSuccess, "FOUND"};
    case ReadStatus::kNoMatched:
      return {code::kPullRetryImmediately, "NO_MATCHED_MESSAGE"};
    case ReadStatus::kRemoved:
      return {code::kPullRetryImmediately, "MESSAGE_WAS_REMOVING"};
    case ReadStatus::kEmptyQueue:
      return {asked.value() != 0 ? code::kPullOffsetMoved : code::kPullNotFound, "NO_MESSAGE_IN_QUEUE"};
    case ReadStatus::kOffsetTooSmall:
      return {code::kPullOffsetMoved, "OFFSET_TOO_SMALL"};
    case ReadStatus::kOffsetOverflowOne:
      return {code::kPullNotFound, "OFFSET_OVERFLOW_ONE"};
    case ReadStatus::kOffsetOverflowFar:
      return {code::kPullOffsetMoved, "OFFSET_OVERFLOW_BADLY"};
    case ReadStatus::kFailed:
      return {code::kSystemError, "the messages could not be read from the disk"};
    case ReadStatus::kWouldBlock:
      break;
  }
  return {code::kSystemBusy, "[OVERLOAD]the broker reads older messages for too many consumers; retry"};
}

bool nothing_yet(const store::ReadResult& result, QueueOffset asked) {
  return verdict_of(result, asked).code == code::kPullNotFound;
}

}  // namespace

PullPath::PullPath(const PullPorts& ports, const BrokerIdentity& identity, const PullOptions& options,
                   io::TaskPool& blocking, io::Executor& executor, TrafficShard& traffic)
    : ports_(ports),
      identity_(identity),
      options_(options),
      blocking_(blocking),
      executor_(executor),
      topics_(ports.topics, ports.store),
      consumers_(ports.groups, ports.consumers, ports.offsets, traffic),
      parked_(executor, options.max_parked, [this](PullTask task) { expire(std::move(task)); }) {}

PullPath::~PullPath() {
  *alive_ = false;
  executor_.disarm(*this);
}

void PullPath::pull(const remoting::Request& request) {
  auto header = protocol::decode_header<Header>(request.frame);
  if (!header) return refuse(request, Message(code::kSystemError, header.error().message()));
  CachedTopic* topic = nullptr;
  CachedConsumer* consumer = nullptr;
  if (auto refusal = check_access(request, *header, topic, consumer)) return refuse(request, std::move(*refusal));

  PullTask task;
  if (auto refusal = choose_filter(request, *header, *consumer, task.filter))
    return refuse(request, std::move(*refusal));
  task.to = request.reply_to;
  task.queue = &topics_.queue(*topic, header->queue_id);
  task.asked = task.next = QueueOffset(header->queue_offset);
  task.max_messages = std::min(static_cast<std::uint32_t>(std::max(header->max_msg_nums, 1)), options_.memory_messages);
  const std::int32_t max_bytes = header->max_msg_bytes.value_or(0);
  task.max_bytes =
      max_bytes > 0 ? std::min(static_cast<std::uint32_t>(max_bytes), options_.memory_bytes) : options_.memory_bytes;
  task.topic_sys_flag = topic->topic_sys_flag;
  task.group_sys_flag = consumer->group->group_sys_flag;
  task.traffic = consumer->gets;
  task.broker_id = consumer->group->broker_id;
  task.slow_broker_id = consumer->group->which_broker_when_consume_slowly;
  if ((header->sys_flag & kSuspendBit) != 0) {
    const std::int64_t wanted = options_.long_polling ? header->suspend_timeout_millis : options_.short_polling_ms;
    const std::int64_t wait_ms = std::clamp<std::int64_t>(wanted, 0, options_.max_suspend_ms);
    if (wait_ms > 0) task.deadline_ms = executor_.clock().monotonic_ms() + wait_ms;
  }
  if (consumer->offsets) {
    if (consumer->offsets->has_reset() && answer_reset(request, *header, *consumer, task)) return;
    // A slave is told offsets in requests of their own, when its master is away.
    const bool commits = (header->sys_flag & kCommitOffsetBit) != 0 && !identity_.slave;
    if (commits) consumer->offsets->commit(header->queue_id, header->commit_offset);
    consumer->offsets->record_pull(header->queue_id, header->queue_offset);
  }
  attempt(std::move(task));
}

PullPath::Refusal PullPath::check_access(const remoting::Request& request, const Header& header, CachedTopic*& topic,
                                         CachedConsumer*& consumer) {
  if (!permission::readable(identity_.broker_permission.load(std::memory_order_relaxed))) {
    return forbidden(Forbidden::kBroker, fmt::format("the broker[{}] pulling message is forbidden", identity_.ip));
  }
  if (request.frame.code == protocol::request_code::kLitePullMessage && !options_.lite_pull) {
    return forbidden(Forbidden::kBroker,
                     fmt::format("the broker[{}] for lite pull consumer is forbidden", identity_.ip));
  }
  consumer = &consumers_.find(header.consumer_group, header.topic);
  if (!consumer->group) {
    return Message(code::kSubscriptionGroupNotExist,
                   fmt::format("subscription group [{}] does not exist, {}", header.consumer_group,
                               "create it (mqadmin updateSubGroup) or set autoCreateSubscriptionGroup=true"));
  }
  if (!consumer->group->consume_enable) {
    return forbidden(Forbidden::kGroup, fmt::format("subscription group no permission, {}", header.consumer_group));
  }
  topic = topics_.find(header.topic);
  if (topic == nullptr) {
    return Message(code::kTopicNotExist,
                   fmt::format("topic[{}] not exist, apply first please! (mqadmin updateTopic)", header.topic));
  }
  if (!permission::readable(topic->perm)) {
    return forbidden(Forbidden::kTopic, fmt::format("the topic[{}] pulling message is forbidden", header.topic));
  }
  if (header.queue_id < 0 || header.queue_id >= topic->read_queue_nums) {
    return Message(code::kInvalidParameter,
                   fmt::format("queueId[{}] is illegal, topic:[{}] topicConfig.readQueueNums:[{}] consumer:[{}]",
                               header.queue_id, header.topic, topic->read_queue_nums, request.remote.to_string()));
  }
  return std::nullopt;
}

PullPath::Refusal PullPath::choose_filter(const remoting::Request& request, const Header& header,
                                          const CachedConsumer& consumer, SubscriptionPtr& filter) {
  if ((header.sys_flag & kSubscriptionBit) != 0) {
    filter = parse_subscription(header);
    if (filter && !filter->is_tag) {
      return Message(code::kSystemError, "The broker does not support consumer to filter message by " +
                                             std::string(header.expression_type.value_or("")));
    }
    return std::nullopt;
  }
  if (!consumer.online) {
    return Message(
        code::kSubscriptionNotExist,
        "the consumer's group info not exist: no heartbeat of this group has come in; retry after the next one");
  }
  if (consumer.online->broadcasting() && !consumer.group->consume_broadcast_enable) {
    return forbidden(Forbidden::kBroadcastDisabled,
                     fmt::format("the consumer group[{}] can not consume by broadcast way", header.consumer_group));
  }
  if (consumer.read_forbidden) {
    return forbidden(Forbidden::kSubscription, fmt::format("the consumer group[{}] is forbidden for topic[{}]",
                                                           header.consumer_group, header.topic));
  }
  if (!consumer.subscription) return Message(code::kSubscriptionNotExist, "the consumer's subscription not exist");
  if (consumer.subscription->data.sub_version < header.sub_version) {
    return Message(code::kSubscriptionNotLatest, "the consumer's subscription not latest");
  }
  if (options_.reject_pull_consumer && consumer.online->consume_type == "CONSUME_ACTIVELY") {
    return Message(code::kSubscriptionNotExist,
                   "the consumer's subscription not exist: pull consumers are rejected "
                   "(rejectPullConsumerEnable)");
  }
  if (!consumer.subscription->is_tag) {
    return Message(code::kSystemError,
                   fmt::format("The broker does not support consumer to filter message by {} ({})",
                               consumer.subscription->data.expression_type, request.remote.to_string()));
  }
  filter = consumer.subscription;
  return std::nullopt;
}

SubscriptionPtr PullPath::parse_subscription(const Header& header) {
  const std::string_view expression = header.subscription.value_or("*");
  const std::string_view type = header.expression_type.value_or("TAG");
  std::string key(type);
  key += '\n';
  key += expression;
  if (const auto found = expressions_.find(key); found != expressions_.end()) return found->second;
  if (expressions_.size() >= kMaxParsedExpressions) expressions_.clear();
  protocol::SubscriptionData data;
  data.topic = header.topic;
  data.sub_string = expression;
  data.expression_type = type;
  return expressions_[key] = make_subscription(std::move(data));
}

bool PullPath::answer_reset(const remoting::Request& request, const Header& header, const CachedConsumer& consumer,
                            const PullTask& task) {
  const auto reset = consumer.offsets->take_reset(header.queue_id);
  if (!reset) return false;
  Message message(code::kPullOffsetMoved, "OFFSET_RESET");
  message.field("suggestWhichBrokerId", std::int64_t{0});
  message.field("groupSysFlag", std::int64_t{task.group_sys_flag});
  message.field("nextBeginOffset", *reset);
  message.field("maxOffset", task.queue->max_offset().value());
  message.field("minOffset", task.queue->min_offset().value());
  message.field("topicSysFlag", std::int64_t{task.topic_sys_flag});
  request.channel->reply(request.reply_to, message);
  return true;
}

store::ReadResult PullPath::read(const PullTask& task, bool wait) {
  store::ReadRequest request;
  request.offset = task.next;
  request.max_messages = task.max_messages;
  request.max_bytes = task.max_bytes;
  request.far_before = ports_.store.max_physical_offset().value() - options_.slow_bytes;
  request.far_messages = std::min(task.max_messages, options_.disk_messages);
  request.far_bytes = std::min(task.max_bytes, options_.disk_bytes);
  if (task.filter) request.tag_codes = task.filter->tag_codes;
  request.wait = wait;
  store::ReadResult result = ports_.store.read(*task.queue, request);
  // What a consumer had from the master may not have come here yet: it waits and keeps its place.
  const bool beyond = result.status == ReadStatus::kOffsetOverflowFar ||
                      (result.status == ReadStatus::kEmptyQueue && task.asked.value() != 0);
  if (identity_.slave && beyond && !identity_.offset_check_in_slave.load(std::memory_order_relaxed)) [[unlikely]] {
    result.status = ReadStatus::kOffsetOverflowOne;
    result.next_offset = task.next;
  }
  return result;
}

std::int64_t PullPath::suggested_broker(const PullTask& task, const store::ReadResult& result) const {
  // A slave serves whoever comes, and sends him to the master as soon as it is there.
  if (identity_.slave && !identity_.master_reachable.load(std::memory_order_relaxed)) return identity_.broker_id;
  if (!identity_.slave_read.load(std::memory_order_relaxed)) return 0;
  std::array<ByteView, 1> first;
  if (result.records.peek(first) == 0 || first[0].size() < message::kPhysicalOffsetPosition + 8) return task.broker_id;
  const auto offset = load_be<std::int64_t>(first[0].data() + message::kPhysicalOffsetPosition);
  const bool slow = ports_.store.max_physical_offset().value() - offset > options_.slow_bytes;
  return slow ? task.slow_broker_id : task.broker_id;
}

void PullPath::attempt(PullTask task) {
  store::ReadResult result = read(task, /*wait=*/false);
  if (result.status == ReadStatus::kWouldBlock) return attempt_blocking(std::move(task));
  settle(std::move(task), std::move(result));
}

void PullPath::attempt_blocking(PullTask task) {
  struct Work {
    PullTask task;
    store::ReadResult result;
    std::int64_t started_ns = 0;
  };
  auto work = std::make_shared<Work>();  // Shared between the blocking thread and the failure path below.
  const remoting::ReplyTo to = task.to;
  work->task = std::move(task);
  work->started_ns = executor_.clock().monotonic_ns();
  Status posted = blocking_.post([this, alive = alive_, work, &executor = executor_] {
    work->result = read(work->task, /*wait=*/true);
    executor.post([this, alive, work] {
      if (!*alive) return;
      ports_.server.owed(work->task.to.channel.reactor).settle();
      const std::int64_t ms = (executor_.clock().monotonic_ns() - work->started_ns) / 1'000'000;
      counters_.slowest_read_ms.raise(static_cast<std::uint64_t>(ms));
      settle(std::move(work->task), std::move(work->result));
    });
  });
  if (posted) {
    ports_.server.owed(to.channel.reactor).add();
  } else {
    work->result.status = ReadStatus::kWouldBlock;
    reply(work->task, std::move(work->result));
  }
}

void PullPath::settle(PullTask task, store::ReadResult result) {
  if (task.deadline_ms == 0 || !nothing_yet(result, task.asked)) return reply(task, std::move(result));
  const QueueOffset next = task.next;
  store::ConsumeQueue& queue = *task.queue;
  const PullTask copy = task;
  if (!parked_.park(std::move(task))) return reply(copy, std::move(result));
  parked_count_.store(parked_.size());
  // A message may have come between the read and the parking, on another thread that saw nobody waiting.
  if (queue.max_offset() > next) return note_arrival(queue);
  ports_.store.note_parked(queue);
}

void PullPath::note_arrival(store::ConsumeQueue& queue) {
  if (!executor_.on_own_thread()) {
    executor_.post([this, alive = alive_, &queue] {
      if (*alive) note_arrival(queue);
    });
    return;
  }
  if (std::find(arrived_.begin(), arrived_.end(), &queue) == arrived_.end()) arrived_.push_back(&queue);
  executor_.at_turn_end(*this, io::TurnPhase::kCommit);
}

void PullPath::on_turn_end() {
  auto arrived = std::move(arrived_);
  arrived_.clear();
  for (store::ConsumeQueue* queue : arrived) wake(*queue);
  parked_count_.store(parked_.size());
}

void PullPath::wake(store::ConsumeQueue& queue) {
  for (PullTask& task : parked_.take(queue)) {
    if (ports_.server.find(task.to.channel) == nullptr) continue;  // Its client has left.
    store::ReadResult result = read(task, /*wait=*/false);
    while (result.status == ReadStatus::kNoMatched && result.next_offset < result.max_offset) {
      task.next = result.next_offset;
      result = read(task, /*wait=*/false);
    }
    if (result.status == ReadStatus::kNoMatched) {
      // The filter let nothing of the news through: wait on behind it.
      task.next = result.next_offset;
      result.status = ReadStatus::kOffsetOverflowOne;
    }
    if (result.status == ReadStatus::kWouldBlock) {
      attempt_blocking(std::move(task));
    } else {
      settle(std::move(task), std::move(result));
    }
  }
}

void PullPath::expire(PullTask task) {
  parked_count_.store(parked_.size());
  task.deadline_ms = 0;
  store::ReadResult result = read(task, /*wait=*/false);
  if (nothing_yet(result, task.asked) && task.next > task.asked) {
    // What was skipped need not be looked at again: let the client go on behind it.
    result.status = ReadStatus::kNoMatched;
    result.next_offset = task.next;
  }
  if (result.status == ReadStatus::kWouldBlock) return attempt_blocking(std::move(task));
  reply(task, std::move(result));
}

void PullPath::release_all() {
  for (PullTask& task : parked_.take_all()) expire(std::move(task));
}

void PullPath::reply(const PullTask& task, store::ReadResult result) {
  remoting::Channel* channel = ports_.server.find(task.to.channel);
  if (channel == nullptr || channel->closing() || task.to.one_way) return;
  const Verdict verdict = verdict_of(result, task.asked);
  if (verdict.code == code::kSuccess) {
    counters_.messages.add(result.message_count);
    counters_.found.add(1);
    if (task.traffic != nullptr) task.traffic->add(result.message_count, result.records.size());
  } else {
    counters_.missed.add(1);
  }
  io::OutBuffer& out = channel->output();
  protocol::FrameWriter writer(out, task.to.serialization, verdict.code, task.to.opaque, protocol::kResponseFlag);
  writer.remark(verdict.remark);
  writer.field("suggestWhichBrokerId", suggested_broker(task, result));
  writer.field("groupSysFlag", std::int64_t{task.group_sys_flag});
  writer.field("nextBeginOffset", result.next_offset.value());
  writer.field("maxOffset", result.max_offset.value());
  writer.field("minOffset", result.min_offset.value());
  writer.field("topicSysFlag", std::int64_t{task.topic_sys_flag});
  if (verdict.code == code::kSuccess) {
    writer.finish_with_body_size(result.records.size());
    out.splice(result.records);
  } else {
    writer.finish();
  }
}

void PullPath::refuse(const remoting::Request& request, Message message) {
  counters_.missed.add(1);
  request.channel->reply(request.reply_to, message);
}

}  // namespace ogive::broker
