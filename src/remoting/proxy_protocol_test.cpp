#include "remoting/proxy_protocol.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "remoting/peers_for_test.h"

namespace ogive::remoting {
namespace {

using ::testing::ElementsAre;

constexpr std::string_view kSignature("\r\n\r\n\0\r\nQUIT\n", 12);

std::string v2(std::uint8_t version_command, std::uint8_t family, std::string_view payload) {
  std::string header(kSignature);
  header += static_cast<char>(version_command);
  header += static_cast<char>(family);
  header += static_cast<char>(payload.size() >> 8);
  header += static_cast<char>(payload.size() & 255);
  return header + std::string(payload);
}
// 192.168.0.7:4660 to 10.0.0.1:10911
const std::string kV4Addresses("\xc0\xa8\x00\x07\x0a\x00\x00\x01\x12\x34\x2a\x9f", 12);

std::string source_of(std::string_view bytes) {
  const auto header = parse_proxy_header(as_bytes(bytes));
  if (!header) return "error";
  if (header->incomplete) return "incomplete";
  if (header->bytes == 0) return "none";
  return header->source ? header->source->to_string() : "unknown";
}

TEST(ProxyHeader, ReadsBothVersions) {
  EXPECT_EQ(source_of("PROXY TCP4 192.168.0.7 10.0.0.1 4660 10911\r\n"), "192.168.0.7:4660");
  EXPECT_EQ(source_of("PROXY TCP6 fd00::7 fd00::1 4660 10911\r\nmore"), "[fd00::7]:4660");
  EXPECT_EQ(source_of("PROXY UNKNOWN\r\n"), "unknown");
  EXPECT_EQ(source_of("PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n"), "unknown");
  EXPECT_EQ(source_of(v2(0x21, 0x11, kV4Addresses)), "192.168.0.7:4660");
  EXPECT_EQ(source_of(v2(0x21, 0x11, kV4Addresses + std::string("\x04\x00\x01x", 4))), "192.168.0.7:4660");  // A TLV.
  EXPECT_EQ(source_of(v2(0x21, 0x21, std::string(15, '\0') + "\x07" + std::string(15, '\0') + "\x01\x12\x34\x2a\x9f")),
            "[::7]:4660");
  EXPECT_EQ(source_of(v2(0x20, 0x00, "")), "unknown");                     // LOCAL: a health check.
  EXPECT_EQ(source_of(v2(0x21, 0x31, std::string(216, 'x'))), "unknown");  // A Unix socket.
}

TEST(ProxyHeader, WaitsForTheWholeHeader) {
  const std::string text = "PROXY TCP4 192.168.0.7 10.0.0.1 4660 10911\r\n";
  const std::string binary = v2(0x21, 0x11, kV4Addresses);
  for (const std::string& header : {text, binary}) {
    for (std::size_t size = 1; size < header.size(); ++size) {
      EXPECT_EQ(source_of(std::string_view(header).substr(0, size)), "incomplete") << size;
    }
  }
}

TEST(ProxyHeader, RefusesWhatOnlyBeginsLikeOne) {
  EXPECT_EQ(source_of("PROXY TCP4 192.168.0.7 10.0.0.1 4660\r\n"), "error");
  EXPECT_EQ(source_of("PROXY UDP4 192.168.0.7 10.0.0.1 1 2\r\n"), "error");
  EXPECT_EQ(source_of("PROXY TCP4 192.168.0.700 10.0.0.1 1 2\r\n"), "error");
  EXPECT_EQ(source_of("PROXY TCP4 1.1.1.1 10.0.0.1 70000 2\r\n"), "error");
  EXPECT_EQ(source_of("PROXY " + std::string(200, 'x')), "error");
  EXPECT_EQ(source_of(v2(0x11, 0x11, kV4Addresses)), "error");
  EXPECT_EQ(source_of(v2(0x21, 0x11, "short")), "error");
  EXPECT_EQ(source_of(std::string(kSignature) + "\x21\x11\xff\xff"), "error");
  EXPECT_EQ(source_of("POST / HTTP/1.1"), "none");
  EXPECT_EQ(source_of(frame_bytes(kEcho, 1)), "none");
}

class ProxyServerTest : public ::testing::Test {
 protected:
  void start(bool accept) {
    ServerOptions options;
    options.accept_proxy_protocol = accept;
    server_ = std::make_unique<TestServer>(world_, options);
    node_ = &world_.add_node("peer");
    node_->run([](sim::SimNode&) { return std::make_shared<int>(); });
    world_.run_for(1ms);
  }
  std::unique_ptr<RawPeer> dial() { return std::make_unique<RawPeer>(world_, *node_, server_->endpoint()); }

  sim::SimWorld world_{3};
  std::unique_ptr<TestServer> server_;
  sim::SimNode* node_ = nullptr;
};

TEST_F(ProxyServerTest, HandlersSeeTheClientBehindTheLoadBalancer) {
  start(true);
  auto text = dial();
  text->send("PROXY TCP4 192.168.0.7 10.0.0.1 4660 10911\r\n" + frame_bytes(kEcho, 1, "a"));
  ASSERT_TRUE(text->wait_for(1));
  auto binary = dial();
  const std::string bytes = v2(0x21, 0x11, kV4Addresses) + frame_bytes(kEcho, 1, "b") + frame_bytes(kEcho, 2, "c");
  for (const char byte : bytes) {
    binary->send(std::string_view(&byte, 1));
    world_.run_for(1ms);
  }
  ASSERT_TRUE(binary->wait_for(2));
  EXPECT_EQ(binary->answers[1].body, "c");
  auto plain = dial();
  plain->send(frame_bytes(kEcho, 1, "d"));
  ASSERT_TRUE(plain->wait_for(1));
  std::vector<std::string> remotes;
  for (const io::Endpoint& remote : server_->remotes) remotes.push_back(remote.to_string());
  EXPECT_THAT(remotes,
              ElementsAre("192.168.0.7:4660", "192.168.0.7:4660", "192.168.0.7:4660", plain->local().to_string()));
}

TEST_F(ProxyServerTest, ABrokenHeaderClosesTheConnection) {
  start(true);
  auto peer = dial();
  peer->send("PROXY TCP4 nonsense\r\n" + frame_bytes(kEcho, 1));
  EXPECT_TRUE(peer->wait_for_close());
  EXPECT_TRUE(server_->remotes.empty());
}

TEST_F(ProxyServerTest, AHeaderThatNeverEndsIsIdle) {
  start(true);
  auto peer = dial();
  peer->send("PROXY TCP4 ");
  EXPECT_TRUE(peer->wait_for_close(151s));
}

// A client could otherwise say it is anybody.
TEST_F(ProxyServerTest, WithoutTheSettingAHeaderIsAMalformedFrame) {
  start(false);
  auto peer = dial();
  peer->send("PROXY TCP4 192.168.0.7 10.0.0.1 4660 10911\r\n" + frame_bytes(kEcho, 1));
  EXPECT_TRUE(peer->wait_for_close());
  EXPECT_TRUE(server_->remotes.empty());
}

}  // namespace
}  // namespace ogive::remoting
