#include "message/record.h"

#include <fmt/core.h>

#include <charconv>
#include <cstring>

#include "base/check.h"
#include "base/crc32.h"
#include "message/properties.h"
#include "message/record_tail.h"
#include "message/sys_flag.h"

namespace ogive::message {
namespace {

// Everything but hosts, body, topic and properties: 4×5 + 8×2 + 4 + 8 + 8 + 4 + 8 + 4 (body length) + 2 (properties
// length).
constexpr std::size_t kFixedBytes = 20 + 16 + 4 + 8 + 8 + 4 + 8 + 4 + 2;

// What the properties end with; 0 without any.
char last_of(const RecordFields& fields) {
  if (!fields.properties_tail.empty()) return fields.properties_tail.back();
  return fields.properties.empty() ? '\0' : fields.properties.back();
}

std::size_t host_bytes(const io::Endpoint& host) {
  return host.address_size + 4u;
}

io::Endpoint read_host(ByteReader& reader, bool v6) {
  io::Endpoint host;
  host.address_size = v6 ? 16 : 4;
  const ByteView address = reader.take(host.address_size);
  if (!address.empty()) std::memcpy(host.address.data(), address.data(), address.size());
  host.port = static_cast<std::uint16_t>(reader.read<std::int32_t>());
  return host;
}

// Eight upper-case hexadecimal digits, all in one register; returns where they end.
char* put_hex(char* to, std::uint32_t value) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  std::uint64_t digits = value;
  digits = (digits | digits << 16) & 0x0000FFFF0000FFFF;
  digits = (digits | digits << 8) & 0x00FF00FF00FF00FF;
  digits = (digits | digits << 4) & 0x0F0F0F0F0F0F0F0F;
  const std::uint64_t letters = (digits + kOnes * 6) >> 4 & kOnes;  // 1 where the digit is A to F.
  store_be(to, digits + kOnes * '0' + letters * ('A' - '9' - 1));
  return to + sizeof(digits);
}

class Writer {
 public:
  explicit Writer(std::byte* at) : at_(at) {}
  template <class Int>
  void put(Int value) {
    store_be(at_, value);
    at_ += sizeof(Int);
  }
  void put(ByteView bytes) {
    if (!bytes.empty()) std::memcpy(at_, bytes.data(), bytes.size());
    at_ += bytes.size();
  }
  std::byte* at() const { return at_; }
  void put(const io::Endpoint& host) {
    std::memcpy(at_, host.address.data(), host.address_size);
    at_ += host.address_size;
    put<std::int32_t>(host.port);
  }

 private:
  std::byte* at_;
};

}  // namespace

Result<RecordView> decode_record(ByteView bytes) {
  ByteReader reader(bytes);
  RecordView record;
  record.size = reader.read<std::int32_t>();
  record.magic = reader.read<std::int32_t>();
  if (!reader.ok()) return fail(Errc::kCorrupt, "record is shorter than its size and magic");
  if (record.magic != kMagicV1 && record.magic != kMagicV2) {
    return fail(Errc::kCorrupt, fmt::format("record magic {:#010x} is none of the message magics",
                                            static_cast<std::uint32_t>(record.magic)));
  }
  if (record.size < 0 || static_cast<std::size_t>(record.size) > bytes.size()) {
    return fail(Errc::kCorrupt,
                fmt::format("record size {} exceeds the {} bytes there are", record.size, bytes.size()));
  }
  record.body_crc = reader.read<std::int32_t>();
  record.queue_id = reader.read<std::int32_t>();
  record.flag = reader.read<std::int32_t>();
  record.queue_offset = reader.read<std::int64_t>();
  record.physical_offset = reader.read<std::int64_t>();
  record.sys_flag = reader.read<std::int32_t>();
  record.born_timestamp_ms = reader.read<std::int64_t>();
  record.born_host = read_host(reader, (record.sys_flag & kBornHostV6) != 0);
  record.store_timestamp_ms = reader.read<std::int64_t>();
  record.store_host = read_host(reader, (record.sys_flag & kStoreHostV6) != 0);
  record.reconsume_times = reader.read<std::int32_t>();
  record.prepared_transaction_offset = reader.read<std::int64_t>();
  const auto body_size = reader.read<std::int32_t>();
  if (body_size < 0) return fail(Errc::kCorrupt, fmt::format("record body length {} is negative", body_size));
  record.body = reader.take(static_cast<std::size_t>(body_size));
  const std::size_t topic_size =
      record.magic == kMagicV2 ? reader.read<std::uint16_t>() : std::size_t{reader.read<std::uint8_t>()};
  record.topic = reader.take_chars(topic_size);
  const auto properties_size = reader.read<std::int16_t>();
  if (properties_size < 0) {
    return fail(Errc::kCorrupt, fmt::format("record properties length {} is negative", properties_size));
  }
  record.properties = reader.take_chars(static_cast<std::size_t>(properties_size));
  if (!reader.ok() || reader.position() != static_cast<std::size_t>(record.size)) {
    return fail(Errc::kCorrupt, fmt::format("record size {} differs from its parts", record.size));
  }
  record.whole = bytes.first(static_cast<std::size_t>(record.size));
  return record;
}

