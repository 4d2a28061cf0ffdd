#include "testing/cluster/auditor.h"

#include <fmt/core.h>

#include <algorithm>

#include "protocol/bodies/topic_config.h"
#include "protocol/codes.h"
#include "protocol/headers/offset.h"
#include "protocol/headers/pull.h"

namespace ogive::sim {
namespace {

namespace code = protocol::response_code;
namespace request = protocol::request_code;

constexpr Milliseconds kTimeout{3'000};
constexpr Milliseconds kRetry{100};
constexpr std::int32_t kSubscriptionBit = 4;

bool is_clients_topic(const std::string& topic) {
  return topic.starts_with("Topic") || topic.starts_with("%RETRY%group") || topic.starts_with("%DLQ%group");
}

}  // namespace

Auditor::Auditor(SimNode& node, std::vector<io::Endpoint> name_servers) : client_(node, std::move(name_servers)) {}

void Auditor::read(std::vector<std::pair<std::string, io::Endpoint>> brokers, std::int32_t batch,
                   std::function<void(Reading)> done) {
  batch_ = batch;
  done_ = std::move(done);
  reading_ = {};
  open_ = 1;
  for (const auto& [name, endpoint] : brokers) {
    ++open_;
    list_topics(name, endpoint);
  }
  one_done();
}

void Auditor::one_done() {
  if (--open_ == 0) std::exchange(done_, nullptr)(std::move(reading_));
}

void Auditor::list_topics(const std::string& broker, const io::Endpoint& endpoint) {
  client_.call(endpoint, remoting::Message(request::kGetAllTopicConfig), kTimeout,
               [this, broker, endpoint](const Result<Reply>& reply) {
                 const auto topics = reply && reply->code == code::kSuccess
                                         ? protocol::from_json<protocol::TopicConfigSerializeWrapper>(reply->body)
                                         : fail(Errc::kClosed, "no list of topics");
                 if (!topics) {
                   client_.after(kRetry, [this, broker, endpoint] { list_topics(broker, endpoint); });
                   return;
                 }
                 for (const auto& [name, config] : topics->topic_config_table) {
                   if (!is_clients_topic(name)) continue;
                   ++open_;
                   check_route(broker, endpoint, name);
                   for (std::int32_t id = 0; id < std::max(config.read_queue_nums, config.write_queue_nums); ++id) {
                     auto task = std::make_shared<Task>();
                     task->queue = {broker, name, id};
                     task->broker = endpoint;
                     ++open_;
                     read_bounds(std::move(task), false);
                   }
                 }
                 one_done();
               });
}

void Auditor::check_route(const std::string& broker, const io::Endpoint& endpoint, const std::string& topic) {
  client_.route(topic, [this, broker, endpoint, topic](const Result<protocol::TopicRouteData>& route) {
    const auto knows = [&] {
      const bool queues = std::ranges::any_of(
          route->queue_datas, [&](const protocol::QueueData& data) { return data.broker_name == broker; });
      return queues && std::ranges::any_of(route->broker_datas, [&](const protocol::BrokerData& data) {
               const auto master = data.broker_addrs.find(0);
               return data.broker_name == broker && master != data.broker_addrs.end() &&
                      master->second == endpoint.to_string();
             });
    };
    if (!route || !knows()) {
      problem(fmt::format("the name server's route of {} lacks {}: {}", topic, broker,
                          route ? "not listed" : route.error().message()));
    }
    one_done();
  });
}

void Auditor::read_bounds(std::shared_ptr<Task> task, bool maximum) {
  protocol::GetMaxOffsetRequestHeader header;
  header.topic = task->queue.topic;
  header.queue_id = task->queue.id;
  client_.call(task->broker, make_request(maximum ? request::kGetMaxOffset : request::kGetMinOffset, header), kTimeout,
               [this, task, maximum](const Result<Reply>& reply) {
                 if (!reply || reply->code != code::kSuccess) {
                   client_.after(kRetry, [this, task, maximum] { read_bounds(task, maximum); });
                   return;
                 }
                 (maximum ? task->end : task->next) = reply->number("offset");
                 if (!maximum) return read_bounds(task, true);
                 if (task->next != 0) {
                   problem(fmt::format("{} begins at offset {}, nothing was removed", task->queue.text(), task->next));
                 }
                 pull(task);
               });
}

void Auditor::pull(std::shared_ptr<Task> task) {
  if (task->next >= task->end) return one_done();
  protocol::PullMessageRequestHeader header;
  header.consumer_group = "AUDIT";
  header.topic = task->queue.topic;
  header.queue_id = task->queue.id;
  header.queue_offset = task->next;
  header.max_msg_nums = batch_;
  header.sys_flag = kSubscriptionBit;
  header.subscription = "*";
  header.expression_type = "TAG";
  client_.call(task->broker, make_request(request::kPullMessage, header), kTimeout,
               [this, task](const Result<Reply>& reply) {
                 const bool answered =
                     reply && (reply->code == code::kSuccess || reply->code == code::kPullNotFound ||
                               reply->code == code::kPullOffsetMoved || reply->code == code::kPullRetryImmediately);
                 if (answered) return on_pulled(task, *reply);
                 client_.after(kRetry, [this, task] { pull(task); });
               });
}

void Auditor::on_pulled(const std::shared_ptr<Task>& task, const Reply& reply) {
  if (reply.code != code::kSuccess) {
    problem(fmt::format("{} offset {} of {} cannot be read: code {} {}", task->queue.text(), task->next, task->end,
                        reply.code, reply.remark));
    return one_done();
  }
  ByteView rest = as_bytes(reply.body);
  while (!rest.empty()) {
    const auto record = message::decode_record(rest);
    if (!record || !message::body_crc_matches(*record) || record->queue_offset != task->next ||
        record->queue_id != task->queue.id || record->topic != task->queue.topic) {
      problem(fmt::format("{} offset {} holds something else: {}", task->queue.text(), task->next,
                          record ? fmt::format("{}/{} offset {}", record->topic, record->queue_id, record->queue_offset)
                                 : record.error().message()));
      return one_done();
    }
    const ByteView bytes = rest.first(static_cast<std::size_t>(record->size));
    reading_.records[task->queue].emplace_back(as_chars(bytes));
    rest = rest.subspan(bytes.size());
    ++task->next;
  }
  pull(task);
}

}  // namespace ogive::sim
