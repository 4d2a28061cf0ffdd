// What a master sends of a long turn while the turn goes on.

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "broker/cluster/replica_pair_for_test.h"
#include "replication/ha_stream.h"
#include "replication/slave_session.h"

namespace ogive::broker {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
namespace response_code = protocol::response_code;

constexpr std::int64_t kBodyBytes = 30 << 10;
// 1.2 MB, of which a part is 512 KiB and the record that filled it (docs/internals/replication.md).
constexpr int kMessages = 40;

/// A slave that notes the pieces it gets, and never says that it has them.
struct PieceNotes final : io::StreamHandler {
  void connect(sim::SimNode& node, const io::Endpoint& to, std::int64_t begin) {
    node.network().connect(node.reactor(), to, 1s, [this, begin](Result<std::unique_ptr<io::Stream>> opened) {
      ASSERT_TRUE(opened.has_value());
      stream = std::move(*opened);
      stream->start(*this);
      io::OutBuffer out;
      out.append(replication::encode_report(begin));
      stream->write(out);
    });
  }
  Consumed on_data(ByteView data) override {
    std::size_t consumed = 0;
    for (;;) {
      const bool goes_on = decoder.inside_piece();
      const auto event = decoder.next(data.subspan(consumed));
      EXPECT_TRUE(event.has_value());
      consumed += event->consumed;
      if (event->kind == replication::PieceDecoder::Event::Kind::kNeedMore) return {consumed, 0};
      const auto bytes = static_cast<std::int64_t>(event->bytes.size());
      if (bytes == 0) continue;
      goes_on ? pieces.back() += bytes : pieces.emplace_back(bytes);
    }
  }
  void on_drained() override {}
  void on_closed(const Error&) override {}
  replication::PieceDecoder decoder;
  std::unique_ptr<io::Stream> stream;
  std::vector<std::int64_t> pieces;
};

class TurnReplicationTest : public ReplicaPairTest {
 protected:
  static Settings settings(const std::string& role) {
    return {{"brokerRole", role}, {"mappedFileSizeCommitLog", "16777216"}};
  }
  Settings master_settings() const override { return settings("SYNC_MASTER"); }
  Settings slave_settings() const override { return {{"mappedFileSizeCommitLog", "16777216"}}; }

  /// How many short pieces, each the end of something sent at once, a slave gets of messages that come together.
  std::int64_t short_pieces() {
    sim::LinkOptions link;
    link.min_latency_us = link.max_latency_us = 200;
    link.split_percent = link.busy_socket_percent = 0;
    link.socket_bytes = 4 << 20;
    world_.internet().set_default_link(link);
    EXPECT_EQ(send(master_, "makes the topic").code, response_code::kSuccess);
    sim::SimNode& node = world_.add_node("notes");
    node.run([](sim::SimNode&) { return std::make_shared<int>(0); });
    world_.run_for(10ms);
    PieceNotes notes;
    const std::int64_t begin = master_.broker()->store().max_physical_offset().value();
    node.reactor().run_here([&] { notes.connect(node, master_.node->endpoint(10'912), begin); });
    world_.run_for(100ms);
    int answered = 0;
    client_node_.reactor().run_here([&] {
      for (int i = 0; i < kMessages; ++i) {
        client_->request(master_.node->endpoint(10'911), send_request("T", 0, std::string(kBodyBytes, 'x')), 3s,
                         [&](Result<const protocol::Frame*> frame) {
                           answered += frame && (*frame)->code == response_code::kSuccess ? 1 : 0;
                         });
      }
    });
    world_.run_for(4s);
    EXPECT_EQ(answered, kMessages);
    std::int64_t sum = 0;
    for (const std::int64_t bytes : notes.pieces) sum += bytes;
    EXPECT_EQ(sum, master_.broker()->store().max_physical_offset().value() - begin);
    const auto largest = replication::SessionOptions{}.piece_bytes;
    return std::ranges::count_if(notes.pieces, [&](std::int64_t bytes) { return bytes < largest; });
  }
};

TEST_F(TurnReplicationTest, WhereSendersWaitForSlavesALongTurnLeavesInParts) {
  EXPECT_EQ(short_pieces(), 3);
}

class WholeTurnTest : public TurnReplicationTest {
 protected:
  Settings master_settings() const override { return settings("ASYNC_MASTER"); }
};

// Otherwise the test above would show nothing.
TEST_F(WholeTurnTest, WhereNobodyWaitsItLeavesAsAWhole) {
  EXPECT_EQ(short_pieces(), 1);
}

}  // namespace
}  // namespace ogive::broker
