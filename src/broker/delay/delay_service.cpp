#include "broker/delay/delay_service.h"

#include <fmt/core.h>

#include <charconv>

#include "base/check.h"
#include "base/log.h"
#include "broker/topic/names.h"
#include "message/properties.h"
#include "message/record.h"
#include "protocol/bodies/offsets.h"
#include "store/queue/consume_queue.h"

namespace ogive::broker {
namespace {

constexpr std::uint32_t kReadMessages = 128;
constexpr std::uint32_t kReadBytes = 1u << 20;
constexpr std::int64_t kRetryMs = 1'000;
constexpr std::int64_t kUnreadable = -1;

std::vector<std::byte> flatten(const io::OutBuffer& buffer) {
  std::vector<std::byte> bytes;
  bytes.reserve(buffer.size());
  std::vector<ByteView> pieces(kReadMessages * 2);
  const std::size_t count = buffer.peek(pieces);
  for (std::size_t i = 0; i < count; ++i) bytes.insert(bytes.end(), pieces[i].begin(), pieces[i].end());
  return bytes;
}

}  // namespace

DelayService::DelayService(store::MessageStore& store, io::Executor& executor, const BrokerIdentity& identity,
                           std::vector<std::int64_t> delay_level_ms, StateFile file, TrafficShard& traffic,
                           Milliseconds save_interval)
    : store_(store),
      executor_(executor),
      identity_(identity),
      delay_level_ms_(std::move(delay_level_ms)),
      lane_(store, executor, AppendLane::Options{}),
      traffic_(traffic),
      save_interval_(save_interval),
      file_(std::move(file)) {
  for (std::size_t i = 0; i < delay_level_ms_.size(); ++i) {
    auto level = std::make_unique<Level>();
    level->delay_ms = delay_level_ms_[i];
    level->queue = &store.queue(system_topic::kSchedule, QueueId(static_cast<std::int32_t>(i)));
    levels_.push_back(std::move(level));
  }
  file_.set_source([this] { return encode(/*pretty=*/true, &Level::durable); });
}

DelayService::~DelayService() {
  *alive_ = false;
}

Status DelayService::decode(std::string_view text) {
  auto stored = protocol::from_json<protocol::DelayOffsetSerializeWrapper>(text);
  if (!stored) return fail(stored.error());
  for (const auto& [level, offset] : stored->offset_table) {
    if (level >= 1 && static_cast<std::size_t>(level) <= levels_.size()) {
      levels_[static_cast<std::size_t>(level - 1)]->next = offset;
    }
  }
  return {};
}

Status DelayService::take(std::string_view json) {
  OGIVE_TRY(decode(json));
  for (auto& level : levels_) level->durable = level->next.load();  // Delivered, and flushed, elsewhere.
  file_.save_soon();
  return {};
}

Status DelayService::load() {
  const auto read = file_.load([this](std::string_view text) { return decode(text); });
  if (!read) return fail(read.error());
  for (auto& level : levels_) {
    const std::int64_t low = level->queue->min_offset().value(), high = level->queue->max_offset().value();
    level->next = std::clamp(level->next.load(), low, std::max(low, high));
    level->durable = level->next.load();
  }
  return {};
}

void DelayService::start() {
  running_ = true;
  for (std::size_t i = 0; i < levels_.size(); ++i) {
    levels_[i]->queue->parked_polls.fetch_add(1, std::memory_order_seq_cst);
    deliver(i);
  }
}

void DelayService::stop() {
  if (!running_) return;
  running_ = false;
  for (auto& level : levels_) {
    level->queue->parked_polls.fetch_sub(1, std::memory_order_relaxed);
    executor_.cancel(level->timer);
  }
  executor_.cancel(save_timer_);
}

void DelayService::note_arrival(store::ConsumeQueue& queue) {
  const auto index = static_cast<std::size_t>(queue.id().value());
  if (index >= levels_.size() || levels_[index]->noted.exchange(true, std::memory_order_acq_rel)) return;
  executor_.post([this, alive = alive_, index] {
    if (!*alive) return;
    levels_[index]->noted.store(false, std::memory_order_release);
    // A sleeping level has an earlier message to wait for: the new one is behind it.
    if (levels_[index]->timer == io::TimerId()) deliver(index);
  });
}

std::int64_t DelayService::offset(std::size_t level) const {
  return levels_[level - 1]->next.load();
}

void DelayService::sleep(std::size_t index, std::int64_t ms) {
  levels_[index]->timer = executor_.run_after(Milliseconds(std::max<std::int64_t>(ms, 1)), [this, index] {
    levels_[index]->timer = io::TimerId();
    deliver(index);
  });
}

void DelayService::deliver(std::size_t index) {
  Level& level = *levels_[index];
  if (!running_ || level.delivering) return;
  store::ReadRequest request;
  request.offset = QueueOffset(level.next.load());
  request.max_messages = kReadMessages;
  request.max_bytes = kReadBytes;
  store::ReadResult result = store_.read(*level.queue, request);
  switch (result.status) {
    case store::ReadStatus::kFound:
      break;
    case store::ReadStatus::kOffsetTooSmall:
    case store::ReadStatus::kRemoved:
    case store::ReadStatus::kNoMatched:
      OGIVE_LOG(warn, "broker", "delay level {}: messages {} to {} are gone from the store and will not be delivered",
                index + 1, level.next.load(), result.next_offset.value());
      level.next = result.next_offset.value();
      mark_dirty();
      return sleep(index, 1);
    case store::ReadStatus::kFailed:
      if (result.error && result.error->code() == Errc::kCorrupt) return skip_unreadable(index);
      OGIVE_LOG(warn, "broker", "delay level {}: reading from offset {} failed, tried again in {} ms: {}", index + 1,
                level.next.load(), kRetryMs, result.error ? result.error->message() : "no reason given");
      return sleep(index, kRetryMs);
    default:
      return;  // Nothing there: note_arrival goes on.
  }
  const std::vector<std::byte> bytes = flatten(result.records);
  std::size_t staged = 0;
  const std::int64_t wait_ms = stage_due(level, bytes, staged);
  if (staged == 0 && wait_ms == kUnreadable) return skip_unreadable(index);
  if (staged == 0) return sleep(index, wait_ms);
  level.delivering = true;
  level.delivering_to = level.next.load() + static_cast<std::int64_t>(staged);
  lane_.commit(AppendLevel{}, *this, index);
}

std::int64_t DelayService::stage_due(Level& level, std::span<const std::byte> records, std::size_t& staged) {
  const std::int64_t now = executor_.clock().wall_ms();
  while (!records.empty()) {
    const auto record = message::decode_record(records);
    // Stored again under a new CRC a damaged body would pass for a sound one.
    if (!record || !message::body_crc_matches(*record)) return kUnreadable;
    const std::int64_t wait_ms = record->store_timestamp_ms + level.delay_ms - now;
    // A clock set back must not hold messages longer than their level says.
    if (wait_ms > 0) return std::min(wait_ms, level.delay_ms);
    if (staged == 0) lane_.begin();
    stage(*record);
    ++staged;
    records = records.subspan(static_cast<std::size_t>(record->size));
  }
  return 0;
}

// One damaged record must not hold up the level for ever.
void DelayService::skip_unreadable(std::size_t index) {
  Level& level = *levels_[index];
  OGIVE_LOG(error, "broker",
            "delay level {}: the message at offset {} of its queue is damaged in the commit log and will not be "
            "delivered",
            index + 1, level.next.load());
  ++level.next;
  mark_dirty();
  sleep(index, 1);
}

void DelayService::stage(const message::RecordView& record) {
  namespace property = message::property;
  std::string properties(record.properties);
  const std::string topic(message::find_property(properties, property::kRealTopic).value_or(""));
  std::int32_t queue_id = 0;
  const std::string_view queue_text = message::find_property(properties, property::kRealQueueId).value_or("0");
  std::from_chars(queue_text.data(), queue_text.data() + queue_text.size(), queue_id);
  const bool homeless = topic_name_error(topic).has_value() || queue_id < 0;
  if (homeless) {
    OGIVE_LOG(error, "broker",
              "a delayed message at physical offset {} names no valid topic (\"{}\", queue {}); it goes to {}",
              record.physical_offset, topic, queue_id, system_topic::kTransactionCheckMaxTime);
  }
  message::remove_property(properties, property::kDelay);
  message::RecordFields fields;
  fields.queue_id = homeless ? 0 : queue_id;
  fields.flag = record.flag;
  fields.sys_flag = record.sys_flag;
  fields.born_timestamp_ms = record.born_timestamp_ms;
  fields.born_host = record.born_host;
  fields.store_host = identity_.store_host;
  fields.reconsume_times = record.reconsume_times;
  fields.body = record.body;
  fields.topic = homeless ? system_topic::kTransactionCheckMaxTime : std::string_view(topic);
  fields.properties = properties;
  lane_.add(store_.queue(fields.topic, QueueId(fields.queue_id)), fields, message::tags_code_of(properties));
}

void DelayService::on_append_done(std::uint64_t ticket, const AppendOutcome& outcome) {
  const auto index = static_cast<std::size_t>(ticket);
  Level& level = *levels_[index];
  level.delivering = false;
  if (outcome.kind == AppendOutcome::Kind::kFailed) {
    OGIVE_LOG(warn, "broker", "delay level {}: delivery waits {} ms: {}", index + 1, kRetryMs,
              outcome.error->message());
    return sleep(index, kRetryMs);
  }
  for (const auto& entry : outcome.entries) {
    traffic_.counters(TrafficKind::kTopicPut, entry.queue->topic()).add(1, entry.size);
  }
  level.next = level.delivering_to;
  mark_dirty();
  executor_.post([this, alive = alive_, index] {
    if (*alive && levels_[index]->timer == io::TimerId()) deliver(index);
  });
}

void DelayService::mark_dirty() {
  if (save_timer_ != io::TimerId()) return;
  save_timer_ = executor_.run_after(save_interval_, [this] {
    save_timer_ = io::TimerId();
    save_when_flushed();
  });
}

// The note that a message was delivered must not outlive the delivered message: power loss would take both copies.
void DelayService::save_when_flushed() {
  std::vector<std::int64_t> reached;
  for (const auto& level : levels_) reached.push_back(level->next.load());
  store_.flushed().wait(store_.appended().value(), executor_,
                        [this, alive = alive_, reached = std::move(reached)](const Status& flushed) {
                          if (!*alive || !flushed) return;
                          for (std::size_t i = 0; i < levels_.size(); ++i) levels_[i]->durable = reached[i];
                          file_.save_soon();
                        });
  store_.request_flush();
}

Status DelayService::save() {
  for (auto& level : levels_) level->durable = level->next.load();
  return file_.save_now();
}

std::string DelayService::encode(bool pretty) const {
  return encode(pretty, &Level::next);
}

std::string DelayService::encode(bool pretty, std::atomic<std::int64_t> Level::* offset) const {
  protocol::DelayOffsetSerializeWrapper stored;
  for (std::size_t i = 0; i < levels_.size(); ++i) {
    stored.offset_table[static_cast<std::int32_t>(i + 1)] = (*levels_[i].*offset).load();
  }
  return protocol::to_json(stored, protocol::JsonStyle{.pretty = pretty});
}

}  // namespace ogive::broker
