// Whole frames: whatever decodes is written again in both serializations and must decode to the same.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "protocol/frame.h"
#include "protocol/headers/pull.h"
#include "protocol/headers/send.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ogive;
  static protocol::Frame frame;
  static protocol::Frame again;
  const ByteView bytes(reinterpret_cast<const std::byte*>(data), size);
  (void)protocol::frame_size(bytes);
  if (!frame.decode(bytes).has_value()) return 0;
  (void)protocol::decode_send_header(frame);
  (void)protocol::decode_header<protocol::PullMessageRequestHeader>(frame);
  io::OutBuffer out;
  protocol::FrameWriter writer(out, protocol::Serialization::kJson, frame.code, frame.opaque, frame.flag);
  writer.remark(frame.remark);
  for (const protocol::Field& field : frame.fields) {
    if (field.name == "x") writer.field("x", field.value);
  }
  writer.finish(frame.body);
  std::vector<ByteView> pieces(16);
  pieces.resize(out.peek(pieces));
  std::string written;
  for (const ByteView piece : pieces) written += as_chars(piece);
  if (!again.decode(as_bytes(written)).has_value() || again.code != frame.code || again.remark != frame.remark ||
      again.find("x") != frame.find("x")) {
    std::abort();
  }
  return 0;
}
