#include "broker/cluster/offset_handover.h"

#include <gtest/gtest.h>

#include <optional>

#include "testing/sim_node.h"
#include "testing/sim_world.h"

namespace ogive::broker {
namespace {

class OffsetHandoverTest : public ::testing::Test {
 protected:
  void SetUp() override {
    node_.run([](sim::SimNode&) { return std::make_shared<int>(0); });
    world_.run_for(Milliseconds(1));
    offsets_ = table();
  }
  std::unique_ptr<OffsetTable> table() {
    return std::make_unique<OffsetTable>(node_.clock(), StateFile(node_.files(), node_.tasks(), "/o.json"));
  }
  StateFile note() { return {node_.files(), node_.tasks(), "/note.json"}; }
  static protocol::ConsumerOffsetSerializeWrapper master(std::int64_t offset) {
    protocol::ConsumerOffsetSerializeWrapper table;
    table.offset_table["T@G"][0] = offset;
    return table;
  }
  std::int64_t ours() const { return offsets_->committed("G", "T", 0); }

  sim::SimWorld world_{1};
  sim::SimNode& node_ = world_.add_node("node");
  std::unique_ptr<OffsetTable> offsets_;
};

TEST_F(OffsetHandoverTest, TheMastersWordIsTaken) {
  OffsetHandover handover(*offsets_, note());
  EXPECT_TRUE(handover.take(master(10)).empty());
  EXPECT_EQ(ours(), 10);
  EXPECT_TRUE(handover.take(master(4)).empty()) << "a reset";
  EXPECT_EQ(ours(), 4);
}

TEST_F(OffsetHandoverTest, WhatWasConsumedHereStaysAndIsTold) {
  OffsetHandover handover(*offsets_, note());
  handover.take(master(10));
  offsets_->commit("G", "T", 0, 15);
  auto ahead = handover.take(master(10));
  ASSERT_EQ(ahead.size(), 1U);
  EXPECT_EQ(ahead[0].offset, 15);
  EXPECT_EQ(ahead[0].group, "G");
  EXPECT_EQ(ahead[0].masters, 10);
  EXPECT_EQ(ours(), 15);
  ahead = handover.take(master(11));
  ASSERT_EQ(ahead.size(), 1U) << "until the master has been told";
  EXPECT_EQ(ahead[0].masters, 11);
  EXPECT_EQ(ours(), 15) << "who reads here goes on from there meanwhile";
  handover.told(ahead[0]);
  EXPECT_TRUE(handover.take(master(15)).empty());
  handover.take(master(3));
  EXPECT_EQ(ours(), 3) << "then the master's word counts again";
}

TEST_F(OffsetHandoverTest, TheMastersNewerOffsetWins) {
  OffsetHandover handover(*offsets_, note());
  handover.take(master(10));
  offsets_->commit("G", "T", 0, 12);
  EXPECT_TRUE(handover.take(master(20)).empty());
  EXPECT_EQ(ours(), 20);
}

// Consumers go on committing while the master's offsets are taken.
TEST_F(OffsetHandoverTest, WhatIsCommittedMeanwhileIsNotReplaced) {
  OffsetHandover handover(*offsets_, note());
  handover.take(master(10));
  const auto seen = handover.look();
  offsets_->commit("G", "T", 0, 15);
  EXPECT_TRUE(handover.take(master(12), seen).empty()) << "not known when it was looked";
  EXPECT_EQ(ours(), 15);
  const auto ahead = handover.take(master(12));
  ASSERT_EQ(ahead.size(), 1U) << "the next time tells";
  EXPECT_EQ(ahead[0].offset, 15);
  EXPECT_EQ(ahead[0].masters, 12);
  // The first commit of a group, too.
  const auto nothing = handover.look();
  offsets_->commit("G", "T", 1, 7);
  auto table = master(12);
  table.offset_table["T@G"][1] = 3;
  handover.take(table, nothing);
  EXPECT_EQ(offsets_->committed("G", "T", 1), 7);
}

TEST_F(OffsetHandoverTest, WhatARestartedMasterForgotIsTold) {
  OffsetHandover handover(*offsets_, note());
  handover.take(master(10));
  handover.forgotten(master(4));
  auto ahead = handover.take(master(4));
  ASSERT_EQ(ahead.size(), 1U);
  EXPECT_EQ(ahead[0].offset, 10);
  EXPECT_EQ(ours(), 10);
  ASSERT_EQ(handover.take(master(5)).size(), 1U) << "until the master has been told";
  handover.forgotten({});
  EXPECT_EQ(handover.take({}).size(), 1U) << "it had not saved the group yet";
  handover.told(ahead[0]);
  handover.take(master(3));
  EXPECT_EQ(ours(), 3) << "a reset";
}

// Of a topic that was deleted and made anew, of which this slave has not heard as such.
TEST_F(OffsetHandoverTest, WhatTheMasterHadNoMoreItHasNotForgotten) {
  OffsetHandover handover(*offsets_, note());
  handover.take(master(10));
  handover.take({});
  handover.forgotten({});
  EXPECT_TRUE(handover.take({}).empty());
  handover.forgotten({});
  EXPECT_TRUE(handover.take({}).empty());
  EXPECT_EQ(ours(), 10) << "absence deletes nothing";
}

class NotedOffsetsTest : public OffsetHandoverTest {
 protected:
  void SetUp() override {
    OffsetHandoverTest::SetUp();
    handover_.emplace(*offsets_, note());
    handover_->take(master(10));
    commit(15);
    ASSERT_TRUE(offsets_->save_now());
  }
  void commit(std::int64_t offset) { offsets_->commit("G", "T", 0, offset); }
  /// Another process, with what the files say.
  void restart() {
    handover_.reset();
    offsets_ = table();
    ASSERT_TRUE(offsets_->load());
    handover_.emplace(*offsets_, note());
  }
  void expect_told(std::int64_t offset, const protocol::ConsumerOffsetSerializeWrapper& masters) {
    const auto ahead = handover_->take(masters);
    ASSERT_EQ(ahead.size(), 1U);
    EXPECT_EQ(ahead[0].offset, offset);
    EXPECT_EQ(ours(), offset);
  }