std::optional<RecordNames> record_names(ByteView bytes) {
  if (bytes.size() < kSysFlagPosition + 4) return {};
  const std::byte* const from = bytes.data();
  RecordNames names;
  names.size = load_be<std::int32_t>(from);
  const auto magic = load_be<std::int32_t>(from + 4);
  if (magic != kMagicV1 && magic != kMagicV2) return {};
  if (names.size < 0 || static_cast<std::size_t>(names.size) > bytes.size()) return {};
  const auto size = static_cast<std::size_t>(names.size);
  names.physical_offset = load_be<std::int64_t>(from + kPhysicalOffsetPosition);
  names.sys_flag = load_be<std::int32_t>(from + kSysFlagPosition);
  const std::size_t time_at = store_timestamp_position(names.sys_flag);
  // Behind store timestamp, store host, reconsume times and prepared transaction offset.
  std::size_t at = time_at + 8 + ((names.sys_flag & kStoreHostV6) != 0 ? 20 : 8) + 4 + 8;
  if (size < at + 4) return {};
  names.store_timestamp_ms = load_be<std::int64_t>(from + time_at);
  const auto body = load_be<std::int32_t>(from + at);
  at += 4;
  // The lengths of topic (one byte or two) and properties follow.
  if (body < 0 || size < at + static_cast<std::size_t>(body) + 4 - (magic == kMagicV1 ? 1 : 0)) return {};
  at += static_cast<std::size_t>(body);
  std::size_t topic = std::to_integer<std::uint8_t>(from[at]);
  if (magic == kMagicV2) topic = load_be<std::uint16_t>(from + at++);
  if (size < ++at + topic + 2) return {};
  names.topic = as_chars(bytes.subspan(at, topic));
  at += topic;
  const auto properties = load_be<std::int16_t>(from + at);
  at += 2;
  if (properties < 0 || size != at + static_cast<std::size_t>(properties)) return {};
  names.properties = as_chars(bytes.subspan(at, static_cast<std::size_t>(properties)));
  return names;
}

bool body_crc_matches(const RecordView& record) {
  return record.body.empty() || message_crc32(record.body) == record.body_crc;
}

std::size_t encoded_size(const RecordFields& fields, RecordTail tail) {
  return kFixedBytes + host_bytes(fields.born_host) + host_bytes(fields.store_host) + fields.body.size() +
         (fields.topic.size() > kMaxTopicBytesV1 ? 2 : 1) + fields.topic.size() + fields.properties.size() +
         fields.properties_tail.size() + tail_bytes(tail, last_of(fields));
}

