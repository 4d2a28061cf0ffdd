// A crash at any moment of replace_file leaves the old or the new content whole, on a disk that forgets what was not
// synced.

#include <gtest/gtest.h>

#include <string>

#include "io/file.h"
#include "testing/crash_images.h"
#include "testing/sim_file_system.h"

namespace ogive::io {
namespace {

constexpr std::size_t kPowerLosses = 6;

std::string text_of(char letter, std::size_t size) {
  return "begin" + std::string(size, letter) + "end";
}

Result<std::string> whole(FileSystem& files, const std::string& path) {
  return read_file(files, path, UINT64_MAX);
}

class ReplaceFileTest : public ::testing::Test {
 protected:
  ReplaceFileTest() {
    EXPECT_TRUE(files_.create_directories("/config").has_value());
    EXPECT_TRUE(files_.sync_directory("/").has_value());
  }
  sim::SimDisk disk_{1};
  sim::SimFileSystem files_{disk_, system_clock()};
};

TEST_F(ReplaceFileTest, EveryCrashLeavesTheOldOrTheNewWhole) {
  const std::string old_text = text_of('o', 20'000);
  const std::string new_text = text_of('n', 30'000);
  ASSERT_TRUE(replace_file(files_, "/config/f", text_of('x', 10)).has_value());
  ASSERT_TRUE(replace_file(files_, "/config/f", old_text).has_value());
  sim::CrashRecorder recorder(disk_);
  ASSERT_TRUE(replace_file(files_, "/config/f", new_text).has_value());
  std::size_t olds = 0, news = 0;
  recorder.enumerate(kPowerLosses, [&](sim::CrashImage& image) {
    SCOPED_TRACE(image.description);
    sim::SimFileSystem files(image.disk, system_clock());
    const auto found = whole(files, "/config/f");
    ASSERT_TRUE(found.has_value());
    ASSERT_TRUE(*found == old_text || *found == new_text);
    ++(*found == old_text ? olds : news);
    const auto backup = whole(files, "/config/f.bak");
    ASSERT_TRUE(backup.has_value());
    EXPECT_TRUE(*backup == old_text || *backup == text_of('x', 10));
    // And what the crash left lying about does not hinder the next one.
    ASSERT_TRUE(replace_file(files, "/config/f", "next").has_value());
    EXPECT_EQ(*whole(files, "/config/f"), "next");
    EXPECT_EQ(*whole(files, "/config/f.bak"), *found);
  });
  EXPECT_GT(olds, 0u);
  EXPECT_GT(news, 0u);
}

TEST_F(ReplaceFileTest, OnceItReturnedTheNewSurvivesPowerLoss) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    ASSERT_TRUE(replace_file(files_, "/config/f", std::to_string(seed)).has_value());
    const auto image = disk_.clone(seed);
    image->power_loss();
    sim::SimFileSystem files(*image, system_clock());
    ASSERT_EQ(*whole(files, "/config/f"), std::to_string(seed));
  }
}

TEST_F(ReplaceFileTest, TheFirstWriteLeavesNothingOrTheWhole) {
  const std::string text = text_of('n', 10'000);
  sim::CrashRecorder recorder(disk_);
  ASSERT_TRUE(replace_file(files_, "/config/f", text).has_value());
  recorder.enumerate(kPowerLosses, [&](sim::CrashImage& image) {
    SCOPED_TRACE(image.description);
    sim::SimFileSystem files(image.disk, system_clock());
    const auto found = whole(files, "/config/f");
    EXPECT_TRUE(found ? *found == text : found.error().code() == Errc::kNotFound);
  });
}

TEST_F(ReplaceFileTest, AnEmptyOldFileDoesNotPushOutTheBackup) {
  ASSERT_TRUE(replace_file(files_, "/config/f", "one").has_value());
  ASSERT_TRUE(replace_file(files_, "/config/f", "two").has_value());
  ASSERT_TRUE((*files_.open("/config/f", OpenMode::kReadWrite))->truncate(0).has_value());
  ASSERT_TRUE(replace_file(files_, "/config/f", "three").has_value());
  EXPECT_EQ(*whole(files_, "/config/f.bak"), "one");
}

TEST_F(ReplaceFileTest, RestoringKeepsTheBackupAtEveryCrash) {
  const std::string good = text_of('g', 20'000);
  ASSERT_TRUE(replace_file(files_, "/config/f", good).has_value());
  ASSERT_TRUE(replace_file(files_, "/config/f", "broken").has_value());
  sim::CrashRecorder recorder(disk_);
  ASSERT_TRUE(restore_backup(files_, "/config/f").has_value());
  EXPECT_EQ(*whole(files_, "/config/f"), good);
  EXPECT_EQ(*whole(files_, "/config/f.broken"), "broken");
  recorder.enumerate(kPowerLosses, [&](sim::CrashImage& image) {
    SCOPED_TRACE(image.description);
    sim::SimFileSystem files(image.disk, system_clock());
    EXPECT_EQ(*whole(files, "/config/f.bak"), good);
    const auto found = whole(files, "/config/f");
    EXPECT_TRUE(!found || *found == "broken" || *found == good);
    ASSERT_TRUE(restore_backup(files, "/config/f").has_value());
    EXPECT_EQ(*whole(files, "/config/f"), good);
  });
}

TEST_F(ReplaceFileTest, NewDirectoriesSurviveWithWhatIsInThem) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    sim::SimDisk disk(seed);
    sim::SimFileSystem files(disk, system_clock());
    ASSERT_TRUE(create_directories_durably(files, "/store/a/config").has_value());
    ASSERT_TRUE(replace_file(files, "/store/a/config/f", "text").has_value());
    const auto image = disk.clone(seed);
    image->power_loss();
    sim::SimFileSystem after(*image, system_clock());
    ASSERT_EQ(whole(after, "/store/a/config/f").value_or("lost"), "text") << seed;
    ASSERT_TRUE(create_directories_durably(files, "/store/a/config").has_value());  // There already.
  }
}

// A full disk, a failing sync or rename: an error that names the file, and the old content stays.
TEST_F(ReplaceFileTest, EveryFailureLeavesTheOldInPlace) {
  ASSERT_TRUE(replace_file(files_, "/config/f", "old").has_value());
  for (const sim::DiskOp op : {sim::DiskOp::kCreate, sim::DiskOp::kWrite, sim::DiskOp::kSync, sim::DiskOp::kRename}) {
    disk_.add_fault({.op = op, .path_contains = "/config/f", .os_error = ENOSPC});
    const Status failed = replace_file(files_, "/config/f", "new");
    disk_.clear_faults();
    ASSERT_FALSE(failed.has_value()) << static_cast<int>(op);
    EXPECT_EQ(failed.error().code(), Errc::kNoSpace);
    EXPECT_NE(failed.error().message().find("/config/f"), std::string::npos) << failed.error().message();
    EXPECT_EQ(*whole(files_, "/config/f"), "old");
  }
  ASSERT_TRUE(replace_file(files_, "/config/f", "new").has_value());
  EXPECT_EQ(*whole(files_, "/config/f"), "new");
}

TEST(CreateDirectoriesDurably, FinishesWhatAKilledProcessBegan) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    SCOPED_TRACE(seed);
    sim::SimDisk disk(seed);
    {
      sim::SimFileSystem killed(disk, system_clock());
      ASSERT_TRUE(killed.create_directories("/store").has_value());  // And dies before it can sync.
      killed.die();
    }
    {
      sim::SimFileSystem files(disk, system_clock());
      ASSERT_TRUE(create_directories_durably(files, "/store").has_value());
      files.die();
    }
    disk.power_loss();
    sim::SimFileSystem files(disk, system_clock());
    EXPECT_TRUE(files.info("/store").has_value());
  }
}

}  // namespace
}  // namespace ogive::io
