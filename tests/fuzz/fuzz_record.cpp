// Stored records: decoding, what is derived from them, and the forms they are checked in.

#include <cstdint>
#include <cstdlib>

#include "message/record.h"
#include "message/record_tail.h"
#include "store/index/index_keys.h"
#include "store/queue_rule.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ogive;
  const ByteView bytes(reinterpret_cast<const std::byte*>(data), size);
  const auto record = message::decode_record(bytes);
  if (!record) return 0;
  if (record->whole.size() > size) std::abort();
  (void)message::body_crc_matches(*record);
  (void)message::check_property_crc(*record);
  (void)store::takes_queue_entry(*record);
  const std::int64_t delays[] = {1'000, 5'000};
  (void)store::entry_tags_code(*record, delays);
  store::for_each_index_key(*record, [](std::string_view, store::KeyKind) {});
  (void)message::OffsetMessageId(record->store_host, record->physical_offset);
  (void)message::parse_offset_message_id(record->topic);
  return 0;
}
