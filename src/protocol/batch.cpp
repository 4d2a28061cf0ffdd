#include "protocol/batch.h"

#include <fmt/core.h>

#include "base/check.h"

namespace ogive::protocol {
namespace {

/// Total size, magic, body CRC, flag, body length, properties length.
constexpr std::size_t kFixedBytes = 4 + 4 + 4 + 4 + 4 + 2;

void append_int(std::string& out, std::int32_t number) {
  char bytes[4];
  store_be(bytes, number);
  out.append(bytes, sizeof bytes);
}

}  // namespace

Result<BatchItem> BatchReader::next() {
  ByteReader reader(rest_);
  const auto size = reader.read<std::uint32_t>();
  // Magic and body CRC are not filled in by senders.
  reader.take(8);
  BatchItem item;
  item.flag = reader.read<std::int32_t>();
  item.body = reader.take(reader.read<std::uint32_t>());
  item.properties = reader.take_chars(reader.read<std::uint16_t>());
  if (!reader.ok() || size != reader.position()) {
    return fail(Errc::kCorrupt, fmt::format("batch: message at byte {} says {} bytes, has {} and {} bytes are left",
                                            position_, size, reader.position(), rest_.size()));
  }
  position_ += size;
  rest_ = rest_.subspan(size);
  return item;
}

void append_batch_item(std::string& batch, const BatchItem& item) {
  OGIVE_CHECK_MSG(item.properties.size() <= 0x7fff, "{} bytes of properties", item.properties.size());
  append_int(batch, static_cast<std::int32_t>(kFixedBytes + item.body.size() + item.properties.size()));
  append_int(batch, 0);
  append_int(batch, 0);
  append_int(batch, item.flag);
  append_int(batch, static_cast<std::int32_t>(item.body.size()));
  batch += as_chars(item.body);
  char bytes[2];
  store_be(bytes, static_cast<std::uint16_t>(item.properties.size()));
  batch.append(bytes, sizeof bytes);
  batch += item.properties;
}

}  // namespace ogive::protocol
