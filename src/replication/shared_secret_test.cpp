// Proofs of a shared secret, byte by byte.

#include "replication/shared_secret.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/bytes.h"
#include "replication/ha_stream.h"
#include "replication/record_ends.h"

namespace ogive::replication {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

SharedSecret secret(const char* text, unsigned char nonce = 7) {
  return std::move(*SharedSecret::make(text, [nonce] {
    Nonce bytes;
    bytes.fill(std::byte{nonce});
    return bytes;
  }));
}

std::string hex(ByteView bytes) {
  std::string text;
  for (const std::byte byte : bytes) text += fmt::format("{:02x}", static_cast<unsigned>(byte));
  return text;
}

/// Lets both speak until nobody has anything to say, `step` bytes at a time. Why it failed; "" when both are done.
template <class Change>
std::string talk(const SharedSecret& ours, const SharedSecret& theirs, std::size_t step, Change change) {
  SlaveHandshake slave(ours);
  MasterHandshake master(theirs);
  std::vector<std::byte> to_master = slave.hello(), to_slave;
  bool slave_done = false, master_done = false;
  change(to_master);
  const auto feed = [step](auto& side, std::vector<std::byte>& in, std::vector<std::byte>& out, bool& done) -> Status {
    std::size_t arrived = 0;
    std::vector<std::byte> held;
    while (arrived < in.size() && !done) {
      const std::size_t more = std::min(step, in.size() - arrived);
      held.insert(held.end(), in.begin() + static_cast<std::ptrdiff_t>(arrived),
                  in.begin() + static_cast<std::ptrdiff_t>(arrived + more));
      arrived += more;
      auto taken = side.take(held);
      if (!taken) return fail(taken.error());
      held.erase(held.begin(), held.begin() + static_cast<std::ptrdiff_t>(taken->consumed));
      out.insert(out.end(), taken->say.begin(), taken->say.end());
      done = taken->done;
    }
    in.clear();
    return {};
  };
  for (int turn = 0; turn < 4 && !(slave_done && master_done); ++turn) {
    if (Status status = feed(master, to_master, to_slave, master_done); !status) return status.error().message();
    if (Status status = feed(slave, to_slave, to_master, slave_done); !status) return status.error().message();
  }
  return slave_done && master_done ? "" : "not done";
}

TEST(SharedSecret, BothProveItInAnyPieces) {
  const auto a = secret("the same secret of both", 1);
  const auto b = secret("the same secret of both", 2);
  for (const std::size_t step : {1, 7, 8, 31, 1'000}) EXPECT_EQ(talk(a, b, step, [](auto&) {}), "") << step;
}

TEST(SharedSecret, AnotherOneIsFound) {
  const auto a = secret("the same secret of both", 1);
  const auto b = secret("the same secret of botH", 1);
  EXPECT_EQ(talk(a, b, 100, [](auto&) {}), "its haSharedSecret is another");
  EXPECT_THAT(talk(a, a, 100, [](auto& hello) { hello[0] = std::byte{0}; }), HasSubstr("RocketMQ"));
}

// Whoever answers at the master's address could feed a slave anything.
TEST(SharedSecret, ASlaveBelievesNoMasterThatCannotProveIt) {
  const auto ours = secret("the same secret of both", 1);
  const auto other = secret("the same secret of botH", 2);
  const Nonce slave_nonce = ours.nonce(), master_nonce = other.nonce();
  const auto answer_with = [&](const Proof& proof) {
    SlaveHandshake slave(ours);
    std::vector<std::byte> challenge = slave.hello();  // The same magic, and a nonce behind it.
    std::ranges::copy(master_nonce, challenge.end() - static_cast<std::ptrdiff_t>(master_nonce.size()));
    EXPECT_TRUE(slave.take(challenge));
    const auto end = slave.take(proof);
    return end ? std::string("believed") : end.error().message();
  };
  const std::string refusal = "the master's haSharedSecret is another";
  using Side = SharedSecret::Side;
  EXPECT_EQ(answer_with(ours.prove(Side::kMaster, slave_nonce, master_nonce)), "believed");
  EXPECT_EQ(answer_with(other.prove(Side::kMaster, slave_nonce, master_nonce)), refusal);
  EXPECT_EQ(answer_with(ours.prove(Side::kSlave, slave_nonce, master_nonce)), refusal) << "its own, sent back";
  EXPECT_EQ(answer_with(ours.prove(Side::kMaster, master_nonce, master_nonce)), refusal) << "of another connection";
  EXPECT_EQ(answer_with(Proof{}), refusal);
}

TEST(SharedSecret, EveryBitOfAProofCounts) {
  const auto a = secret("the same secret of both");
  const Nonce slave{}, master{};
  const Proof proof = a.prove(SharedSecret::Side::kSlave, slave, master);
  EXPECT_TRUE(a.is_proof(proof, SharedSecret::Side::kSlave, slave, master));
  for (std::size_t bit = 0; bit < kProofBytes * 8; ++bit) {
    Proof wrong = proof;
    wrong[bit / 8] ^= std::byte{1} << (bit % 8);
    EXPECT_FALSE(a.is_proof(wrong, SharedSecret::Side::kSlave, slave, master)) << bit;
  }
  EXPECT_FALSE(a.is_proof(ByteView(proof).first(31), SharedSecret::Side::kSlave, slave, master));
  EXPECT_FALSE(a.is_proof(proof, SharedSecret::Side::kMaster, slave, master)) << "one side's is not the other's";
  Nonce other{};
  other[31] = std::byte{1};
  EXPECT_FALSE(a.is_proof(proof, SharedSecret::Side::kSlave, other, master)) << "nor another connection's";
  EXPECT_FALSE(a.is_proof(proof, SharedSecret::Side::kSlave, slave, other));
}

// HMAC-SHA256 with key "the same secret of both" over the label and 64 zero bytes, by another implementation (python3).
TEST(SharedSecret, TheProofIsAnHmac) {
  EXPECT_EQ(hex(secret("the same secret of both").prove(SharedSecret::Side::kSlave, {}, {})),
            "3eaab7a46909c9d5e7370518ed7e8b8677f6c6892c5a707f2cf1c610e3292620");
  EXPECT_EQ(hex(secret("the same secret of both").prove(SharedSecret::Side::kMaster, {}, {})),
            "a4cc6a0b3b7a8404eed0a914c1e854ea82f6148e37151df5324e3f41f6d983f3");
}

TEST(SharedSecret, AHelloIsNoReport) {
  for (unsigned char nonce : {0, 1, 127, 255}) {
    const auto secret_ = secret("the same secret of both", nonce);
    const auto hello = SlaveHandshake(secret_).hello();
    ASSERT_EQ(hello.size(), kHelloBytes);
    EXPECT_TRUE(is_hello(hello));
    for (std::size_t at = 0; at < hello.size(); at += 8) {
      EXPECT_LT(*scan_reports(ByteView(hello).subspan(at, 8)).newest, 0) << "no master may take it for an offset";
    }
    EXPECT_FALSE(decode_piece_header(hello).has_value()) << "no slave may take it for a piece";
  }
}

TEST(SharedSecret, AShortOneIsRefusedAndNotShown) {
  const auto made = SharedSecret::make("hunter2hunter2");
  ASSERT_FALSE(made.has_value());
  EXPECT_THAT(made.error().message(), HasSubstr("14 bytes"));
  EXPECT_THAT(made.error().message(), Not(HasSubstr("hunter2")));
}

TEST(SharedSecret, NoncesOfTheSystemDiffer) {
  EXPECT_NE(system_nonce(), system_nonce());
}

TEST(RecordEnds, KnowsTheLastEndBelow) {
  RecordEnds ends;
  EXPECT_FALSE(ends.at_or_before(10).has_value());
  for (const int end : {10, 20, 20, 15, 30}) ends.note(end);
  EXPECT_FALSE(ends.at_or_before(9).has_value());
  EXPECT_EQ(ends.at_or_before(10), 10);
  EXPECT_EQ(ends.at_or_before(19), 10);
  EXPECT_EQ(ends.at_or_before(19), 10) << "it is still known";
  EXPECT_EQ(ends.at_or_before(29), 20);
  EXPECT_EQ(ends.at_or_before(1'000), 30);
}

TEST(RecordEnds, OfVeryManyTheLastIsKept) {
  RecordEnds ends;
  for (std::int64_t end = 0; end < 100'000; ++end) ends.note(end * 10);
  EXPECT_EQ(ends.at_or_before(INT64_MAX), 999'990);
  RecordEnds some;
  for (std::int64_t end = 1; end <= 10'000; ++end) some.note(end * 10);
  for (std::int64_t at = 50'000; at <= 100'000; at += 997) {
    const auto found = some.at_or_before(at);
    ASSERT_TRUE(found.has_value());
    EXPECT_LE(*found, at);
    EXPECT_EQ(*found % 10, 0);
  }
}

}  // namespace
}  // namespace ogive::replication
