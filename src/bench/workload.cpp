#include "bench/workload.h"

#include <fmt/core.h>

#include <algorithm>
#include <string>

#include "base/bytes.h"
#include "message/properties.h"
#include "protocol/batch.h"
#include "protocol/codes.h"
#include "protocol/headers/send.h"

namespace ogive::bench {
namespace {

namespace request = protocol::request_code;

constexpr std::string_view kGroup = "OGIVE_BENCH";
constexpr std::uint64_t kSizeSeed = 20'110'527;  ///< Sizes are the same in every run.
constexpr std::size_t kPropertyBytes = 18;       ///< With its name and separators 32.
constexpr std::int64_t kBornTimestamp = 1'700'000'000'000;

std::string body_of(const BenchOptions& options) {
  return std::string(options.size, 'x');
}

RequestTemplate send_request(const BenchOptions& options, std::int32_t queue) {
  const bool batch = options.batch > 1;
  const std::string properties = message_properties(options);
  protocol::SendMessageRequestHeader header;
  header.producer_group = kGroup;
  header.topic = options.topic;
  header.default_topic = "TBW102";
  header.default_topic_queue_nums = static_cast<std::int32_t>(options.queues);
  header.queue_id = queue;
  header.born_timestamp = kBornTimestamp;
  header.properties = properties;
  header.reconsume_times = 0;
  header.unit_mode = false;
  header.batch = batch;
  header.broker_name = "broker-a";
  io::OutBuffer out;
  protocol::FrameWriter writer(out, options.header, batch ? request::kSendBatchMessage : request::kSendMessageV2,
                               RequestTemplate::kFirstOpaque, options.one_way ? protocol::kOneWayFlag : 0);
  protocol::encode_send_header_v2(header, writer);
  writer.finish(batch ? batch_body(options) : body_of(options));
  return RequestTemplate(take_bytes(out), options.header);
}

}  // namespace

std::string message_properties(const BenchOptions& options) {
  std::string properties;
  message::append_property(properties, message::property::kUniqueKey,
                           "7F000001000018B4" + std::string(RequestTemplate::kHexPlace));
  message::append_property(properties, message::property::kWait, "true");
  if (!options.tag.empty()) message::append_property(properties, message::property::kTags, options.tag);
  if (options.keys) {
    message::append_property(properties, message::property::kKeys, "key-" + std::string(RequestTemplate::kHexPlace));
  }
  if (options.delay_level != 0) {
    message::append_property(properties, message::property::kDelay, std::to_string(options.delay_level));
  }
  for (unsigned i = 0; i < options.properties; ++i) {
    message::append_property(properties, fmt::format("property-{:03}", i), std::string(kPropertyBytes, 'v'));
  }
  return properties;
}

std::string batch_body(const BenchOptions& options) {
  const std::string body = body_of(options);
  const std::string properties = message_properties(options);
  std::string batch;
  for (unsigned i = 0; i < options.batch; ++i) protocol::append_batch_item(batch, {0, as_bytes(body), properties});
  return batch;
}

ReplyNote Workload::take(unsigned, std::int32_t, const ReplyView& reply, ByteView) {
  if (reply.code == protocol::response_code::kSuccess) return {Answer::kDone, messages_per_request()};
  return {reply.code == protocol::response_code::kSystemBusy ? Answer::kBusy : Answer::kRefused, 0};
}

ProduceWorkload::ProduceWorkload(const BenchOptions& options)
    : batch_(options.batch),
      keys_are_times_(options.task == Task::kDeliver),
      sizes_(options.sizes),
      largest_(sizes_.largest()),
      random_(kSizeSeed) {
  BenchOptions one = options;
  for (unsigned topic = 0; topic < options.topics; ++topic) {
    if (topic > 0) one.topic = fmt::format("{}-{}", options.topic, topic);
    for (unsigned queue = 0; queue < options.queues; ++queue) {
      queues_.push_back(send_request(one, static_cast<std::int32_t>(queue)));
    }
  }
}

void ProduceWorkload::write(io::OutBuffer& out, unsigned, std::int32_t slot, std::int64_t due_ns) {
  const RequestTemplate& request = queues_[next_queue_];
  const std::size_t cut = sizes_.is_fixed() ? 0 : largest_ - sizes_.draw(random_);
  request.write(out, slot, keys_are_times_ ? static_cast<std::uint64_t>(due_ns) : next_key_, cut);
  next_key_ += request.places();
  if (++next_queue_ == queues_.size()) next_queue_ = 0;
}

RequestTemplate route_request(const BenchOptions& options) {
  io::OutBuffer out;
  protocol::FrameWriter writer(out, options.header, request::kGetRouteinfoByTopic, RequestTemplate::kFirstOpaque, 0);
  writer.field("topic", options.topic);
  writer.finish();
  return RequestTemplate(take_bytes(out), options.header);
}

RequestTemplate echo_request(const BenchOptions& options) {
  constexpr auto kBinary = protocol::Serialization::kRocketmq;
  io::OutBuffer out;
  protocol::FrameWriter(out, kBinary, 0, RequestTemplate::kFirstOpaque, 0).finish();
  const std::size_t header_bytes = take_bytes(out).size();
  std::string body(std::max<std::size_t>(options.size - header_bytes, 4), 'x');
  store_be(body.data(), std::uint32_t{options.reply_size});
  protocol::FrameWriter writer(out, kBinary, 0, RequestTemplate::kFirstOpaque, 0);
  writer.finish(body);
  return RequestTemplate(take_bytes(out), kBinary);
}

}  // namespace ogive::bench
