// What consumers committed at a slave while its master was away, and a slave that is restarted before the master
// returns.

#include <gtest/gtest.h>

#include "broker/cluster/replica_pair_for_test.h"

namespace ogive::broker {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
namespace request_code = protocol::request_code;

constexpr const char* kNote = "/store/config/ogiveUntoldOffsets.json";

class UntoldOffsetsTest : public ReplicaPairTest {
 protected:
  static constexpr Milliseconds kSaved{6'000};  ///< Offsets are saved every 5 s.

  /// Both know and have saved that G has consumed 4 of 60 messages; then the master goes.
  void SetUp() override {
    ReplicaPairTest::SetUp();
    make_group(master_);
    for (int i = 0; i < 60; ++i) send(master_, "message");
    commit(master_, 4);
    world_.run_for(kSaved);
    ASSERT_EQ(committed(slave_), "4");
    master_.node->kill();
    world_.run_for(100ms);
  }
  /// Clients have to connect again then; that they have lost their connection with the power, the next request says.
  void restart(Member& member) {
    ReplicaPairTest::restart(member);
    world_.run_for(100ms);
    committed(member);
  }
  void return_master() {
    restart(master_);
    ASSERT_TRUE(wait_following());
    world_.run_for(2s);
  }
  void expect_both(const std::string& offset) {
    EXPECT_EQ(committed(master_), offset);
    EXPECT_EQ(committed(slave_), offset);
  }
  /// The slave starts first, then the master.
  void expect_given_back(const std::string& offset) {
    restart(slave_);
    return_master();
    expect_both(offset);
  }
  void write(const std::string& path, const std::string& content) {
    auto file = slave_.node->files().open(path, io::OpenMode::kCreate);
    ASSERT_TRUE(file);
    ASSERT_TRUE((*file)->truncate(0));
    ASSERT_TRUE((*file)->write_at(0, as_bytes(content)));
  }
};

TEST_F(UntoldOffsetsTest, ASlaveThatWasStoppedGivesThemBack) {
  commit(slave_, 9);
  stop(slave_);
  restart(slave_);
  EXPECT_EQ(committed(slave_), "9");
  commit(slave_, 12);  // Consumers go on there.
  stop(slave_);
  restart(slave_);
  world_.run_for(1s);
  return_master();
  expect_both("12");
  // From now on the master's word counts, backwards too.
  commit(master_, 2);
  world_.run_for(1s);
  EXPECT_EQ(committed(slave_), "2");
}

TEST_F(UntoldOffsetsTest, ASlaveThatWasKilledGivesThemBack) {
  commit(slave_, 9);
  world_.run_for(kSaved);
  slave_.node->kill();
  expect_given_back("9");
}

TEST_F(UntoldOffsetsTest, ASlaveThatLostPowerGivesThemBack) {
  commit(slave_, 9);
  world_.run_for(kSaved);
  slave_.node->power_loss();
  expect_given_back("9");
}

// Whatever of it the disk has: what the slave's offsets say after its restart, they say at the master too.
TEST_F(UntoldOffsetsTest, NoCrashWhileTheyAreSavedLosesThem) {
  int crashes = 0, known = 0;
  while (crashes < 100) {
    SCOPED_TRACE(crashes);
    const std::string offset = std::to_string(5 + crashes);
    commit(slave_, 5 + crashes);
    slave_.node->kill_at_disk_change(static_cast<std::uint64_t>(1 + crashes / 2), crashes % 2 == 0);
    world_.run_for(kSaved);
    if (slave_.node->alive()) break;  // It has made all its changes.
    ++crashes;
    restart(slave_);
    const std::string kept = committed(slave_);
    known += kept == offset ? 1 : 0;
    return_master();
    expect_both(kept);
    world_.run_for(2 * kSaved);  // Nothing else is on its way to the slave's disk then.
    master_.node->kill();
    world_.run_for(100ms);
  }
  EXPECT_GT(crashes, 20) << "hardly anything was written";
  EXPECT_LT(crashes, 100) << "there is always more to write";
  EXPECT_GT(known, 0) << "no crash came behind the offsets themselves";
}

TEST_F(UntoldOffsetsTest, WhatIsNewerAtTheMasterStays) {
  commit(slave_, 9);
  stop(slave_);
  restart(master_);
  commit(master_, 6);
  restart(slave_);
  ASSERT_TRUE(wait_following());
  world_.run_for(2s);
  expect_both("9");
  master_.node->kill();
  world_.run_for(100ms);
  commit(slave_, 11);
  stop(slave_);
  restart(master_);
  commit(master_, 30);
  restart(slave_);
  ASSERT_TRUE(wait_following());
  world_.run_for(2s);
  expect_both("30");
}

// Once told they are the master's: a reset there is not undone by a slave that is killed before it has saved anything
// else.
TEST_F(UntoldOffsetsTest, AResetAtTheMasterIsNotUndone) {
  commit(slave_, 9);
  stop(slave_);
  restart(slave_);
  restart(master_);
  ASSERT_TRUE(world_.run_until([&] { return committed(master_) == "9"; }, 5s));
  world_.run_for(50ms);
  commit(master_, 2);
  slave_.node->kill();
  restart(slave_);
  ASSERT_TRUE(wait_following());
  world_.run_for(2s);
  expect_both("2");
}

TEST_F(UntoldOffsetsTest, AGroupThatIsAnotherNowGetsNone) {
  commit(slave_, 9);
  stop(slave_);
  restart(master_);
  ASSERT_EQ(ask(master_, request_code::kDeleteSubscriptiongroup, {{"groupName", "G"}, {"cleanOffset", "true"}}).code,
            0);
  make_group(master_);
  const std::string nothing = committed(master_);
  restart(slave_);
  ASSERT_TRUE(wait_following());
  world_.run_for(3s);
  EXPECT_EQ(committed(master_), nothing);
}

TEST_F(UntoldOffsetsTest, AGroupThatBeganAtTheSlaveIsMadeAtTheMaster) {
  ASSERT_EQ(ask(slave_, group_request("Young")).code, 0);
  ASSERT_EQ(ask(slave_, commit_request("Young", "T", 0, 7)).code, 0);
  stop(slave_);
  restart(slave_);
  return_master();
  world_.run_for(3s);
  EXPECT_EQ(ask(master_, committed_request("Young", "T", 0)).field("offset"), "7");
}

// A note that says nothing, or nonsense, costs nothing but what it would have told.
TEST_F(UntoldOffsetsTest, ABrokenNoteIsLeftOut) {
  const std::string foreign = R"({"topic":"../x","group":"G","queueId":0,"offset":9,"masters":4})";
  const std::string negative = R"({"topic":"T","group":"G","queueId":-1,"offset":-9,"masters":-7})";
  for (const std::string& content :
       {std::string(), std::string(300, '\0'), std::string("{"), std::string("[]"), std::string("{}"),
        std::string(R"({"offsets":7})"), std::string(R"({"offsets":[{}]})"),
        R"({"offsets":[)" + foreign + "," + negative + "]}"}) {
    SCOPED_TRACE(content.substr(0, 20));
    write(kNote, content);
    static_cast<void>(slave_.node->files().remove(std::string(kNote) + ".bak"));
    slave_.node->kill();
    restart(slave_);
    ASSERT_NE(slave_.broker(), nullptr);
    EXPECT_EQ(committed(slave_), "4");
    commit(slave_, 9);
    world_.run_for(kSaved);
    slave_.node->kill();
    expect_given_back("9");
    commit(master_, 4);
    world_.run_for(kSaved);
    master_.node->kill();
    world_.run_for(100ms);
  }
}

}  // namespace
}  // namespace ogive::broker
