#include "io/epoll_network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <set>
#include <string>
#include <vector>

#include "io/loopback_for_test.h"
#include "io/socket_address.h"

namespace ogive::io {
namespace {

using ::testing::HasSubstr;

struct Dialled {
  std::optional<Errc> failure;
  std::string message;
  bool connected = false;
  bool done() const { return connected || failure.has_value(); }
};

class EpollNetworkTest : public LoopbackPair {
 protected:
  Dialled dial(const Endpoint& to, Milliseconds timeout) {
    Watched<Dialled> outcome;
    network_.connect(*client_reactor_, to, timeout, [&](Result<std::unique_ptr<Stream>> stream) {
      outcome.change([&](Dialled& dialled) {
        dialled.connected = stream.has_value();
        if (!stream) {
          dialled.failure = stream.error().code();
          dialled.message = stream.error().message();
        }
      });
    });
    EXPECT_TRUE(outcome.wait([](const Dialled& dialled) { return dialled.done(); }));
    return outcome.get();
  }
};

TEST_F(EpollNetworkTest, ConnectionsAreDealtOverTheReactorsInTurn) {
  RunningReactor second("second");
  Watched<std::multiset<Executor*>> owners;
  auto listener =
      network_.listen(any_port(), {&*server_reactor_, &*second}, [&](Executor& executor, std::unique_ptr<Stream>) {
        EXPECT_TRUE(executor.on_own_thread());
        owners.change([&](auto& set) { set.insert(&executor); });
      });
  ASSERT_TRUE(listener.has_value());
  for (int i = 0; i < 6; ++i) EXPECT_TRUE(dial((*listener)->local(), kPatience).connected);
  ASSERT_TRUE(owners.wait([](const auto& set) { return set.size() == 6; }));
  EXPECT_EQ(owners.get().count(&*second), 3u);
  server_reactor_.call([&] { listener->reset(); });
}

TEST_F(EpollNetworkTest, AClosedPortRefusesAndNamesTheAddress) {
  Endpoint closed;
  {
    auto listener = network_.listen(any_port(), {&*server_reactor_}, [](Executor&, std::unique_ptr<Stream>) {});
    ASSERT_TRUE(listener.has_value());
    closed = (*listener)->local();
    server_reactor_.call([&] { listener->reset(); });
  }
  const Dialled dialled = dial(closed, kPatience);
  EXPECT_EQ(dialled.failure, Errc::kClosed);
  EXPECT_THAT(dialled.message, HasSubstr(closed.to_string()));
}

// A listen queue that nobody empties, filled up: the kernel leaves further attempts without an answer.
TEST_F(EpollNetworkTest, AnAttemptWithoutAnswerEndsAtItsTimeout) {
  auto deaf = make_socket(false);
  ASSERT_TRUE(deaf.has_value());
  sockaddr_storage address;
  const socklen_t length = to_socket_address(any_port(), address);
  ASSERT_EQ(::bind(deaf->get(), reinterpret_cast<const sockaddr*>(&address), length), 0);
  ASSERT_EQ(::listen(deaf->get(), 0), 0);
  const Endpoint endpoint = local_endpoint(deaf->get());
  to_socket_address(endpoint, address);
  std::vector<UniqueFd> crowd;
  for (int i = 0; i < 4; ++i) {
    crowd.push_back(std::move(*make_socket(false)));
    ::connect(crowd.back().get(), reinterpret_cast<const sockaddr*>(&address), length);
  }
  const Dialled dialled = dial(endpoint, Milliseconds(50));
  EXPECT_EQ(dialled.failure, Errc::kTimeout);
  EXPECT_THAT(dialled.message, HasSubstr("within 50 ms"));
}

TEST_F(EpollNetworkTest, APortInUseIsSaidWithTheRemedy) {
  auto first = network_.listen(any_port(), {&*server_reactor_}, [](Executor&, std::unique_ptr<Stream>) {});
  ASSERT_TRUE(first.has_value());
  auto second = network_.listen((*first)->local(), {&*server_reactor_}, [](Executor&, std::unique_ptr<Stream>) {});
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code(), Errc::kAlreadyExists);
  EXPECT_THAT(second.error().message(), HasSubstr("another process listens there"));
  // The all-zero address is IPv6 with both families where there is IPv6: the same conflict must be seen.
  Endpoint any = *Endpoint::parse("0.0.0.0:0");
  any.port = (*first)->local().port;
  EXPECT_FALSE(network_.listen(any, {&*server_reactor_}, [](Executor&, std::unique_ptr<Stream>) {}).has_value());
  server_reactor_.call([&] { first->reset(); });
}

TEST_F(EpollNetworkTest, TheAllZeroAddressAcceptsBothFamilies) {
  Watched<std::vector<std::string>> peers;
  auto listener = network_.listen(*Endpoint::parse("0.0.0.0:0"), {&*server_reactor_},
                                  [&](Executor&, std::unique_ptr<Stream> stream) {
                                    peers.change([&](auto& hosts) { hosts.push_back(stream->remote().host()); });
                                  });
  ASSERT_TRUE(listener.has_value());
  Endpoint v4 = any_port();
  v4.port = (*listener)->local().port;
  EXPECT_TRUE(dial(v4, kPatience).connected);
  ASSERT_TRUE(peers.wait([](const auto& hosts) { return hosts.size() == 1; }));
  EXPECT_EQ(peers.get().front(), "127.0.0.1");  // Not ::ffff:127.0.0.1
  Endpoint v6 = *Endpoint::parse("[::1]:0");
  v6.port = v4.port;
  if (dial(v6, kPatience).connected) {
    EXPECT_TRUE(peers.wait([](const auto& hosts) { return hosts.size() == 2 && hosts.back() == "::1"; }));
  }
  server_reactor_.call([&] { listener->reset(); });
}

TEST_F(EpollNetworkTest, ADestroyedListenerDeliversNothingMore) {
  Watched<int> accepted;
  auto listener = network_.listen(any_port(), {&*server_reactor_}, [&](Executor&, std::unique_ptr<Stream>) {
    accepted.change([](int& count) { ++count; });
  });
  ASSERT_TRUE(listener.has_value());
  const Endpoint local = (*listener)->local();
  server_reactor_.call([&] { listener->reset(); });
  EXPECT_FALSE(dial(local, kPatience).connected);
  EXPECT_EQ(accepted.get(), 0);
}

TEST_F(EpollNetworkTest, ResolvesLiteralsAndLocalhostIpv4FirstAndNamesWhatItCannot) {
  const auto resolve = [&](const std::string& host) {
    Watched<std::optional<Result<std::vector<Endpoint>>>> answer;
    network_.resolve(*client_reactor_, host, 9876, [&](Result<std::vector<Endpoint>> found) {
      EXPECT_TRUE(client_reactor_->on_own_thread());
      answer.change([&](auto& slot) { slot = std::move(found); });
    });
    EXPECT_TRUE(answer.wait([](const auto& slot) { return slot.has_value(); }));
    return *answer.get();
  };
  const auto first = [&](const std::string& host) {
    const auto found = resolve(host);
    return found && !found->empty() ? found->front().to_string() : "nothing";
  };
  EXPECT_EQ(first("10.1.2.3"), "10.1.2.3:9876");
  EXPECT_EQ(first("fd00::7"), "[fd00::7]:9876");
  EXPECT_EQ(first("[fd00::7]"), "[fd00::7]:9876");
  EXPECT_EQ(first("localhost"), "127.0.0.1:9876") << "/etc/hosts or the name service has to know it";
  const auto nowhere = resolve("no-such-host.invalid");
  ASSERT_FALSE(nowhere.has_value());
  EXPECT_THAT(nowhere.error().message(), HasSubstr("no-such-host.invalid"));
}

TEST_F(EpollNetworkTest, LocalAddressesAreNoLoopbacks) {
  for (const Endpoint& address : network_.local_addresses()) {
    EXPECT_NE(address.host(), "127.0.0.1");
    EXPECT_NE(address.host(), "::1");
  }
}

}  // namespace
}  // namespace ogive::io
