// Decompression of message bodies (docs/formats/commit-log.md, sysFlag).
#include <fmt/core.h>
#include <lz4frame.h>
#include <zlib.h>
#include <zstd.h>

#include <memory>

#include "client/messages.h"
#include "message/sys_flag.h"

namespace ogive::client {
namespace {

constexpr std::size_t kStep = 64 << 10;

// Codecs in sysFlag's compression bits; 0 is zlib as clients before 5.0 wrote it.
constexpr std::int32_t kLz4 = 0x100;
constexpr std::int32_t kZstd = 0x200;
constexpr std::int32_t kZlib = 0x300;

std::unexpected<Error> broken(std::string_view codec, std::string_view why) {
  return fail(Errc::kCorrupt, fmt::format("the body is marked as {} but does not decompress: {}", codec, why));
}

/// Adds room for one step; kLimit when the body would be larger than allowed.
Status grow(std::string& out, std::size_t used, std::size_t max_bytes) {
  if (used >= max_bytes)
    return fail(Errc::kLimit, fmt::format("the body decompresses to more than {} bytes", max_bytes));
  out.resize(std::min(used + kStep, max_bytes));
  return {};
}

Result<std::string> inflate_body(ByteView body, std::size_t max_bytes) {
  z_stream stream{};
  if (::inflateInit(&stream) != Z_OK) return broken("zlib", "out of memory");
  const auto end = [](z_stream* open) { ::inflateEnd(open); };
  const std::unique_ptr<z_stream, decltype(end)> guard(&stream, end);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(body.data()));
  stream.avail_in = static_cast<uInt>(body.size());
  std::string out;
  for (int state = Z_OK; state != Z_STREAM_END;) {
    OGIVE_TRY(grow(out, stream.total_out, max_bytes));
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + stream.total_out);
    stream.avail_out = static_cast<uInt>(out.size() - stream.total_out);
    state = ::inflate(&stream, Z_NO_FLUSH);
    if (state != Z_OK && state != Z_STREAM_END)
      return broken("zlib", stream.msg == nullptr ? "it ends early" : stream.msg);
  }
  out.resize(stream.total_out);
  return out;
}

Result<std::string> unzstd_body(ByteView body, std::size_t max_bytes) {
  const std::unique_ptr<ZSTD_DStream, decltype(&::ZSTD_freeDStream)> stream(::ZSTD_createDStream(),
                                                                            &::ZSTD_freeDStream);
  std::string out;
  std::size_t used = 0;
  ZSTD_inBuffer in{body.data(), body.size(), 0};
  for (std::size_t hint = 1; hint != 0;) {
    OGIVE_TRY(grow(out, used, max_bytes));
    ZSTD_outBuffer to{out.data(), out.size(), used};
    const std::size_t before = in.pos;
    hint = ::ZSTD_decompressStream(stream.get(), &to, &in);
    if (::ZSTD_isError(hint) != 0) return broken("ZSTD", ::ZSTD_getErrorName(hint));
    if (hint != 0 && in.pos == before && to.pos == used) return broken("ZSTD", "it ends early");
    used = to.pos;
  }
  out.resize(used);
  return out;
}

Result<std::string> unlz4_body(ByteView body, std::size_t max_bytes) {
  LZ4F_dctx* context = nullptr;
  if (LZ4F_isError(LZ4F_createDecompressionContext(&context, LZ4F_VERSION)) != 0) return broken("LZ4", "out of memory");
  const std::unique_ptr<LZ4F_dctx, decltype(&::LZ4F_freeDecompressionContext)> guard(context,
                                                                                     &::LZ4F_freeDecompressionContext);
  std::string out;
  std::size_t used = 0;
  std::size_t read = 0;
  for (std::size_t hint = 1; hint != 0;) {
    OGIVE_TRY(grow(out, used, max_bytes));
    std::size_t room = out.size() - used;
    std::size_t given = body.size() - read;
    hint = ::LZ4F_decompress(context, out.data() + used, &room, body.data() + read, &given, nullptr);
    if (LZ4F_isError(hint) != 0) return broken("LZ4", ::LZ4F_getErrorName(hint));
    if (hint != 0 && room == 0 && given == 0) return broken("LZ4", "it ends early");
    used += room;
    read += given;
  }
  out.resize(used);
  return out;
}

}  // namespace

Result<std::string> plain_body(const message::RecordView& record, std::size_t max_bytes) {
  if ((record.sys_flag & message::kCompressed) == 0) return std::string(as_chars(record.body));
  switch (record.sys_flag & message::kCompressionMask) {
    case 0:
    case kZlib:
      return inflate_body(record.body, max_bytes);
    case kLz4:
      return unlz4_body(record.body, max_bytes);
    case kZstd:
      return unzstd_body(record.body, max_bytes);
    default:
      return fail(Errc::kUnsupported,
                  fmt::format("the body is compressed in an unknown way (sysFlag {})", record.sys_flag));
  }
}

}  // namespace ogive::client
