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
  void stop_in_order() { broker::stop_in_order(node_, *broker_); }

  std::string refusal_;  ///< Why the last start was refused; broker_ is null then.
};

}  // namespace ogive::broker