  std::optional<OffsetHandover> handover_;
};

TEST_F(NotedOffsetsTest, TheyAreToldAfterARestart) {
  restart();
  restart();
  expect_told(15, master(10));
}

TEST_F(NotedOffsetsTest, TheyAreToldAMasterThatForgotMore) {
  restart();
  expect_told(15, master(8));
}

TEST_F(NotedOffsetsTest, TheMastersNewerOffsetWins) {
  restart();
  EXPECT_TRUE(handover_->take(master(20)).empty());
  EXPECT_EQ(ours(), 20);
}

TEST_F(NotedOffsetsTest, WhatWasToldIsNotedNoMore) {
  handover_->told(handover_->take(master(10)).at(0));
  world_.run_for(Milliseconds(10));
  restart();
  EXPECT_TRUE(handover_->take(master(3)).empty());
  EXPECT_EQ(ours(), 3) << "a reset";
}

// Killed between the two files.
TEST_F(NotedOffsetsTest, ANoteThatIsYoungerThanTheTableCountsForIt) {
  const std::string table = io::read_file(node_.files(), "/o.json", 1 << 20).value();
  commit(18);
  ASSERT_TRUE(offsets_->save_now());
  ASSERT_TRUE(io::replace_file(node_.files(), "/o.json", table));
  restart();
  expect_told(15, master(10));
}

// As by a broker of RocketMQ, which does not know the note: it is not known any more who committed what.
TEST_F(NotedOffsetsTest, ATableThatSomebodyElseWroteIsTheMasters) {
  handover_.reset();
  offsets_->set_before_write([] {});
  commit(40);
  ASSERT_TRUE(offsets_->save_now());
  restart();
  EXPECT_TRUE(handover_->take(master(3)).empty());
  EXPECT_EQ(ours(), 3);
}

// Under the name of what was deleted at the master there may be another topic.
TEST_F(NotedOffsetsTest, WhatTheMasterKnowsNoMoreIsNotTold) {
  commit(15);
  offsets_->commit("Young", "T", 0, 4);
  ASSERT_TRUE(offsets_->save_now());
  restart();
  const auto ahead = handover_->take({});
  ASSERT_EQ(ahead.size(), 1U);
  EXPECT_EQ(ahead[0].group, "Young") << "the master never knew it";
  EXPECT_EQ(ours(), 15) << "absence deletes nothing";
}

TEST_F(OffsetHandoverTest, WithoutAnythingToNoteThereIsNoFile) {
  OffsetHandover handover(*offsets_, note());
  handover.take(master(10));
  ASSERT_TRUE(offsets_->save_now());
  EXPECT_FALSE(node_.files().info("/note.json"));
}

TEST_F(OffsetHandoverTest, AbsenceDeletesNothing) {
  offsets_->commit("G", "T", 0, 7);
  OffsetHandover handover(*offsets_, note());
  EXPECT_TRUE(handover.take({}).empty());
  EXPECT_EQ(ours(), 7);
}

TEST_F(OffsetHandoverTest, NamesThatAreNoneAreLeftOut) {
  OffsetHandover handover(*offsets_, note());
  protocol::ConsumerOffsetSerializeWrapper table;
  table.offset_table["../x@G"][0] = 1;
  table.offset_table["T"][0] = 1;
  EXPECT_TRUE(handover.take(table).empty());
  EXPECT_TRUE(offsets_->entries().empty());
}

}  // namespace
}  // namespace ogive::broker
