// Keys and values of RocksDB stores. What is read of a queue database is written back as the same bytes; what is read
// of a metadata database is written so that it reads the same again.

#include <cstdint>
#include <cstdlib>

#include "rocks/config_records.h"
#include "rocks/queue_records.h"

namespace {

using namespace ogive;

void require(bool holds) {
  if (!holds) std::abort();
}

void read_queue_record(std::string_view bytes) {
  if (const auto key = rocks::parse_entry_key(bytes)) {
    require(!key->topic.empty() && rocks::format_entry_key(key->topic, key->id, key->offset) == bytes);
  }
  if (const auto key = rocks::parse_end_key(bytes)) {
    require(!key->topic.empty() && rocks::format_end_key(key->topic, key->id, key->which) == bytes);
  }
  if (const auto record = rocks::parse_record(bytes)) require(rocks::format_record(*record) == bytes);
  if (const auto end = rocks::parse_end(bytes)) require(rocks::format_end(*end) == bytes);
  if (const auto covered = rocks::parse_covered(bytes)) require(rocks::format_covered(*covered) == bytes);
}

template <class Value>
void read_config(std::string_view text) {
  const auto value = rocks::parse_config<Value>(text);
  if (!value) return;
  const std::string written = rocks::format_config(*value);
  const auto again = rocks::parse_config<Value>(written);
  require(again.has_value() && rocks::format_config(*again) == written);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 6) {
    case 0:
      read_config<protocol::TopicConfig>(bytes);
      break;
    case 1:
      read_config<protocol::SubscriptionGroupConfig>(bytes);
      break;
    case 2:
      read_config<protocol::DataVersion>(bytes);
      break;
    case 3:
      read_config<rocks::StoredOffsets>(bytes);
      break;
    case 4:
      read_config<rocks::ForbiddenTopics>(bytes);
      break;
    default:
      read_queue_record(bytes);
      break;
  }
  return 0;
}
