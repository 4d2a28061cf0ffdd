#pragma once
// Messages as people see them.

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "admin/cluster.h"
#include "client/messages.h"
#include "client/route.h"
#include "io/file.h"
#include "message/record.h"

namespace ogive::admin {

/// A stored message with everything that is printed of it. A value.
struct MessageView {
  std::string broker_name;
  std::int32_t queue_id = 0;
  std::int64_t queue_offset = 0;
  std::int64_t physical_offset = 0;
  std::int32_t store_size = 0;
  std::int32_t flag = 0;
  std::int32_t sys_flag = 0;
  std::int32_t body_crc = 0;
  std::int64_t born_ms = 0;
  std::int64_t stored_ms = 0;
  io::Endpoint born_host;
  io::Endpoint store_host;
  std::int32_t reconsume_times = 0;
  std::int64_t prepared_transaction_offset = 0;
  std::string topic;
  std::string body;  ///< As the producer gave it.
  std::vector<std::pair<std::string, std::string>> properties;

  /// The value of a property, "" when it is missing.
  std::string property(std::string_view name) const;
  /// The id by place, and the producer's, which is the former where it gave none.
  std::string offset_id() const;
  std::string id() const;
  /// "{MSG_REGION=…, UNIQ_KEY=…}" in the original's order.
  std::string properties_text() const;
  /// "MessageExt [brokerName=…]".
  std::string text() const;
};

/// kCorrupt when the body cannot be decompressed.
Result<MessageView> view_of(const message::RecordView& record, std::string broker_name);

/// What a pull brought, messages that only a hash of their tag matched already left out.
struct PulledMessages {
  client::PullStatus status = client::PullStatus::kNoNewMessage;
  std::int64_t next_offset = 0;
  std::vector<MessageView> messages;
};
/// Pulls at most `count` messages from `offset` on; tags as in "a || b", "*" for all.
Result<PulledMessages> pull_messages(Cluster& cluster, const client::QueueAt& at, std::int64_t offset,
                                     std::int32_t count, const std::string& tags = "*",
                                     const std::string& group = "TOOLS_CONSUMER");

/// "MSGID: … BODY: …" on a line.
void print_message_line(std::ostream& out, const MessageView& message, bool with_body);

/// "MessageQueue [topic=…, brokerName=…, queueId=…]".
std::string queue_text(const protocol::MessageQueue& queue);

/// The topic's readable queues in the original's order.
Result<std::vector<client::QueueAt>> readable_queues(Cluster& cluster, std::string_view topic);
/// One of them; kNotFound names what is missing.
Result<client::QueueAt> readable_queue(Cluster& cluster, std::string_view route_topic, std::string_view topic,
                                       std::string_view broker_name, std::int32_t queue_id);

}  // namespace ogive::admin
