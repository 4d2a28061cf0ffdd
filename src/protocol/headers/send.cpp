#include "protocol/headers/send.h"

#include "protocol/codes.h"

namespace ogive::protocol {
namespace {

/// What the single letters stand for, and which of them must be there.
struct ShortFields {
  explicit ShortFields(SendMessageRequestHeader& header) : header_(header) {}

  bool set(char letter, std::string_view text) {
    switch (letter) {
      case 'a':
        return note(letter, detail::parse_field(text, header_.producer_group));
      case 'b':
        return note(letter, detail::parse_field(text, header_.topic));
      case 'c':
        return note(letter, detail::parse_field(text, header_.default_topic));
      case 'd':
        return note(letter, detail::parse_field(text, header_.default_topic_queue_nums));
      case 'e':
        return note(letter, detail::parse_field(text, header_.queue_id));
      case 'f':
        return note(letter, detail::parse_field(text, header_.sys_flag));
      case 'g':
        return note(letter, detail::parse_field(text, header_.born_timestamp));
      case 'h':
        return note(letter, detail::parse_field(text, header_.flag));
      case 'i':
        return detail::parse_field(text, header_.properties);
      case 'j':
        return detail::parse_field(text, header_.reconsume_times);
      case 'k':
        return detail::parse_field(text, header_.unit_mode);
      case 'l':
        return detail::parse_field(text, header_.max_reconsume_times);
      case 'm':
        return detail::parse_field(text, header_.batch);
      case 'n':
        return detail::parse_field(text, header_.broker_name);
      default:
        return true;
    }
  }

  /// Bits of the letters a to h that have been seen.
  unsigned seen = 0;

 private:
  bool note(char letter, bool ok) {
    seen |= 1u << (letter - 'a');
    return ok;
  }

  SendMessageRequestHeader& header_;
};

constexpr unsigned kAllMandatory = 0xff;  // a to h

Result<SendMessageRequestHeader> decode_short(const Frame& frame) {
  SendMessageRequestHeader header;
  ShortFields fields(header);
  const bool empty_is_missing = frame.serialization == Serialization::kRocketmq;
  for (const Field& field : frame.fields) {
    if (field.name.size() != 1 || (empty_is_missing && field.value.empty())) continue;
    if (!fields.set(field.name[0], field.value)) return detail::bad_field(field.name, field.value);
  }
  if (fields.seen != kAllMandatory) {
    const char missing = static_cast<char>('a' + __builtin_ctz(~fields.seen));
    return detail::missing_field(std::string_view(&missing, 1));
  }
  return header;
}

}  // namespace

bool has_short_send_fields(std::int32_t code) {
  return code == request_code::kSendMessageV2 || code == request_code::kSendBatchMessage ||
         code == request_code::kSendReplyMessageV2;
}

Result<SendMessageRequestHeader> decode_send_header(const Frame& frame) {
  return has_short_send_fields(frame.code) ? decode_short(frame) : decode_header<SendMessageRequestHeader>(frame);
}

void encode_send_header_v2(const SendMessageRequestHeader& header, FrameWriter& writer) {
  writer.field("a", header.producer_group);
  writer.field("b", header.topic);
  writer.field("c", header.default_topic);
  writer.field("d", header.default_topic_queue_nums);
  writer.field("e", header.queue_id);
  writer.field("f", header.sys_flag);
  writer.field("g", header.born_timestamp);
  writer.field("h", header.flag);
  detail::write_field(writer, "i", header.properties);
  detail::write_field(writer, "j", header.reconsume_times);
  detail::write_field(writer, "k", header.unit_mode);
  detail::write_field(writer, "l", header.max_reconsume_times);
  detail::write_field(writer, "m", header.batch);
  detail::write_field(writer, "n", header.broker_name);
}

}  // namespace ogive::protocol
