#pragma once
// One message in full: its fields, its body in a file, and what became of it at each consumer group.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/command.h"
#include "admin/message_view.h"

namespace ogive::admin {

/// Where bodies go, as the original has it.
inline constexpr std::string_view kBodyDirectory = "/tmp/rocketmq/msgbodys";

struct DetailOptions {
  bool with_offset_id = true;    ///< Begins with the id by place.
  bool with_body = false;        ///< Also prints the body.
  std::string file_suffix = {};  ///< Tells the bodies of one id apart.
};
/// Prints the fields, writes the body into kBodyDirectory and says where. A body that cannot be written is reported;
/// the rest is printed.
void print_message_details(Context& context, const MessageView& message, const DetailOptions& options = {});

/// "MessageTrack [consumerGroup=…, trackType=…, exceptionDesc=…]" for each group of the topic (300, 203, 208).
Result<std::vector<std::string>> message_tracks(Cluster& cluster, const MessageView& message);

/// Prints them, or that there is no consumer.
Status print_message_tracks(Context& context, const MessageView& message);

/// By place (33).
Result<MessageView> message_at(Cluster& cluster, std::string_view topic, const message::RecordPlace& place);
/// What the topic's brokers answer to a QUERY_MESSAGE (12), in the brokers' order; those that find nothing count as
/// empty. The index knows keys by their hash only: `is_meant` lets through what really has the key.
Result<std::vector<MessageView>> query_messages(Cluster& cluster, std::string_view route_topic,
                                                const remoting::Message& request,
                                                const std::function<bool(const message::RecordView&)>& is_meant);
/// The failure of a search by key that found nothing, as the original words it.
std::unexpected<Error> no_message_with_key();
/// By the producer's id, oldest first (12); kNotFound when no broker of the topic's route has it.
Result<std::vector<MessageView>> messages_by_unique_key(Cluster& cluster, std::string_view route_topic,
                                                        std::string_view topic, std::string_view unique_key,
                                                        std::int64_t begin_ms, std::int64_t end_ms);
/// By either kind of id.
Result<MessageView> message_by_id(Cluster& cluster, std::string_view route_topic, std::string_view topic,
                                  std::string_view id);

}  // namespace ogive::admin
