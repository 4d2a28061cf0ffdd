#pragma once
// The body of SEND_BATCH_MESSAGE (320): several messages one after the other. Format: docs/protocol/frame.md.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"

namespace ogive::protocol {

/// One message of a batch; views into the batch's body.
struct BatchItem {
  std::int32_t flag = 0;
  ByteView body;
  std::string_view properties;
};

/// Takes the messages of a batch in order. Usage:
///   BatchReader reader(frame.body);
///   while (!reader.done()) { const auto item = reader.next(); … }
class BatchReader {
 public:
  explicit BatchReader(ByteView batch) : rest_(batch) {}

  bool done() const { return rest_.empty(); }
  /// kCorrupt when a message exceeds the batch or contradicts its own size; the rest is then unusable. Call while
  /// !done().
  Result<BatchItem> next();

 private:
  ByteView rest_;
  std::size_t position_ = 0;
};

/// Appends one message in the form that BatchReader reads. Properties have at most 32767 bytes.
void append_batch_item(std::string& batch, const BatchItem& item);

}  // namespace ogive::protocol
