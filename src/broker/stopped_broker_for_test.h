#pragma once
// A broker in the simulated world that is stopped in order, and whose start may be refused. For tests of what it leaves
// behind and of what it finds.

#include <string>

#include "broker/broker.h"
#include "broker/broker_fixture_for_test.h"

namespace ogive::broker {

class StoppedBroker : public BrokerFixture {
 protected:
  /// Instead of BrokerFixture's start: a refusal is no failure of the test.
  void SetUp() override {
    node_.run([this, wanted = settings()](sim::SimNode& node) {
      auto process = start_broker(node, wanted, machine());
      refusal_ = process->refusal;
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
