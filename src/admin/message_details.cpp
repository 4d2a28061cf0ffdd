#include "admin/message_details.h"

#include <algorithm>

#include "admin/groups.h"
#include "admin/hash_order.h"
#include "admin/print.h"
#include "admin/text.h"
#include "admin/topics.h"
#include "message/properties.h"
#include "protocol/codes.h"

namespace ogive::admin {
namespace {

namespace rc = protocol::response_code;

template <class Value>
void field(std::ostream& out, std::string_view name, const Value& value) {
  print(out, "{:<20} {}\n", name, value);
}

/// The producer chose the id: only what cannot lead out of the directory becomes a file name.
std::string file_name(const MessageView& message) {
  const std::string id = message.id();
  const bool harmless = std::ranges::all_of(id, [](unsigned char c) { return std::isxdigit(c) != 0; });
  return harmless ? id : message.offset_id();
}

Status write_body(io::FileSystem& files, const std::string& path, std::string_view body) {
  OGIVE_TRY(files.create_directories(std::string(kBodyDirectory)));
  // The directory is open to everybody: a file or link that is already there is replaced, never written into.
  if (const Status removed = files.remove(path); !removed && removed.error().code() != Errc::kNotFound) return removed;
  auto file = files.open(path, io::OpenMode::kCreateNew);
  if (!file) return fail(std::move(file).error());
  return (*file)->write_at(0, as_bytes(body));
}

std::string track_text(std::string_view group, std::string_view type, std::string_view why) {
  return fmt::format("MessageTrack [consumerGroup={}, trackType={}, exceptionDesc={}]", group, type, why);
}

/// Whether the group's offset in the message's queue is behind it.
Result<bool> consumed(Cluster& cluster, const MessageView& message, std::string_view group) {
  const auto stats = consume_stats(cluster, group);
  if (!stats) return fail(stats.error());
  const auto info = cluster.info();
  if (!info) return fail(info.error());
  for (const auto& [queue, offsets] : stats->offset_table) {
    if (queue.topic != message.topic || queue.queue_id != message.queue_id) continue;
    const auto broker = info->broker_addr_table.find(queue.broker_name);
    if (broker == info->broker_addr_table.end()) continue;
    if (client::master_of(broker->second) != message.store_host.to_string()) continue;
    if (offsets.consumer_offset > message.queue_offset) return true;
  }
  return false;
}

bool filtered(const protocol::ConsumerConnection& connection, const MessageView& message) {
  const auto found = connection.subscription_table.find(message.topic);
  if (found == connection.subscription_table.end()) return false;
  const auto& tags = found->second.tags_set;
  const std::string tag = message.property(message::property::kTags);
  return !tags.empty() && std::ranges::find(tags, tag) == tags.end() && std::ranges::find(tags, "*") == tags.end();
}

std::string track(Cluster& cluster, const MessageView& message, const std::string& group) {
  const auto connection = consumer_connections(cluster, group);
  if (!connection) {
    const GroupRefusal& refusal = connection.error();
    if (refusal.code == 0) return track_text(group, "UNKNOWN", one_line(refusal.error.message()));
    const bool offline = refusal.code == rc::kConsumerNotOnline;
    return track_text(group, offline ? "NOT_ONLINE" : "UNKNOWN",
                      fmt::format("CODE:{} DESC:{}", refusal.code, refusal.remark));
  }
  if (connection->consume_type == protocol::ConsumeType::kActively) return track_text(group, "PULL", "null");
  if (connection->consume_type != protocol::ConsumeType::kPassively) return track_text(group, "UNKNOWN", "null");
  if (connection->message_model == protocol::MessageModel::kBroadcasting) {
    return track_text(group, "CONSUME_BROADCASTING", "null");
  }
  const auto done = consumed(cluster, message, group);
  if (!done) return track_text(group, "UNKNOWN", one_line(done.error().message()));
  if (!*done) return track_text(group, "NOT_CONSUME_YET", "null");
  return track_text(group, filtered(*connection, message) ? "CONSUMED_BUT_FILTERED" : "CONSUMED", "null");
}

}  // namespace

void print_message_details(Context& context, const MessageView& message, const DetailOptions& options) {
  const std::string path = fmt::format("{}/{}{}", kBodyDirectory, file_name(message), options.file_suffix);
  const Status written = write_body(context.files, path, message.body);
  if (!written) context.report(written.error());
  std::ostream& out = context.out;
  if (options.with_offset_id) field(out, "OffsetID:", message.offset_id());
  const auto or_null = [](std::string text) { return text.empty() ? std::string("null") : text; };
  field(out, "Topic:", message.topic);
  field(out, "Tags:", "[" + or_null(message.property(message::property::kTags)) + "]");
  field(out, "Keys:", "[" + or_null(message.property(message::property::kKeys)) + "]");
  field(out, "Queue ID:", message.queue_id);
  field(out, "Queue Offset:", message.queue_offset);
  field(out, "CommitLog Offset:", message.physical_offset);
  field(out, "Reconsume Times:", message.reconsume_times);
  field(out, "Born Timestamp:", time_with_ms(message.born_ms));
  field(out, "Store Timestamp:", time_with_ms(message.stored_ms));
  field(out, "Born Host:", message.born_host.to_string());
  field(out, "Store Host:", message.store_host.to_string());
  field(out, "System Flag:", message.sys_flag);
  field(out, "Properties:", message.properties_text());
  field(out, "Message Body Path:", written ? path : "");
  if (options.with_body) field(out, "Message Body:", message.body);
}

Result<std::vector<std::string>> message_tracks(Cluster& cluster, const MessageView& message) {
  const auto groups = groups_of_topic(cluster, message.topic);
  if (!groups) return fail(groups.error());
  std::vector<std::string> tracks;
  for (const std::string& group : in_java_order(*groups)) tracks.push_back(track(cluster, message, group));
  return tracks;
}

Status print_message_tracks(Context& context, const MessageView& message) {
  const auto tracks = message_tracks(context.cluster, message);
  if (!tracks) return fail(tracks.error());
  context.out << (tracks->empty() ? "\n\nWARN: No Consumer" : "\n\n");
  for (const std::string& track : *tracks) context.out << track << '\n';
  return {};
}

}  // namespace ogive::admin
