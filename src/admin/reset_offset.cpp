#include "admin/reset_offset.h"

#include "admin/groups.h"
#include "client/route.h"
#include "protocol/bodies/offsets.h"
#include "protocol/codes.h"
#include "protocol/headers/offset.h"

namespace ogive::admin {

namespace code = protocol::request_code;
namespace rc = protocol::response_code;
using client::make_request;

namespace {

/// The `offset` field of the replies to 29, 30 and 31.
Result<std::int64_t> offset_of(const Result<client::Reply>& reply) {
  if (!reply) return fail(reply.error());
  const auto header = reply->header<protocol::GetMaxOffsetResponseHeader>();
  if (!header) return fail(header.error());
  return header->offset;
}

/// Where the group is in a queue, if it is anywhere (14).
Result<std::int64_t> progress(Cluster& cluster, std::string_view address, std::string_view group,
                              const protocol::MessageQueue& queue) {
  protocol::QueryConsumerOffsetRequestHeader header;
  header.consumer_group = group;
  header.topic = queue.topic;
  header.queue_id = queue.queue_id;
  return offset_of(cluster.ask(address, make_request(code::kQueryConsumerOffset, header)));
}

Status reset_one_by_one(Cluster& cluster, const std::vector<client::QueueAt>& queues, std::string_view address,
                        std::string_view group, std::int64_t time_ms, bool force, NewOffsets& offsets) {
  for (const client::QueueAt& one : queues) {
    if (one.address != address) continue;
    const auto wanted = offset_at(cluster, address, one.queue, time_ms);
    if (!wanted) return fail(wanted.error());
    if (!force) {
      const auto now = progress(cluster, address, group, one.queue);
      if (now && *now < *wanted) {
        offsets[one.queue] = *now;
        continue;
      }
    }
    OGIVE_TRY(set_offset(cluster, address, group, one.queue, *wanted));
    offsets[one.queue] = *wanted;
  }
  return {};
}

}  // namespace

Result<std::int64_t> min_offset(Cluster& cluster, std::string_view address, const protocol::MessageQueue& queue) {
  return offset_of(cluster.ask(
      address, make_request(code::kGetMinOffset, protocol::GetMinOffsetRequestHeader{queue.topic, queue.queue_id})));
}

Result<std::int64_t> max_offset(Cluster& cluster, std::string_view address, const protocol::MessageQueue& queue) {
  return offset_of(cluster.ask(address, make_request(code::kGetMaxOffset, protocol::GetMaxOffsetRequestHeader{
                                                                              queue.topic, queue.queue_id, true})));
}

Result<std::int64_t> offset_at(Cluster& cluster, std::string_view address, const protocol::MessageQueue& queue,
                               std::int64_t time_ms) {
  if (time_ms == -1) return max_offset(cluster, address, queue);
  protocol::SearchOffsetRequestHeader header;
  header.topic = queue.topic;
  header.queue_id = queue.queue_id;
  header.timestamp = time_ms;
  return offset_of(cluster.ask(address, make_request(code::kSearchOffsetByTimestamp, header)));
}

Result<NewOffsets> reset_offsets(Cluster& cluster, std::string_view topic, std::string_view group, std::int64_t time_ms,
                                 bool force) {
  const auto route = cluster.route(topic);
  if (!route) return fail(route.error());
  const auto queues = client::queues_to_read(*route, topic);
  NewOffsets offsets;
  for (const auto& broker : route->broker_datas) {
    const auto address = client::master_or_slave_of(broker);
    if (!address) continue;
    protocol::ResetOffsetRequestHeader header;
    header.group = group;
    header.topic = topic;
    header.timestamp = time_ms;
    header.is_force = force;
    const auto reply = cluster.call(*address, make_request(code::kInvokeBrokerToResetOffset, header));
    if (!reply) return fail(reply.error());
    if (reply->code == rc::kRequestCodeNotSupported || reply->code == rc::kConsumerNotOnline) {
      OGIVE_TRY(reset_one_by_one(cluster, queues, *address, group, time_ms, force, offsets));
      continue;
    }
    if (!reply->ok()) return fail(reply->refusal());
    auto body = reply->json<protocol::ResetOffsetBody>();
    if (!body) return fail(body.error());
    offsets.merge(body->offset_table);
  }
  return offsets;
}

Status reset_queue(Cluster& cluster, std::string_view address, std::string_view group,
                   const protocol::MessageQueue& queue, std::int64_t offset, std::int64_t time_ms) {
  OGIVE_TRY(set_offset(cluster, address, group, queue, offset));
  protocol::ResetOffsetRequestHeader header;
  header.group = group;
  header.topic = queue.topic;
  header.queue_id = queue.queue_id;
  header.offset = offset;
  header.timestamp = time_ms;  // For brokers that reset on the consumers' side and look at nothing else.
  const auto reply = cluster.call(address, make_request(code::kInvokeBrokerToResetOffset, header));
  if (!reply) return fail(reply.error());
  if (reply->ok() || reply->code == rc::kRequestCodeNotSupported || reply->code == rc::kConsumerNotOnline) return {};
  return fail(reply->refusal());
}

}  // namespace ogive::admin
