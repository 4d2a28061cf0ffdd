#include "message/record_tail.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "message/properties.h"

namespace ogive::message {
namespace {

std::vector<std::byte> encode(std::string_view properties, RecordTail tail, std::int64_t base = 0) {
  RecordFields fields;
  fields.born_host = fields.store_host = *io::Endpoint::parse("10.0.0.1:10911");
  fields.topic = "Topic";
  fields.body = as_bytes(std::string_view("body"));
  fields.properties = properties;
  std::vector<std::byte> bytes(encoded_size(fields, tail));
  encode_record(fields, bytes.data(), tail);
  patch_tail(tail, base, bytes.data(), bytes.size());
  return bytes;
}

TEST(RecordTail, EndsPropertiesWithWhatWasAskedFor) {
  for (const std::string_view properties : {"",
                                            "A\x01"
                                            "1",
                                            "A\x01"
                                            "1\x02"}) {
    const auto bytes = encode(properties, {.inner_base = true, .property_crc = true}, 1234);
    const auto record = decode_record(bytes);
    ASSERT_TRUE(record) << record.error().message();
    EXPECT_EQ(find_property(record->properties, "INNER_BASE"), "0000000000000001234");
    EXPECT_EQ(find_property(record->properties, "A").value_or("1"), "1");
    EXPECT_EQ(check_property_crc(*record), PropertyCrc::kMatches);
  }
  const auto plain = encode(
      "A\x01"
      "1\x02",
      {});
  EXPECT_EQ(check_property_crc(*decode_record(plain)), PropertyCrc::kAbsent);
}

TEST(RecordTail, EveryFlippedByteIsNoticed) {
  const auto good = encode(
      "KEYS\x01"
      "k\x02",
      {.property_crc = true});
  for (std::size_t i = 0; i < good.size(); ++i) {
    auto bytes = good;
    bytes[i] ^= std::byte{0x04};
    const auto record = decode_record(bytes);
    if (!record) continue;
    EXPECT_EQ(check_property_crc(*record), PropertyCrc::kDiffers) << "byte " << i;
  }
}

TEST(RecordTail, RemovesWhatAnEarlierBrokerPutThere) {
  std::string properties =
      "__CRC32#\x01"
      "0000000000\x02"
      "A\x01"
      "1\x02"
      "INNER_BASE\x01"
      "7";
  EXPECT_TRUE(remove_tail_properties({.inner_base = true, .property_crc = true}, properties));
  EXPECT_EQ(properties,
            "A\x01"
            "1\x02");
  EXPECT_FALSE(remove_tail_properties({.inner_base = true, .property_crc = true}, properties));
}

}  // namespace
}  // namespace ogive::message
