#include "bench/echo_server.h"

#include <algorithm>
#include <cstring>

#include "base/bytes.h"
#include "protocol/frame.h"

namespace ogive::bench {
namespace {

/// A binary frame without remark and fields: prefix, code to flag, two lengths of 0.
constexpr std::size_t kHeadBytes = protocol::kFramePrefixBytes + 21;
constexpr std::size_t kOpaqueAt = protocol::kFramePrefixBytes + 5;
constexpr std::size_t kFlagAt = protocol::kFramePrefixBytes + 9;

bool append_reply(ByteView request, io::OutBuffer& out) {
  if (request.size() < kHeadBytes + 4 || load_be<std::uint32_t>(request.data() + 4) != (1u << 24 | 21)) return false;
  const auto size = load_be<std::uint32_t>(request.data() + kHeadBytes);
  if (size < kHeadBytes || size > protocol::kMaxFrameBytes) return false;
  std::byte* to = out.extend(size);
  std::memcpy(to, request.data(), kHeadBytes);
  store_be(to, size - 4);
  store_be(to + kFlagAt, protocol::kResponseFlag);
  std::memset(to + kHeadBytes, 'y', size - kHeadBytes);
  return true;
}
static_assert(kOpaqueAt + 4 == kFlagAt);

}  // namespace

class EchoServer::Session final : public io::StreamHandler {
 public:
  Session(EchoServer& owner, std::unique_ptr<io::Stream> stream) : owner_(owner), stream_(std::move(stream)) {}
  void start() { stream_->start(*this); }

  Consumed on_data(ByteView data) override {
    std::size_t used = 0;
    std::size_t wanted = 0;
    while (used < data.size()) {
      const ByteView rest = data.subspan(used);
      const auto size = protocol::frame_size(rest);
      if (size && (*size == 0 || *size > rest.size())) {
        wanted = *size;
        break;
      }
      if (!size || !append_reply(rest.first(*size), out_)) {
        stream_->close_after_flush(Milliseconds(0));
        return {data.size(), 0};
      }
      used += *size;
    }
    if (!out_.empty()) stream_->write(out_);
    return {used, wanted};
  }
  void on_drained() override {}
  void on_closed(const Error&) override { owner_.drop(*this); }

 private:
  EchoServer& owner_;
  std::unique_ptr<io::Stream> stream_;
  io::OutBuffer out_;
};

EchoServer::~EchoServer() = default;

Result<std::unique_ptr<EchoServer>> EchoServer::open(io::Network& network, io::Executor& executor,
                                                     const io::Endpoint& local) {
  std::unique_ptr<EchoServer> server(new EchoServer());
  auto listener =
      network.listen(local, {&executor}, [raw = server.get()](io::Executor&, std::unique_ptr<io::Stream> stream) {
        raw->sessions_.push_back(std::make_unique<Session>(*raw, std::move(stream)));
        raw->sessions_.back()->start();
      });
  if (!listener) return fail(listener.error());
  server->listener_ = std::move(*listener);
  return server;
}

void EchoServer::drop(Session& session) {
  std::erase_if(sessions_, [&session](const auto& one) { return one.get() == &session; });
}

}  // namespace ogive::bench
