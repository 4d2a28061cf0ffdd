#pragma once
// A broker in the simulated world that is stopped in order, and whose start may be refused. For tests of what it leaves
// behind and of what it finds.

#include <map>
#include <memory>
#include <string>

#include "broker/broker.h"
#include "broker/broker_fixture_for_test.h"

namespace ogive::broker {

class StoppedBroker : public BrokerFixture {
 protected:
  /// Instead of BrokerFixture's start: a refusal is no failure of the test.
  void SetUp() override {
    std::map<std::string, std::string> wanted = settings();
    wanted.insert({{"brokerName", "broker-a"},
                   {"storePathRootDir", "/store"},
                   {"storePathCommitLog", "/store/commitlog"},
                   {"brokerIP1", node_.endpoint().host()},
                   {"brokerIP2", node_.endpoint().host()},
                   {"mappedFileSizeCommitLog", "4194304"},
                   {"mappedFileSizeConsumeQueue", "6000"}});
    node_.run([this, wanted](sim::SimNode& node) {
      struct Process {
        settings::Settings settings{settings::broker_scopes(), {}};
        std::unique_ptr<Broker> broker;
      };
      auto process = std::make_shared<Process>();
      for (const auto& [key, value] : wanted) process->settings.assign(key, value);
      auto opened = Broker::open({node.network(), node.reactors(), node.tasks(), node.files(), node.clock(),
                                  node.flusher(), node.background(), node.background()},
                                 process->settings);
      refusal_ = opened ? std::string() : opened.error().message();
      if (opened) {
        process->broker = std::move(*opened);
        EXPECT_TRUE(process->broker->start().has_value());
      }
      broker_ = process->broker.get();
      settings_ = &process->settings;
      return process;
    });
    world_.run_for(Milliseconds(10));
  }
  /// As by a signal; the node is down then.
  void stop_in_order() {
    bool stopped = false;
    node_.reactor().post([&] { broker_->stop([&] { stopped = true; }); });
    world_.run_until([&] { return stopped; }, Milliseconds(20'000));
    ASSERT_TRUE(stopped);
    node_.background().run_here([this] { broker_->stop_delivery(); });
    bool closed = false;
    node_.exit([&] {
      const Status status = broker_->close();
      EXPECT_TRUE(status) << status.error().message();
      closed = true;
    });
    world_.run_until([&] { return closed; }, Milliseconds(20'000));
    ASSERT_TRUE(closed);
  }

  std::string refusal_;  ///< Why the last start was refused; broker_ is null then.
};

}  // namespace ogive::broker
