#include "testing/cluster/sim_producer.h"

#include <fmt/core.h>

#include "message/properties.h"
#include "protocol/batch.h"
#include "protocol/codes.h"
#include "protocol/headers/send.h"

namespace ogive::sim {
namespace {

namespace code = protocol::response_code;

constexpr const char* kDefaultTopic = "TBW102";
constexpr std::int64_t kRetryPauseMs = 200;
constexpr std::int32_t kWritable = 2;

}  // namespace

SimProducer::SimProducer(SimNode& node, std::vector<io::Endpoint> name_servers, History& history,
                         ProducerOptions options)
    : client_(node, std::move(name_servers)), history_(history), options_(std::move(options)) {}

void SimProducer::start() {
  running_ = true;
  tick();
}

void SimProducer::tick() {
  if (!running_) return;
  Random& random = client_.node().random();
  if (in_flight_ < options_.max_in_flight) create(options_.topics[random.below(options_.topics.size())]);
  client_.after(Milliseconds(random.below(options_.max_pause_ms + 1)), [this] { tick(); });
}

void SimProducer::create(const std::string& topic) {
  Random& random = client_.node().random();
  auto sending = std::make_shared<Sending>();
  sending->topic = topic;
  sending->impatient = random.chance(options_.impatient_percent);
  std::size_t count = 1;
  if (!options_.delay_level_ms.empty() && random.chance(options_.delayed_percent)) {
    sending->delay_level = static_cast<std::int32_t>(1 + random.below(options_.delay_level_ms.size()));
  } else if (random.chance(options_.batch_percent)) {
    count = 2 + random.below(5);
  }
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t bytes =
        random.chance(options_.large_percent) ? 1 + random.below(options_.large_bytes) : 1 + random.below(200);
    SentMessage& message = history_.create(topic, options_.tags[random.below(options_.tags.size())], bytes);
    message.born_ms = client_.node().clock().wall_ms();
    if (sending->delay_level > 0) {
      message.delay_ms = options_.delay_level_ms[static_cast<std::size_t>(sending->delay_level - 1)];
    }
    sending->ids.push_back(message.id);
  }
  ++in_flight_;
  attempt(sending);
}

void SimProducer::finish() {
  auto sending = std::make_shared<Sending>();
  sending->topic = options_.topics.front();
  sending->must_succeed = true;
  sending->ids.push_back(history_.create(sending->topic, options_.tags.front(), 50).id);
  history_.message(sending->ids.front()).born_ms = client_.node().clock().wall_ms();
  ++unfinished_;
  ++in_flight_;
  attempt(sending);
}

void SimProducer::attempt(const SendingRef& sending) {
  // A topic that does not exist yet is sent to wherever the default topic is: the broker makes it.
  client_.route(sending->topic, [this, sending](const Result<protocol::TopicRouteData>& own) {
    const auto go = [this, sending](const Result<protocol::TopicRouteData>& route) {
      if (!route) return try_later(sending);
      std::vector<QueueName> queues;
      for (const auto& data : route->queue_datas) {
        if ((data.perm & kWritable) == 0 || client_.broker(data.broker_name) == nullptr) continue;
        const std::int32_t count = std::min(data.write_queue_nums, 4);
        for (std::int32_t i = 0; i < count; ++i) queues.push_back({data.broker_name, sending->topic, i});
      }
      if (queues.empty()) return try_later(sending);
      const QueueName queue = queues[client_.node().random().below(queues.size())];
      for (const std::uint64_t id : sending->ids) ++history_.message(id).attempts[queue.broker];
      client_.call(*client_.broker(queue.broker), request(*sending, queue.id), options_.timeout,
                   [this, sending, queue](const Result<Reply>& reply) { on_reply(sending, queue, reply); });
    };
    if (own || own.error().code() != Errc::kNotFound) return go(own);
    client_.route(kDefaultTopic, go);
  });
}

remoting::Message SimProducer::request(const Sending& sending, std::int32_t queue) {
  const auto properties_of = [&](std::uint64_t id) {
    std::string properties;
    message::append_property(properties, message::property::kUniqueKey, fmt::format("{:032X}", id));
    message::append_property(properties, message::property::kTags, history_.message(id).tag);
    message::append_property(properties, message::property::kWait, sending.impatient ? "false" : "true");
    if (sending.delay_level > 0) {
      message::append_property(properties, message::property::kDelay, std::to_string(sending.delay_level));
    }
    return properties;
  };
  const bool batch = sending.ids.size() > 1;
  std::string properties;
  std::string body;
  if (batch) {
    message::append_property(properties, message::property::kWait, sending.impatient ? "false" : "true");
    for (const std::uint64_t id : sending.ids) {
      const std::string own = properties_of(id);
      protocol::append_batch_item(body, {0, as_bytes(history_.message(id).body), own});
    }
  } else {
    properties = properties_of(sending.ids.front());
    body = history_.message(sending.ids.front()).body;
  }
  protocol::SendMessageRequestHeader header;
  header.producer_group = options_.group;
  header.topic = sending.topic;
  header.default_topic = kDefaultTopic;
  header.default_topic_queue_nums = 4;
  header.queue_id = queue;
  header.born_timestamp = client_.node().clock().wall_ms();
  header.properties = properties;
  header.reconsume_times = 0;
  header.batch = batch;
  return make_request(protocol::request_code::kSendMessage, header, std::move(body));
}

void SimProducer::on_reply(const SendingRef& sending, const QueueName& queue, const Result<Reply>& reply) {
  if (!reply || reply->code != code::kSuccess) return try_later(sending);
  const bool durable = options_.sync_flush && !sending->impatient;
  std::int64_t offset = reply->number("queueOffset");
  for (const std::uint64_t id : sending->ids) {
    history_.message(id).ack = SentMessage::Ack{queue, offset++, client_.node().world().now_ms(),
                                                durable ? Durability::kPower : Durability::kProcess};
    history_.message(id).ack->queue.id = static_cast<std::int32_t>(reply->number("queueId"));
  }
  end(sending);
}

void SimProducer::try_later(const SendingRef& sending) {
  if (!sending->must_succeed && ++sending->attempt >= options_.attempts) return end(sending);
  const auto pause = static_cast<std::int64_t>(client_.node().random().below(kRetryPauseMs));
  client_.after(Milliseconds(sending->must_succeed ? pause + kRetryPauseMs : pause),
                [this, sending] { attempt(sending); });
}

void SimProducer::end(const SendingRef& sending) {
  --in_flight_;
  if (sending->must_succeed) --unfinished_;
}

}  // namespace ogive::sim
