// The place of TLS, tried with a layer that shakes hands and transforms every byte.

#include "io/stream_upgrade.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "remoting/client.h"
#include "remoting/peers_for_test.h"

namespace ogive::remoting {
namespace {

constexpr std::string_view kHello = "HELLO";

std::string flipped(std::string_view text) {
  std::string out(text);
  for (char& byte : out) byte = static_cast<char>(byte ^ 0x5a);
  return out;
}

/// Both ends send kHello first; everything after it has its bits flipped.
class FlippingStream final : public io::Stream, private io::StreamHandler {
 public:
  explicit FlippingStream(std::unique_ptr<io::Stream> inner) : inner_(std::move(inner)) {}

  void start(io::StreamHandler& handler) override {
    handler_ = &handler;
    io::OutBuffer hello;
    hello.append(kHello);
    inner_->write(hello);
    inner_->start(*this);
  }
  void write(io::OutBuffer& data) override {
    std::vector<ByteView> pieces(1'000);
    const std::size_t count = data.peek(pieces);
    for (std::size_t i = 0; i < count; ++i) held_.append(flipped(as_chars(pieces[i])));
    data.clear();
    if (shaken_) inner_->write(held_);
  }
  std::size_t pending_bytes() const override { return held_.size() + inner_->pending_bytes(); }
  void pause_reading(bool paused) override { inner_->pause_reading(paused); }
  void close_after_flush(Milliseconds linger) override { inner_->close_after_flush(linger); }
  const io::Endpoint& local() const override { return inner_->local(); }
  const io::Endpoint& remote() const override { return inner_->remote(); }

 private:
  Consumed on_data(ByteView data) override {
    std::size_t used = 0;
    if (!shaken_) {
      if (!as_chars(data).starts_with(kHello.substr(0, data.size()))) {
        inner_->close_after_flush(Milliseconds(0));
        return {data.size(), 0};
      }
      if (data.size() < kHello.size()) return {0, kHello.size()};
      used = kHello.size();
      shaken_ = true;
      if (!held_.empty()) inner_->write(held_);
    }
    if (used == data.size()) return {used, 0};
    const std::string plain = flipped(as_chars(data.subspan(used)));
    const Consumed consumed = handler_->on_data(as_bytes(plain));
    return {used + consumed.bytes, consumed.wanted};
  }
  void on_drained() override { handler_->on_drained(); }
  void on_closed(const Error& reason) override { handler_->on_closed(reason); }

  std::unique_ptr<io::Stream> inner_;
  io::StreamHandler* handler_ = nullptr;
  io::OutBuffer held_;
  bool shaken_ = false;
};

struct FlippingUpgrade final : io::StreamUpgrade {
  std::unique_ptr<io::Stream> upgrade(io::Executor&, std::unique_ptr<io::Stream> stream, io::StreamSide side) override {
    sides.push_back(side);
    return std::make_unique<FlippingStream>(std::move(stream));
  }
  std::vector<io::StreamSide> sides;
};

class StreamUpgradeTest : public ::testing::Test {
 protected:
  void start(bool server_side, bool client_side) {
    ServerOptions server_options;
    server_options.accept_proxy_protocol = true;
    if (server_side) server_options.upgrade = &upgrade_;
    server_ = std::make_unique<TestServer>(world_, server_options);
    node_ = &world_.add_node("client");
    node_->run([this, client_side](sim::SimNode& self) {
      ClientOptions options;
      if (client_side) options.upgrade = &upgrade_;
      auto made = std::make_shared<Client>(self.network(), self.reactor(), options);
      client_ = made.get();
      return made;
    });
    world_.run_for(1ms);
  }
  std::string ask(std::string body) {
    std::optional<std::string> outcome;
    node_->reactor().run_here([&] {
      Message message(kEcho);
      message.body = std::move(body);
      client_->request(server_->endpoint(), std::move(message), 2s, [&](Result<const protocol::Frame*> reply) {
        outcome = reply ? std::string(as_chars((*reply)->body)) : std::string(to_string(reply.error().code()));
      });
    });
    world_.run_until([&] { return outcome.has_value(); }, 5s);
    return outcome.value_or("nothing");
  }

  sim::SimWorld world_{9};
  FlippingUpgrade upgrade_;
  std::unique_ptr<TestServer> server_;
  sim::SimNode* node_ = nullptr;
  Client* client_ = nullptr;
};

TEST_F(StreamUpgradeTest, BothEndsSpeakThroughIt) {
  start(true, true);
  for (const std::size_t size : {1u, 1'000u, 1'000'000u})
    EXPECT_EQ(ask(std::string(size, 'q')), std::string(size, 'q'));
  EXPECT_THAT(upgrade_.sides, ::testing::UnorderedElementsAre(io::StreamSide::kAccepted, io::StreamSide::kOpened));
}

TEST_F(StreamUpgradeTest, OnlyOneEndSpeakingItClosesTheConnection) {
  start(true, false);
  EXPECT_EQ(ask("plain"), "Closed");
  EXPECT_TRUE(server_->remotes.empty());
}

TEST_F(StreamUpgradeTest, APlainServerTakesItForAMalformedFrame) {
  start(false, true);
  EXPECT_EQ(ask("flipped"), "Closed");
}

// A load balancer speaks in the clear before the layer begins.
TEST_F(StreamUpgradeTest, TheProxyHeaderComesBeforeIt) {
  start(true, false);
  RawPeer peer(world_, *node_, server_->endpoint());
  peer.take_frames = false;
  peer.send("PROXY TCP4 192.168.0.7 10.0.0.1 4660 10911\r\n" + std::string(kHello) + flipped(frame_bytes(kEcho, 1)));
  ASSERT_TRUE(world_.run_until([&] { return !server_->remotes.empty(); }, 2s));
  EXPECT_EQ(server_->remotes[0].to_string(), "192.168.0.7:4660");
}

}  // namespace
}  // namespace ogive::remoting
