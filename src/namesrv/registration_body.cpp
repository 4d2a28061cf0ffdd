#include "namesrv/registration_body.h"

#include <fmt/core.h>
#include <zlib.h>

#include <charconv>

#include "base/log.h"
#include "namesrv/names.h"
#include "protocol/codes.h"
#include "protocol/json.h"

namespace ogive::namesrv {
namespace {

struct VersionBody {
  std::int64_t counter = 0;
  std::int64_t state_version = 0;
  std::int64_t timestamp = 0;
};
BOOST_DESCRIBE_STRUCT(VersionBody, (), (counter, state_version, timestamp))

struct TopicBody {
  std::int32_t perm = 6;
  std::int32_t read_queue_nums = 16;
  std::optional<std::string> topic_name;
  std::int32_t topic_sys_flag = 0;
  std::int32_t write_queue_nums = 16;
};
BOOST_DESCRIBE_STRUCT(TopicBody, (), (perm, read_queue_nums, topic_name, topic_sys_flag, write_queue_nums))

struct MappingBody {
  std::string bname;
  std::map<std::int32_t, std::int32_t> curr_id_map;
  bool dirty = false;
  std::int64_t epoch = 0;
  std::string scope = "__global__";
  std::string topic;
  std::int32_t total_queues = 0;
};
BOOST_DESCRIBE_STRUCT(MappingBody, (), (bname, curr_id_map, dirty, epoch, scope, topic, total_queues))

struct TableBody {
  VersionBody data_version;
  std::map<std::string, TopicBody> topic_config_table;
  std::map<std::string, MappingBody> topic_queue_mapping_info_map;
};
BOOST_DESCRIBE_STRUCT(TableBody, (), (data_version, topic_config_table, topic_queue_mapping_info_map))

struct RegisterBody {
  std::vector<std::string> filter_server_list;
  TableBody topic_config_serialize_wrapper;
};
BOOST_DESCRIBE_STRUCT(RegisterBody, (), (filter_server_list, topic_config_serialize_wrapper))

struct QueueDataBody {
  std::string broker_name;
  std::int32_t perm = 0;
  std::int32_t read_queue_nums = 0;
  std::int32_t topic_sys_flag = 0;
  std::int32_t write_queue_nums = 0;
};
BOOST_DESCRIBE_STRUCT(QueueDataBody, (), (broker_name, perm, read_queue_nums, topic_sys_flag, write_queue_nums))

struct TopicQueuesBody {
  std::vector<QueueDataBody> queue_datas;
};
BOOST_DESCRIBE_STRUCT(TopicQueuesBody, (), (queue_datas))

DataVersion version_of(const VersionBody& body) {
  return {.state_version = body.state_version, .timestamp = body.timestamp, .counter = body.counter};
}

void take_topic(const std::string& name, const QueueData& queues, Registration& registration) {
  if (const auto named = check_name("topic", name); !named) {
    OGIVE_LOG(warn, "namesrv", "a topic of {} is left out: {}", registration.broker_name, named.error().message());
    return;
  }
  registration.topics.push_back({name, queues});
}

void take_mapping(MappingBody&& body, Registration& registration) {
  if (!check_name("topic", body.topic) || !check_name("broker", body.bname)) {
    OGIVE_LOG(warn, "namesrv", "a queue mapping of {} is left out: its topic or broker name is not allowed",
              registration.broker_name);
    return;
  }
  registration.mappings.push_back({.topic = std::move(body.topic),
                                   .scope = std::move(body.scope),
                                   .broker_name = std::move(body.bname),
                                   .total_queues = body.total_queues,
                                   .epoch = body.epoch,
                                   .dirty = body.dirty,
                                   .physical_of_logical = std::move(body.curr_id_map)});
}

void take_table(TableBody&& table, Registration& registration) {
  registration.version = version_of(table.data_version);
  for (auto& [key, topic] : table.topic_config_table) {
    take_topic(topic.topic_name.value_or(key),
               {topic.read_queue_nums, topic.write_queue_nums, topic.perm, topic.topic_sys_flag}, registration);
  }
  for (auto& [key, mapping] : table.topic_queue_mapping_info_map) {
    if (mapping.topic.empty()) mapping.topic = key;
    take_mapping(std::move(mapping), registration);
  }
}

Result<std::string> inflate_body(ByteView body) {
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK) return fail(Errc::kLimit, "no memory to decompress the registration");
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(body.data()));
  stream.avail_in = static_cast<uInt>(body.size());
  std::string out;
  std::array<char, 32 * 1024> piece;
  int status = Z_OK;
  while (status == Z_OK && out.size() <= kMaxInflatedRegistration) {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    status = inflate(&stream, Z_NO_FLUSH);
    out.append(piece.data(), piece.size() - stream.avail_out);
  }
  inflateEnd(&stream);
  if (out.size() > kMaxInflatedRegistration) {
    return fail(Errc::kLimit, fmt::format("the registration inflates to more than {} bytes", kMaxInflatedRegistration));
  }
  if (status != Z_STREAM_END) return fail(Errc::kCorrupt, "the body is not a whole zlib stream");
  return out;
}