namespace {

// All that is in front of the body.
void put_head(Writer& writer, const RecordFields& fields, std::size_t size, std::int32_t crc) {
  std::int32_t sys_flag = fields.sys_flag & ~(kBornHostV6 | kStoreHostV6);
  if (fields.born_host.is_v6()) sys_flag |= kBornHostV6;
  if (fields.store_host.is_v6()) sys_flag |= kStoreHostV6;
  writer.put(static_cast<std::int32_t>(size));
  writer.put(fields.topic.size() > kMaxTopicBytesV1 ? kMagicV2 : kMagicV1);
  writer.put(crc);
  writer.put(fields.queue_id);
  writer.put(fields.flag);
  writer.put(std::int64_t{0});  // queue offset, by the log
  writer.put(std::int64_t{0});  // physical offset, by the log
  writer.put(sys_flag);
  writer.put(fields.born_timestamp_ms);
  writer.put(fields.born_host);
  writer.put(std::int64_t{0});  // store timestamp, by the log
  writer.put(fields.store_host);
  writer.put(fields.reconsume_times);
  writer.put(fields.prepared_transaction_offset);
  writer.put(static_cast<std::int32_t>(fields.body.size()));
}

void put_topic(Writer& writer, std::string_view topic) {
  if (topic.size() > kMaxTopicBytesV1) {
    writer.put(static_cast<std::uint16_t>(topic.size()));
  } else {
    writer.put(static_cast<std::uint8_t>(topic.size()));
  }
  writer.put(as_bytes(topic));
}

}  // namespace

void encode_record(const RecordFields& fields, std::byte* out, RecordTail tail) {
  Writer writer(out);
  put_head(writer, fields, encoded_size(fields, tail), message_crc32(fields.body));
  writer.put(fields.body);
  put_topic(writer, fields.topic);
  const char last = last_of(fields);
  writer.put(
      static_cast<std::int16_t>(fields.properties.size() + fields.properties_tail.size() + tail_bytes(tail, last)));
  writer.put(as_bytes(fields.properties));
  writer.put(as_bytes(fields.properties_tail));
  put_tail(tail, last, writer.at());
}

RecordSeries::RecordSeries(const RecordFields& common) {
  OGIVE_CHECK_MSG(common.topic.size() <= kMaxTopicBytes, "a topic of {} bytes", common.topic.size());
  Writer head(head_.data());
  put_head(head, common, /*size=*/0, /*crc=*/0);
  head_bytes_ = static_cast<std::size_t>(head.at() - head_.data());
  Writer topic(topic_.data());
  put_topic(topic, common.topic);
  topic_bytes_ = static_cast<std::size_t>(topic.at() - topic_.data());
}

void RecordSeries::encode(std::int32_t flag, ByteView body, std::string_view properties, std::byte* out) const {
  std::memcpy(out, head_.data(), kHeadBytesV4);
  if (head_bytes_ > kHeadBytesV4) [[unlikely]]
    std::memcpy(out + kHeadBytesV4, head_.data() + kHeadBytesV4, head_bytes_ - kHeadBytesV4);
  store_be(out, static_cast<std::int32_t>(size(body, properties)));
  store_be(out + kBodyCrcPosition, message_crc32(body));
  store_be(out + kFlagPosition, flag);
  store_be(out + head_bytes_ - sizeof(std::int32_t), static_cast<std::int32_t>(body.size()));
  Writer rest(out + head_bytes_);
  rest.put(body);
  rest.put(ByteView(topic_.data(), topic_bytes_));
  rest.put(static_cast<std::int16_t>(properties.size()));
  rest.put(as_bytes(properties));
}

std::int32_t message_count(const RecordView& record) {
  return message_count(record.sys_flag, record.properties);
}

std::int32_t message_count(std::int32_t sys_flag, std::string_view properties) {
  if ((sys_flag & kInnerBatch) == 0) return 1;
  const std::string_view text = find_property(properties, property::kInnerNum).value_or(std::string_view());
  std::int32_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  return error == std::errc() && end == text.data() + text.size() && count > 0 && count <= INT16_MAX ? count : 1;
}

namespace {

// Four ASCII characters in one step: the chain of dependent multiplications is a quarter as long.
const unsigned char* hash_ascii(const unsigned char* at, const unsigned char* end, std::uint32_t& hash) {
  constexpr std::uint32_t k2 = 31u * 31u, k3 = k2 * 31u, k4 = k3 * 31u;
  for (; end - at >= 4; at += 4) {
    std::uint32_t units;
    std::memcpy(&units, at, sizeof(units));
    if ((units & 0x80808080u) != 0) break;
    hash = hash * k4 + (at[0] * k3 + at[1] * k2 + at[2] * 31u + at[3]);
  }
  return at;
}

}  // namespace

