#include "broker/produce/send_path.h"

#include <fmt/core.h>

#include "broker/delay/schedule.h"
#include "broker/produce/dead_letter_rule.h"
#include "broker/produce/role_rule.h"
#include "broker/topic/names.h"
#include "message/properties.h"
#include "message/sys_flag.h"
#include "protocol/batch.h"
#include "protocol/codes.h"
#include "store/queue/consume_queue.h"

namespace ogive::broker {
namespace {

namespace code = protocol::response_code;
using remoting::Message;

constexpr std::int32_t kDeadLetterQueues = 1;

std::string_view trace_text(const BrokerIdentity& identity) {
  return identity.trace_on ? "true" : "false";
}

std::int32_t topic_sys_flag(const protocol::SendMessageRequestHeader& send) {
  constexpr std::int32_t kUnit = 1, kUnitSub = 2;
  if (!send.unit_mode.value_or(false)) return 0;
  return is_retry_topic(send.topic) ? kUnitSub : kUnit;
}

}  // namespace

SendPath::SendPath(const SendPorts& ports, io::Executor& executor, const AppendLane::Options& options,
                   std::uint32_t reactor, TrafficShard& traffic)
    : ports_(ports),
      clock_(executor.clock()),
      topics_(ports.topics, ports.store),
      lane_(ports.store, executor, options),
      unique_keys_(ports.identity.store_host, reactor, executor.clock()),
      random_(static_cast<std::uint64_t>(executor.clock().monotonic_ns()) + reactor),
      traffic_(traffic),
      delayed_(traffic.counters(TrafficKind::kTopicPut, system_topic::kSchedule)),
      owed_(ports.server.owed(reactor)) {
  message::append_property(server_tail_, message::property::kCluster, ports.identity.cluster_name);
  message::append_property(server_tail_, message::property::kRegion, ports.identity.region_id);
  message::append_property(server_tail_, message::property::kTraceOn, trace_text(ports.identity));
}

SendPath::~SendPath() {
  *alive_ = false;
}

void SendPath::send(const remoting::Request& request) {
  auto send = protocol::decode_send_header(request.frame);
  if (!send) return refuse(request, Message(code::kSystemError, send.error().message()));
  if (send->batch.value_or(false)) return send_batch(request);
  CachedTopic* topic = nullptr;
  if (auto refusal = check(request, *send, topic)) return refuse(request, std::move(*refusal));
  PropertyScan scan = scan_properties(send->properties.value_or(std::string_view()));
  if (auto refusal = check_message(*send, scan, request.frame.body.size())) return refuse(request, std::move(*refusal));

  std::int32_t queue_id = send->queue_id;
  if (queue_id < 0) {
    queue_id = static_cast<std::int32_t>(random_.below(static_cast<std::uint64_t>(topic->write_queue_nums)));
  }
  if (is_retry_topic(send->topic)) [[unlikely]] {
    auto verdict = ports_.dead_letters.judge(
        send->topic, send->reconsume_times.value_or(0),
        request.frame.version >= protocol::version::kV3_4_9 ? send->max_reconsume_times : std::nullopt);
    if (verdict.refusal) return refuse(request, std::move(*verdict.refusal));
    if (verdict.dead) {
      const std::string dead_topic = dlq_topic(verdict.group);
      ports_.topics.create_for_send_back(dead_topic, kDeadLetterQueues, permission::kReadWrite);
      topic = topics_.find(dead_topic);
      if (topic == nullptr) return refuse(request, Message(code::kSystemError, "topic[" + dead_topic + "] not exist"));
      send->topic = topic->name;
      queue_id = 0;
      scan.delay_level = 0;
    }
  }

  message::RecordFields fields = record_fields(request, *send, *topic);
  fields.queue_id = queue_id;
  fields.body = request.frame.body;
  complete_properties(fields, scan);
  const std::uint64_t ticket =
      open_ticket(request, *topic, queue_id, scan.unique_key, scan.delay_level > 0 ? delayed_ : traffic_of(*topic));
  lane_.begin();
  if (scan.delay_level > 0) {
    add_delayed(lane_, ports_.store, ports_.delay_level_ms, fields, scan.delay_level);
  } else {
    lane_.add(topics_.queue(*topic, queue_id), fields, message::tags_code(scan.tags));
  }
  lane_.commit(level_for(scan), *this, ticket);
}

void SendPath::send_batch(const remoting::Request& request) {
  auto send = protocol::decode_send_header(request.frame);
  if (!send) return refuse(request, Message(code::kSystemError, send.error().message()));
  CachedTopic* topic = nullptr;
  if (auto refusal = check(request, *send, topic)) return refuse(request, std::move(*refusal));
  if (is_retry_topic(send->topic) || is_dlq_topic(send->topic)) {
    return refuse(request, Message(code::kMessageIllegal,
                                   fmt::format("batch request does not support retry group {}", send->topic)));
  }
  PropertyScan whole = scan_properties(send->properties.value_or(std::string_view()));
  if (auto refusal = check_message(*send, whole, request.frame.body.size()))
    return refuse(request, std::move(*refusal));
  if (auto refusal = read_parts(request.frame.body)) return refuse(request, std::move(*refusal));
  std::int32_t queue_id = send->queue_id;
  if (queue_id < 0) {
    queue_id = static_cast<std::int32_t>(random_.below(static_cast<std::uint64_t>(topic->write_queue_nums)));
  }
  message::RecordFields fields = record_fields(request, *send, *topic);
  fields.queue_id = queue_id;
  store::ConsumeQueue& queue = topics_.queue(*topic, queue_id);
  const std::uint64_t ticket = open_ticket(request, *topic, queue_id, whole.unique_key, traffic_of(*topic));
  lane_.begin();
  // Without a key of its own a batch has no name its producer could be told: then it is several messages there too.
  if (queue.kind() == store::QueueKind::kBatch && !whole.unique_key.empty()) [[unlikely]] {
    fields.body = request.frame.body;
    pending_[ticket].inner_batch = true;
    stage_inner_batch(fields, whole, queue);
  } else {
    lane_.add_series(queue, fields, parts_);
  }
  lane_.commit(level_for(whole), *this, ticket);
}

void SendPath::stage_inner_batch(message::RecordFields& fields, PropertyScan& whole, store::ConsumeQueue& queue) {
  complete_properties(fields, whole);
  inner_properties_.assign(fields.properties);
  inner_properties_ += fields.properties_tail;
  message::set_property(inner_properties_, message::property::kInnerNum, std::to_string(parts_.size()));
  fields.properties = inner_properties_;
  fields.properties_tail = {};
  fields.sys_flag |= message::kNeedUnwrap | message::kInnerBatch;
  lane_.add(queue, fields, /*tags_code=*/0);
}

SendPath::Refusal SendPath::read_parts(ByteView batch) {
  parts_.clear();
  for (protocol::BatchReader reader(batch); !reader.done();) {
    auto part = reader.next();
    if (!part) return Message(code::kMessageIllegal, part.error().message());
    const PropertyScan scan = scan_properties(part->properties);
    if (scan.delay_level > 0 || scan.timer || scan.transaction) {
      return Message(code::kMessageIllegal, "a batch may not hold delayed or transactional messages");
    }
    parts_.push_back({part->flag, part->body, part->properties, message::tags_code(scan.tags)});
  }
  // As many as the two bytes of a batch queue's entry can say.
  if (parts_.size() > INT16_MAX) {
    return Message(code::kMessageIllegal,
                   fmt::format("a batch may hold {} messages, this one has {}", INT16_MAX, parts_.size()));
  }
  return std::nullopt;
}

SendPath::Refusal SendPath::check(const remoting::Request& request, const Send& send, CachedTopic*& topic) {
  if (ports_.identity.slave) [[unlikely]]
    return slave_refusal(ports_.identity);
  if (Status admitted = lane_.admit(); !admitted) return Message(code::kSystemBusy, admitted.error().message());
  if (const std::int64_t from = ports_.identity.accept_sends_from_ms; from != 0 && clock_.wall_ms() < from)
      [[unlikely]] {
    return Message(code::kSystemError,
                   fmt::format("broker unable to service, until {} (startAcceptSendRequestTimeStamp)", from));
  }
  topic = topics_.find(send.topic);
  if (topic == nullptr) [[unlikely]] {
    if (auto refusal = resolve_topic(request, send, topic)) return refusal;
  }
  // A system topic is in the table like any other: what clients may not write to is asked once per send, by prefix
  // first.
  if (sending_forbidden(send.topic)) [[unlikely]] {
    return Message(code::kNoPermission, fmt::format("Sending message to topic[{}] is forbidden.", send.topic));
  }
  if ((ports_.identity.broker_permission.load(std::memory_order_relaxed) & permission::kWrite) == 0 && topic->order)
      [[unlikely]] {
    return Message(code::kNoPermission, fmt::format("the broker[{}] sending message is forbidden", ports_.identity.ip));
  }
  if ((topic->perm & permission::kWrite) == 0) [[unlikely]] {
    return Message(code::kNoPermission, fmt::format("the topic[{}] sending message is forbidden", send.topic));
  }
  const std::int32_t queues = std::max(topic->write_queue_nums, topic->read_queue_nums);
  if (send.queue_id >= queues || topic->write_queue_nums <= 0) [[unlikely]] {
    return Message(
        code::kInvalidParameter,
        fmt::format("request queueId[{}] is illegal, topic[{}] has readQueueNums={}, writeQueueNums={} Producer: {}",
                    send.queue_id, send.topic, topic->read_queue_nums, topic->write_queue_nums,
                    request.remote.to_string()));
  }
  topic->prefetch(send.queue_id);
  return std::nullopt;
}

SendPath::Refusal SendPath::resolve_topic(const remoting::Request& request, const Send& send, CachedTopic*& topic) {
  if (auto defect = topic_name_error(send.topic)) return Message(code::kInvalidParameter, *defect);
  if (sending_forbidden(send.topic)) {
    return Message(code::kNoPermission, fmt::format("Sending message to topic[{}] is forbidden.", send.topic));
  }
  const std::string remote = request.remote.to_string();
  const CreateForSend wanted{send.topic, send.default_topic, send.default_topic_queue_nums, topic_sys_flag(send),
                             remote};
  if (!ports_.topics.create_for_send(wanted) && is_retry_topic(send.topic)) {
    ports_.topics.create_for_send_back(send.topic, 1, permission::kReadWrite, false, topic_sys_flag(send));
  }
  topic = topics_.find(send.topic);
  if (topic != nullptr) return std::nullopt;
  return Message(code::kTopicNotExist,
                 fmt::format("topic[{}] not exist, apply first please! Create it (mqadmin updateTopic) or set "
                             "autoCreateTopicEnable=true.",
                             send.topic));
}

SendPath::Refusal SendPath::check_message(const Send& send, const PropertyScan& scan, std::size_t body_bytes) const {
  const auto limit = static_cast<std::size_t>(ports_.identity.max_message_bytes.load(std::memory_order_relaxed));
  if (body_bytes == 0) return Message(code::kMessageIllegal, "the message body is empty");
  if (body_bytes > limit) {
    return Message(
        code::kMessageIllegal,
        fmt::format("the message is illegal: its body of {} bytes exceeds maxMessageSize={}", body_bytes, limit));
  }
  // Room is kept for what the server appends: CLUSTER, MSG_REGION, TRACE_ON, a unique key, REAL_TOPIC and REAL_QID.
  constexpr std::size_t kReserved = 512;
  const std::size_t properties_bytes = send.properties.value_or(std::string_view()).size();
  if (properties_bytes + kReserved > message::kMaxPropertiesBytes) {
    return Message(code::kMessageIllegal,
                   fmt::format("the message is illegal: its properties of {} bytes exceed {} bytes", properties_bytes,
                               message::kMaxPropertiesBytes - kReserved));
  }
  // Only a broker makes an inner batch, of a batch it has taken apart.
  if (scan.has_inner_count || (send.sys_flag & message::kInnerBatch) != 0) {
    return Message(code::kMessageIllegal,
                   "the message is illegal: it says that it is an inner batch (INNER_NUM, system "
                   "flag 0x80); send a batch to a topic with queue.type=BatchCQ instead");
  }
  if (scan.transaction) {
    return Message(code::kNoPermission,
                   fmt::format("the broker[{}] sending transaction message is forbidden: this version "
                               "does not serve transactions yet",
                               ports_.identity.ip));
  }
  if (scan.timer && scan.delay_level <= 0) {
    return Message(
        code::kMessageIllegal,
        "timer messages (TIMER_DELAY_SEC, TIMER_DELAY_MS, TIMER_DELIVER_MS) are not served by this version yet; "
        "use a delay level");
  }
  return std::nullopt;
}

message::RecordFields SendPath::record_fields(const remoting::Request& request, const Send& send,
                                              const CachedTopic& topic) const {
  message::RecordFields fields;
  fields.flag = send.flag;
  fields.sys_flag = send.sys_flag & ~message::kTransactionMask;
  if (topic.multi_tag) fields.sys_flag |= message::kMultiTags;
  fields.born_timestamp_ms = send.born_timestamp;
  fields.born_host = request.remote;
  fields.store_host = ports_.identity.store_host;
  fields.reconsume_times = send.reconsume_times.value_or(0);
  fields.topic = send.topic;
  fields.properties = send.properties.value_or(std::string_view());
  return fields;
}

void SendPath::complete_properties(message::RecordFields& fields, PropertyScan& scan) {
  const bool ends_open = !fields.properties.empty() && fields.properties.back() != message::kValueEnd;
  if (!scan.has_server_pairs && !scan.has_pop_checkpoint && !scan.unique_key.empty() && !ends_open) [[likely]] {
    fields.properties_tail = server_tail_;
    return;
  }
  properties_copy_.assign(fields.properties);
  message::remove_property(properties_copy_, message::property::kPopCheckpoint);
  message::set_property(properties_copy_, message::property::kCluster, ports_.identity.cluster_name);
  message::set_property(properties_copy_, message::property::kRegion, ports_.identity.region_id);
  message::set_property(properties_copy_, message::property::kTraceOn, trace_text(ports_.identity));
  if (scan.unique_key.empty()) {
    generated_key_ = unique_keys_.next();
    message::set_property(properties_copy_, message::property::kUniqueKey, generated_key_);
  }
  const std::int32_t delay_level = scan.delay_level;
  scan = scan_properties(properties_copy_);  // Its views pointed into the old text.
  scan.delay_level = delay_level;
  fields.properties = properties_copy_;
}

AppendLevel SendPath::level_for(const PropertyScan& scan) const {
  return scan.wait ? level_of(ports_.identity) : AppendLevel();
}

std::uint64_t SendPath::open_ticket(const remoting::Request& request, const CachedTopic& topic, std::int32_t queue_id,
                                    std::string_view unique_key, TrafficCounters& traffic) {
  std::uint32_t slot;
  if (free_.empty()) {
    slot = static_cast<std::uint32_t>(pending_.size());
    pending_.emplace_back();
  } else {
    slot = free_.back();
    free_.pop_back();
  }
  Pending& pending = pending_[slot];
  pending.to = request.reply_to;
  pending.queue_id = queue_id;
  pending.traffic = &traffic;
  pending.inner_batch = false;
  pending.transaction_id.assign(unique_key);
  pending.unsaved_topic.clear();
  if (!ports_.topics.is_saved(topic.name)) [[unlikely]]
    pending.unsaved_topic = topic.name;
  owed_.add();
  return slot;
}

TrafficCounters& SendPath::traffic_of(CachedTopic& topic) {
  if (topic.puts == nullptr) topic.puts = &traffic_.counters(TrafficKind::kTopicPut, topic.name);
  return *topic.puts;
}

void SendPath::refuse(const remoting::Request& request, Message message) {
  refused_.add(1);
  message.field("MSG_REGION", std::string_view(ports_.identity.region_id));
  message.field("TRACE_ON", ports_.identity.trace_on.load(std::memory_order_relaxed));
  request.channel->reply(request.reply_to, message);
}

void SendPath::on_append_done(std::uint64_t ticket, const AppendOutcome& outcome) {
  Pending& pending = pending_[ticket];
  if (outcome.kind == AppendOutcome::Kind::kFailed) {
    reply_failed(pending, *outcome.error);
    owed_.settle();
  } else if (!pending.unsaved_topic.empty()) [[unlikely]] {
    reply_when_saved(pending, outcome);
  } else {
    reply_stored(pending, outcome);
    owed_.settle();
  }
  free_.push_back(static_cast<std::uint32_t>(ticket));
}

// The first messages of a new topic: an acknowledged one must not lie where nobody looks after a crash.
void SendPath::reply_when_saved(const Pending& pending, const AppendOutcome& outcome) {
  std::vector<store::AppendBatch::Entry> entries(outcome.entries.begin(), outcome.entries.end());
  ports_.topics.when_saved(pending.unsaved_topic, lane_.executor(),
                           [this, alive = alive_, pending, held = AppendOutcome(outcome),
                            entries = std::move(entries)](const Status& saved) mutable {
                             if (!*alive) return;
                             owed_.settle();
                             if (!saved) return reply_failed(pending, saved.error());
                             held.entries = entries;
                             reply_stored(pending, held);
                           });
}

void SendPath::reply_stored(const Pending& pending, const AppendOutcome& outcome) {
  std::uint64_t bytes = 0;
  std::uint64_t messages = 0;
  for (const auto& entry : outcome.entries) {
    bytes += entry.size;
    messages += entry.queue_count;
  }
  pending.traffic->add(messages, bytes);
  if (pending.to.one_way) return;
  remoting::Channel* channel = ports_.server.find(pending.to.channel);
  if (channel == nullptr || channel->closing()) return;

  const message::OffsetMessageId id(ports_.identity.store_host, outcome.entries.front().physical_offset.value());
  protocol::FrameWriter writer(channel->output(), pending.to.serialization, response_code_of(outcome.kind),
                               pending.to.opaque, protocol::kResponseFlag);
  writer.field("queueId", std::int64_t{pending.queue_id});
  if (!pending.transaction_id.empty()) writer.field("transactionId", std::string_view(pending.transaction_id));
  if (pending.inner_batch) writer.field("batchUniqId", std::string_view(pending.transaction_id));
  // One id for every record, separated by commas.
  char* to = writer.field_place("msgId", outcome.entries.size() * (id.text().size() + 1) - 1);
  for (const auto& entry : outcome.entries) {
    if (&entry != outcome.entries.data()) *to++ = ',';
    to = id.write(entry.physical_offset.value(), to);
  }
  writer.field("TRACE_ON", ports_.identity.trace_on.load(std::memory_order_relaxed));
  writer.field("MSG_REGION", std::string_view(ports_.identity.region_id));
  writer.field("queueOffset", outcome.entries.front().queue_offset.value());
  writer.finish();
}

void SendPath::reply_failed(const Pending& pending, const Error& error) {
  if (pending.to.one_way) return;
  // All of these are codes on which clients try another broker or again.
  const std::int32_t response = error.code() == Errc::kLimit ? code::kSystemBusy : code::kServiceNotAvailable;
  Message message(response, "the message was not stored: " + error.message());
  message.field("MSG_REGION", std::string_view(ports_.identity.region_id));
  message.field("TRACE_ON", ports_.identity.trace_on.load(std::memory_order_relaxed));
  ports_.server.reply(pending.to, std::move(message));
}

}  // namespace ogive::broker
