// The broker's JSON files on a disk that crashes: what was saved is there, and a broken file is restored.

#include "broker/state/state_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "testing/crash_images.h"
#include "testing/sim_file_system.h"
#include "testing/sim_node.h"
#include "testing/sim_world.h"

namespace ogive::broker {
namespace {

using ::testing::HasSubstr;

struct RefusingPool final : io::TaskPool {
  Status post(io::Task) override { return fail(Errc::kLimit, "full"); }
};

constexpr std::size_t kPowerLosses = 5;
const std::string kPath = "/store/config/topics.json";

/// A file whose content is "<number>:<many x>", refused when torn.
struct Numbered {
  Numbered(io::FileSystem& files, io::TaskPool& pool) : file(files, pool, kPath) {
    file.set_source([this] { return text(number); });
  }
  static std::string text(int number) { return std::to_string(number) + ":" + std::string(9'000, 'x') + "."; }
  Result<bool> load() {
    return file.load([this](std::string_view content) -> Status {
      const std::size_t colon = content.find(':');
      if (colon == std::string_view::npos) return fail(Errc::kCorrupt, "no number");
      const int found = std::stoi(std::string(content.substr(0, colon)));
      if (content != text(found)) return fail(Errc::kCorrupt, "torn");
      number = found;
      return {};
    });
  }
  int number = 0;
  StateFile file;
};

class StateFileTest : public ::testing::Test {
 protected:
  std::string content(const std::string& path) { return io::read_file(files_, path, 1u << 20).value_or("none"); }
  void put(const std::string& path, std::string_view bytes) {
    auto file = files_.open(path, io::OpenMode::kCreate);
    ASSERT_TRUE(file.has_value());
    ASSERT_TRUE((*file)->truncate(0).has_value());
    ASSERT_TRUE((*file)->write_at(0, as_bytes(bytes)).has_value());
    ASSERT_TRUE((*file)->sync_data().has_value());
  }
  sim::SimDisk disk_{4};
  sim::SimFileSystem files_{disk_, system_clock()};
  RefusingPool pool_;
};

TEST_F(StateFileTest, EveryCrashLeavesWhatWasSavedOrWhatWasBeingSaved) {
  Numbered table(files_, pool_);
  sim::CrashRecorder recorder(disk_);
  std::vector<std::size_t> saved_at;  // Changes of the disk after which save number i + 1 had returned.
  std::uint64_t begin = disk_.changes();
  for (table.number = 1; table.number <= 4; ++table.number) {
    ASSERT_TRUE(table.file.save_now().has_value());
    saved_at.push_back(static_cast<std::size_t>(disk_.changes() - begin));
  }
  recorder.enumerate(kPowerLosses, [&](sim::CrashImage& image) {
    SCOPED_TRACE(image.description);
    const auto done = static_cast<int>(
        std::ranges::count_if(saved_at, [&](std::size_t changes) { return changes <= image.changes; }));
    sim::SimFileSystem files(image.disk, system_clock());
    Numbered after(files, pool_);
    const auto loaded = after.load();
    ASSERT_TRUE(loaded.has_value()) << loaded.error().message();
    EXPECT_TRUE(after.number == done || after.number == done + 1) << after.number << " of " << done;
    EXPECT_TRUE(*loaded || done == 0);
  });
}

TEST_F(StateFileTest, ABrokenFileIsRestoredAndTheBackupIsNotOverwrittenByIt) {
  for (const std::string& broken : {std::string(), std::string(500, '\0'), std::string("{\"half"), std::string("\n")}) {
    SCOPED_TRACE(broken.size());
    {
      Numbered table(files_, pool_);
      table.number = 7;
      ASSERT_TRUE(table.file.save_now().has_value());
      table.number = 8;
      ASSERT_TRUE(table.file.save_now().has_value());
    }
    put(kPath, broken);  // As the original leaves it after a power loss.
    sim::CrashRecorder recorder(disk_);
    {
      Numbered table(files_, pool_);
      ASSERT_TRUE(table.load().value_or(false));
      EXPECT_EQ(table.number, 7);
      EXPECT_EQ(content(kPath), Numbered::text(7));
      EXPECT_EQ(content(kPath + ".broken"), broken);
      table.number = 9;
      ASSERT_TRUE(table.file.save_now().has_value());
    }
    recorder.enumerate(kPowerLosses, [&](sim::CrashImage& image) {
      SCOPED_TRACE(image.description);
      sim::SimFileSystem files(image.disk, system_clock());
      Numbered table(files, pool_);
      const auto loaded = table.load();
      ASSERT_TRUE(loaded.has_value()) << loaded.error().message();
      EXPECT_TRUE(table.number == 7 || table.number == 9);
    });
  }
}

TEST_F(StateFileTest, AMissingFileIsTakenFromItsBackupToo) {
  Numbered table(files_, pool_);
  table.number = 1;
  ASSERT_TRUE(table.file.save_now().has_value());
  table.number = 2;
  ASSERT_TRUE(table.file.save_now().has_value());
  ASSERT_TRUE(files_.remove(kPath).has_value());
  EXPECT_TRUE(table.load().value_or(false));
  EXPECT_EQ(table.number, 1);
  EXPECT_EQ(content(kPath), Numbered::text(1));
}

TEST_F(StateFileTest, NoFileIsNoErrorAndTwoBrokenOnesAre) {
  Numbered table(files_, pool_);
  EXPECT_EQ(table.load().value_or(true), false);
  ASSERT_TRUE(files_.create_directories("/store/config").has_value());
  put(kPath, "nonsense");
  put(kPath + ".bak", "");
  const auto loaded = table.load();
  ASSERT_FALSE(loaded.has_value());
  EXPECT_EQ(loaded.error().code(), Errc::kCorrupt);
  EXPECT_THAT(loaded.error().message(), HasSubstr(kPath));
  EXPECT_EQ(content(kPath), "nonsense");  // Left for people to look at.
}

TEST_F(StateFileTest, AFailedSaveKeepsTheOldAndAFullLaneIsTriedAgain) {
  Numbered table(files_, pool_);
  table.number = 1;
  ASSERT_TRUE(table.file.save_now().has_value());
  disk_.add_fault({.op = sim::DiskOp::kSync, .path_contains = "topics.json", .os_error = EIO});
  table.number = 2;
  EXPECT_FALSE(table.file.save_now().has_value());
  EXPECT_EQ(content(kPath), Numbered::text(1));
  table.file.save_soon();  // Refused by the lane.
  table.file.save_soon();
  ASSERT_TRUE(table.file.save_now().has_value());
  EXPECT_EQ(content(kPath), Numbered::text(2));
}

TEST_F(StateFileTest, WhoWaitsForAChangeSavesItOnceForAll) {
  Numbered table(files_, pool_);
  ASSERT_TRUE(table.file.save_changes().has_value());
  EXPECT_EQ(content(kPath), "none") << "nothing had changed";
  table.number = 1;
  table.file.save_soon();  // Refused by the lane.
  bool told = false;
  table.file.save_soon([&](const Status& saved) { told = saved.has_value(); });
  ASSERT_TRUE(table.file.save_changes().has_value());
  EXPECT_TRUE(told);
  EXPECT_EQ(content(kPath), Numbered::text(1));
  const std::uint64_t changes = disk_.changes();
  ASSERT_TRUE(table.file.save_changes().has_value());
  EXPECT_EQ(disk_.changes(), changes);

  disk_.add_fault({.op = sim::DiskOp::kSync, .path_contains = "topics.json", .os_error = EIO});
  table.number = 2;
  table.file.save_soon();
  const Status failed = table.file.save_changes();
  ASSERT_FALSE(failed.has_value());
  EXPECT_THAT(failed.error().message(), HasSubstr(kPath));
  ASSERT_TRUE(table.file.save_changes().has_value());
  EXPECT_EQ(content(kPath), Numbered::text(2));
}

TEST(StateFileSaves, ManyAskedForAreFewAndTheLastStateIsSaved) {
  sim::SimWorld world(1);
  sim::SimNode& node = world.add_node("broker");
  Numbered* table = nullptr;
  node.run([&](sim::SimNode& self) {
    auto made = std::make_shared<Numbered>(self.files(), self.tasks());
    table = made.get();
    return made;
  });
  world.run_for(Milliseconds(1));
  const std::uint64_t before = node.disk().changes();
  node.reactor().run_here([&] {
    for (int i = 1; i <= 1'000; ++i) {
      table->number = i;
      table->file.save_soon();
    }
  });
  world.run_for(Milliseconds(1'000));
  EXPECT_LT(node.disk().changes() - before, 60u);
  EXPECT_EQ(io::read_file(node.files(), kPath, 1u << 20).value_or(""), Numbered::text(1'000));
}

}  // namespace
}  // namespace ogive::broker
