// The rows themselves: complete, named as the protocol names them, and as documented.

#include "broker/handlers/handler_table.h"

#include "broker/broker.h"
#include "broker/broker_fixture_for_test.h"
#include "protocol/bodies/deletions.h"
#include "testing/generated_rows.h"

namespace ogive::broker {
namespace {

using HandlerTableTest = BrokerFixture;

TEST_F(HandlerTableTest, RowsAreNamedAndDescribed) {
  for (const auto& row : broker_->handlers().rows()) {
    const bool ours = row.code == protocol::kGetDeletions;  // RocketMQ has no such request.
    EXPECT_EQ(row.name, ours ? "OGIVE_GET_DELETIONS" : protocol::request_code_name(row.code));
    EXPECT_FALSE(row.callers.empty()) << row.name;
    EXPECT_FALSE(row.summary.empty()) << row.name;
  }
}

TEST_F(HandlerTableTest, DocumentationHasTheSameRows) {
  testing_support::expect_rows_in_docs("docs/protocol/broker.md", remoting::markdown_table(broker_->handlers().rows()));
}

TEST_F(HandlerTableTest, TheFastPortServesEverythingButPulls) {
  for (const auto& row : broker_->handlers().rows()) {
    const bool pull =
        row.code == protocol::request_code::kPullMessage || row.code == protocol::request_code::kLitePullMessage;
    EXPECT_EQ(broker_->fast_handlers().find(row.code) == nullptr, pull) << row.name;
  }
}

TEST_F(HandlerTableTest, UnknownCodesAreRefusedByNumber) {
  const Reply reply = ask(9999);
  EXPECT_EQ(reply.code, protocol::response_code::kRequestCodeNotSupported);
  EXPECT_EQ(reply.remark, " request type 9999 not supported");
}

}  // namespace
}  // namespace ogive::broker