std::int32_t java_string_hash(std::string_view text, std::int32_t before) {
  auto hash = static_cast<std::uint32_t>(before);
  const auto* at = reinterpret_cast<const unsigned char*>(text.data());
  const auto* end = at + text.size();
  auto add = [&hash](std::uint32_t unit) { hash = hash * 31 + unit; };
  while ((at = hash_ascii(at, end, hash)) < end) {
    const unsigned char lead = *at;
    const auto left = end - at;
    if (lead < 0x80) {
      add(lead);
      ++at;
    } else if ((lead & 0xE0) == 0xC0 && left >= 2) {
      add((lead & 0x1Fu) << 6 | (at[1] & 0x3Fu));
      at += 2;
    } else if ((lead & 0xF0) == 0xE0 && left >= 3) {
      add((lead & 0x0Fu) << 12 | (at[1] & 0x3Fu) << 6 | (at[2] & 0x3Fu));
      at += 3;
    } else if ((lead & 0xF8) == 0xF0 && left >= 4) {
      const std::uint32_t point =
          ((lead & 0x07u) << 18 | (at[1] & 0x3Fu) << 12 | (at[2] & 0x3Fu) << 6 | (at[3] & 0x3Fu)) - 0x10000u;
      add(0xD800u + (point >> 10));
      add(0xDC00u + (point & 0x3FFu));
      at += 4;
    } else {
      add(0xFFFD);  // What Java's decoder puts for bytes that are not UTF-8.
      ++at;
    }
  }
  return static_cast<std::int32_t>(hash);
}
std::int64_t tags_code(std::string_view tags) {
  return tags.empty() ? 0 : java_string_hash(tags);
}

std::int64_t tags_code_of(std::string_view properties) {
  return tags_code(find_property(properties, property::kTags).value_or(std::string_view()));
}

OffsetMessageId::OffsetMessageId(const io::Endpoint& store_host, std::int64_t physical_offset) {
  char* to = text_;
  for (std::size_t i = 0; i < store_host.address_size; i += sizeof(std::uint32_t)) {
    to = put_hex(to, load_be<std::uint32_t>(store_host.address.data() + i));
  }
  to = put_hex(to, store_host.port);
  size_ = static_cast<std::size_t>(to - text_) + kOffsetDigits;
  write(physical_offset, text_);
}

char* OffsetMessageId::write(std::int64_t physical_offset, char* to) const {
  if (to != text_) {
    // Sizes that are known here are no calls.
    if (size_ == 32) [[likely]] {
      std::memcpy(to, text_, 16);
    } else {
      std::memcpy(to, text_, size_ - kOffsetDigits);
    }
  }
  to = put_hex(to + size_ - kOffsetDigits, static_cast<std::uint32_t>(physical_offset >> 32));
  return put_hex(to, static_cast<std::uint32_t>(physical_offset));
}

Result<RecordPlace> parse_offset_message_id(std::string_view text) {
  if (text.size() != 32 && text.size() != 56) {
    return fail(Errc::kInvalidArgument, fmt::format("message id has {} characters, not 32 or 56", text.size()));
  }
  std::byte raw[16 + 4 + 8];
  for (std::size_t i = 0; i < text.size() / 2; ++i) {
    unsigned value = 0;
    const char* begin = text.data() + i * 2;
    if (const auto [end, error] = std::from_chars(begin, begin + 2, value, 16);
        error != std::errc() || end != begin + 2) {
      return fail(Errc::kInvalidArgument, fmt::format("message id {} is not hexadecimal", text));
    }
    raw[i] = static_cast<std::byte>(value);
  }
  RecordPlace place;
  place.store_host.address_size = text.size() == 32 ? 4 : 16;
  std::memcpy(place.store_host.address.data(), raw, place.store_host.address_size);
  place.store_host.port = static_cast<std::uint16_t>(load_be<std::int32_t>(raw + place.store_host.address_size));
  place.physical_offset = load_be<std::int64_t>(raw + place.store_host.address_size + 4);
  return place;
}

}  // namespace ogive::message
