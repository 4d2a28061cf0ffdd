#include "protocol/bodies/register_broker.h"

#include <fmt/core.h>
#include <zlib.h>

#include <memory>

#include "base/check.h"
#include "protocol/codes.h"

namespace ogive::protocol {
namespace {

constexpr std::size_t kInflateStepBytes = 64u << 10;

Result<std::string> inflate_all(ByteView compressed) {
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK) return fail(Errc::kLimit, "no memory to inflate a registration");
  const std::unique_ptr<z_stream, int (*)(z_stream*)> guard(&stream, inflateEnd);
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(compressed.data()));
  stream.avail_in = static_cast<uInt>(compressed.size());
  std::string out;
  for (;;) {
    const std::size_t used = out.size();
    if (used + kInflateStepBytes > kMaxInflatedRegistrationBytes) {
      return fail(Errc::kCorrupt, fmt::format("registration of {} bytes inflates to more than {} bytes",
                                              compressed.size(), kMaxInflatedRegistrationBytes));
    }
    out.resize(used + kInflateStepBytes);
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + used);
    stream.avail_out = kInflateStepBytes;
    const int result = inflate(&stream, Z_NO_FLUSH);
    out.resize(used + kInflateStepBytes - stream.avail_out);
    if (result == Z_STREAM_END) return out;
    const bool stuck = out.size() == used && stream.avail_in == 0;
    if (result != Z_OK || stuck) {
      return fail(Errc::kCorrupt, fmt::format("registration of {} bytes is no whole zlib stream (zlib says {})",
                                              compressed.size(), result));
    }
  }
}

/// Reads the length-prefixed parts in turn.
class Parts {
 public:
  explicit Parts(ByteView bytes) : reader_(bytes) {}

  Result<std::int32_t> count(const char* what) {
    const auto number = reader_.read<std::int32_t>();
    // Each counted part has at least its length.
    if (!reader_.ok() || number < 0 || static_cast<std::size_t>(number) > reader_.remaining() / 4) return broken(what);
    return number;
  }

  Result<std::string_view> part(const char* what) {
    const auto size = reader_.read<std::int32_t>();
    if (!reader_.ok() || size < 0 || static_cast<std::size_t>(size) > reader_.remaining()) return broken(what);
    return reader_.take_chars(static_cast<std::size_t>(size));
  }

 private:
  std::unexpected<Error> broken(const char* what) {
    return fail(Errc::kCorrupt, fmt::format("registration: {} exceeds the body at byte {}", what, reader_.position()));
  }

  ByteReader reader_;
};

Status read_topics(Parts& parts, std::map<std::string, TopicConfig>& topics) {
  const auto count = parts.count("number of topics");
  if (!count) return fail(count.error());
  for (std::int32_t i = 0; i < *count; ++i) {
    const auto line = parts.part("topic");
    if (!line) return fail(line.error());
    auto config = decode_topic_config(*line);
    if (!config) return fail(std::move(config).error());
    std::string name = config->topic_name;
    topics.insert_or_assign(std::move(name), *std::move(config));
  }
  return {};
}

Status read_mappings(Parts& parts, std::map<std::string, TopicQueueMappingInfo>& mappings) {
  const auto count = parts.count("number of queue mappings");
  if (!count) return fail(count.error());
  for (std::int32_t i = 0; i < *count; ++i) {
    const auto text = parts.part("queue mapping");
    if (!text) return fail(text.error());
    auto mapping = from_json<TopicQueueMappingInfo>(*text);
    if (!mapping) return fail(std::move(mapping).error());
    std::string topic = mapping->topic;
    mappings.insert_or_assign(std::move(topic), *std::move(mapping));
  }
  return {};
}

void append_int(std::string& out, std::size_t number) {
  char bytes[4];
  store_be(bytes, static_cast<std::uint32_t>(number));
  out.append(bytes, sizeof bytes);
}

void append_part(std::string& out, std::string_view part) {
  append_int(out, part.size());
  out += part;
}

}  // namespace

Result<RegisterBrokerBody> decode_inflated_registration(ByteView bytes, std::int32_t broker_version) {
  RegisterBrokerBody body;
  TopicConfigAndMappingSerializeWrapper& topics = body.topic_config_serialize_wrapper;
  Parts parts(bytes);
  const auto data_version = parts.part("data version");
  if (!data_version) return fail(data_version.error());
  const auto version = from_json<DataVersion>(*data_version);
  if (!version) return fail(version.error());
  topics.data_version = *version;
  OGIVE_TRY(read_topics(parts, topics.topic_config_table));
  const auto filters = parts.part("filter server list");
  if (!filters) return fail(filters.error());
  // Filter servers are history: an unreadable list is no reason to refuse a broker.
  if (auto list = from_json<std::vector<std::string>>(*filters)) body.filter_server_list = *std::move(list);
  if (broker_version >= version::kV5_0_0) OGIVE_TRY(read_mappings(parts, topics.topic_queue_mapping_info_map));
  return body;
}

Result<RegisterBrokerBody> decode_registration(ByteView bytes, bool compressed, std::int32_t broker_version) {
  if (bytes.empty()) return RegisterBrokerBody{};
  if (broker_version < version::kV3_0_11) {
    auto topics = from_json<TopicConfigSerializeWrapper>(bytes);
    if (!topics) return fail(std::move(topics).error());
    RegisterBrokerBody body;
    static_cast<TopicConfigSerializeWrapper&>(body.topic_config_serialize_wrapper) = *std::move(topics);
    return body;
  }
  if (!compressed) return from_json<RegisterBrokerBody>(bytes);
  const auto inflated = inflate_all(bytes);
  if (!inflated) return fail(inflated.error());
  return decode_inflated_registration(as_bytes(*inflated), broker_version);
}

std::string encode_compressed_registration(const RegisterBrokerBody& body) {
  const TopicConfigAndMappingSerializeWrapper& topics = body.topic_config_serialize_wrapper;
  std::string parts;
  append_part(parts, to_json(topics.data_version));
  append_int(parts, topics.topic_config_table.size());
  for (const auto& [name, config] : topics.topic_config_table) append_part(parts, encode_topic_config(config));
  append_part(parts, to_json(body.filter_server_list));
  append_int(parts, topics.topic_queue_mapping_info_map.size());
  for (const auto& [topic, mapping] : topics.topic_queue_mapping_info_map) append_part(parts, to_json(mapping));

  uLongf size = compressBound(static_cast<uLong>(parts.size()));
  std::string out(size, '\0');
  const int result =
      compress2(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(parts.data()),
                static_cast<uLong>(parts.size()), Z_BEST_COMPRESSION);
  OGIVE_CHECK_MSG(result == Z_OK, "compress2 says {} for {} bytes", result, parts.size());
  out.resize(size);
  return out;
}

}  // namespace ogive::protocol