/// "name readQueues writeQueues perm filterType [attributes]"; anything shorter makes no topic, as in the original.
Status take_topic_line(std::string_view line, Registration& registration) {
  std::array<std::string_view, 5> words;
  std::size_t count = 0;
  for (std::size_t begin = 0; begin <= line.size() && count < words.size();) {
    const std::size_t end = std::min(line.find(' ', begin), line.size());
    words[count++] = line.substr(begin, end - begin);
    begin = end + 1;
  }
  if (count < words.size()) return fail(Errc::kCorrupt, fmt::format("the topic entry '{}' is too short", line));
  QueueData queues;
  const auto number = [](std::string_view word, std::int32_t& out) {
    const auto parsed = std::from_chars(word.data(), word.data() + word.size(), out);
    return parsed.ec == std::errc() && parsed.ptr == word.data() + word.size();
  };
  if (!number(words[1], queues.read_queues) || !number(words[2], queues.write_queues) ||
      !number(words[3], queues.perm)) {
    return fail(Errc::kCorrupt, fmt::format("the topic entry '{}' has a number that is none", line));
  }
  take_topic(std::string(words[0]), queues, registration);
  return {};
}

/// One length-prefixed piece; !reader.ok() when it does not fit.
std::string_view take_piece(ByteReader& reader) {
  const auto size = reader.read<std::int32_t>();
  return reader.take_chars(size < 0 ? SIZE_MAX : static_cast<std::size_t>(size));
}

Status decode_compressed(ByteView body, bool with_mappings, Registration& registration) {
  const auto text = inflate_body(body);
  if (!text) return fail(text.error());
  ByteReader reader(as_bytes(*text));
  const auto version = protocol::from_json<VersionBody>(take_piece(reader));
  if (!version) return fail(version.error());
  registration.version = version_of(*version);

  const auto topics = reader.read<std::int32_t>();
  for (std::int32_t i = 0; i < topics && reader.ok(); ++i) {
    const std::string_view line = take_piece(reader);
    if (reader.ok()) OGIVE_TRY(take_topic_line(line, registration));
  }
  const std::string_view servers = take_piece(reader);
  if (!reader.ok()) return fail(Errc::kCorrupt, "the compressed registration ends in the middle");
  auto filter_servers = protocol::from_json<std::vector<std::string>>(servers);
  registration.filter_servers = filter_servers ? std::move(*filter_servers) : std::vector<std::string>();

  if (!with_mappings) return {};
  const auto mappings = reader.read<std::int32_t>();
  for (std::int32_t i = 0; i < mappings && reader.ok(); ++i) {
    auto mapping = protocol::from_json<MappingBody>(take_piece(reader));
    if (!mapping) return fail(mapping.error());
    take_mapping(std::move(*mapping), registration);
  }
  if (!reader.ok()) return fail(Errc::kCorrupt, "the compressed registration ends in its queue mappings");
  return {};
}

}  // namespace

Status decode_registration(ByteView body, bool compressed, std::int32_t peer_version, Registration& registration) {
  if (peer_version < protocol::version::kV3_0_11) {
    if (body.empty()) return {};
    auto table = protocol::from_json<TableBody>(body);
    if (!table) return fail(table.error());
    take_table(std::move(*table), registration);
    return {};
  }
  if (body.empty()) {
    registration.filter_servers.emplace();
    return {};
  }
  if (compressed) return decode_compressed(body, peer_version >= protocol::version::kV5_0_0, registration);
  auto decoded = protocol::from_json<RegisterBody>(body);
  if (!decoded) return fail(decoded.error());
  registration.filter_servers = std::move(decoded->filter_server_list);
  take_table(std::move(decoded->topic_config_serialize_wrapper), registration);
  return {};
}

Result<std::map<std::string, QueueData>> decode_topic_queues(std::string_view body) {
  const auto decoded = protocol::from_json<TopicQueuesBody>(body);
  if (!decoded) return fail(decoded.error());
  std::map<std::string, QueueData> queues;
  for (const QueueDataBody& data : decoded->queue_datas) {
    OGIVE_TRY(check_name("broker", data.broker_name));
    queues[data.broker_name] = {data.read_queue_nums, data.write_queue_nums, data.perm, data.topic_sys_flag};
  }
  return queues;
}

Result<DataVersion> decode_data_version(std::string_view body) {
  const auto decoded = protocol::from_json<VersionBody>(body);
  if (!decoded) return fail(decoded.error());
  return version_of(*decoded);
}

std::string encode_data_version(const DataVersion& version) {
  return protocol::to_json(
      VersionBody{.counter = version.counter, .state_version = version.state_version, .timestamp = version.timestamp});
}

}  // namespace ogive::namesrv
