#include "testing/sim_disk.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "testing/crash_images.h"
#include "testing/sim_file_system.h"
#include "testing/sim_node.h"

namespace ogive::sim {
namespace {

using io::OpenMode;

struct Mounted {
  explicit Mounted(SimDisk& disk) : files(disk, system_clock()) {}
  SimFileSystem files;

  std::unique_ptr<io::File> open(const std::string& path, OpenMode mode = OpenMode::kCreate) {
    auto file = files.open(path, mode);
    EXPECT_TRUE(file.has_value()) << path;
    return std::move(file).value();
  }
  std::string read(const std::string& path) {
    auto content = io::read_file(files, path, 1 << 20);
    return content ? *content : "<" + content.error().message() + ">";
  }
  bool exists(const std::string& path) { return files.info(path).has_value(); }
};

void put(io::File& file, std::uint64_t offset, std::string_view text) {
  ASSERT_TRUE(file.write_at(offset, as_bytes(text)));
}

TEST(SimDisk, FilesReadBackWhatWasWrittenAndHolesAreZero) {
  SimDisk disk(1);
  Mounted mount(disk);
  ASSERT_TRUE(mount.files.create_directories("/a/b"));
  auto file = mount.open("/a/b/f", OpenMode::kCreateNew);
  put(*file, 4090, "0123456789");
  EXPECT_EQ(file->size(), 4100U);
  EXPECT_EQ(mount.read("/a/b/f"), std::string(4090, '\0') + "0123456789");
  ASSERT_TRUE(file->truncate(4092));
  ASSERT_TRUE(file->truncate(4096));
  EXPECT_EQ(mount.read("/a/b/f"), std::string(4090, '\0') + "01" + std::string(4, '\0'));
  EXPECT_EQ(mount.files.open("/a/b/f", OpenMode::kCreateNew).error().code(), Errc::kAlreadyExists);
  EXPECT_EQ(mount.files.open("/a/x", OpenMode::kRead).error().code(), Errc::kNotFound);
  EXPECT_EQ(mount.files.list("/a")->at(0).name, "b");
}

TEST(SimDisk, ASparseGigabyteCostsNothing) {
  SimDisk disk(1);
  Mounted mount(disk);
  auto file = mount.open("/f");
  ASSERT_TRUE(file->truncate(1u << 30));
  EXPECT_EQ(disk.used_bytes(), 0U);
  put(*file, 500u << 20, "x");
  EXPECT_EQ(disk.used_bytes(), kPageBytes);
  EXPECT_EQ(file->next_data(0), 500u << 20);
  EXPECT_EQ(file->next_data((500u << 20) + 5), (500u << 20) + 5);
  EXPECT_EQ(file->next_data(501u << 20), UINT64_MAX);
  ASSERT_TRUE(file->truncate(0));
  EXPECT_EQ(disk.used_bytes(), 0U);
}

TEST(SimDisk, PowerLossKeepsWhatWasSyncedAndNothingElseForSure) {
  std::set<std::string> outcomes;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    SimDisk disk(seed);
    {
      Mounted mount(disk);
      auto file = mount.open("/f");
      put(*file, 0, "durable");
      ASSERT_TRUE(file->sync_data());
      ASSERT_TRUE(mount.files.sync_directory("/"));
      put(*file, 7, "+more");
      mount.open("/unsynced");
    }
    disk.power_loss();
    Mounted mount(disk);
    const std::string content = mount.read("/f");
    EXPECT_TRUE(content.starts_with("durable")) << content;
    outcomes.insert(content + (mount.exists("/unsynced") ? "|name" : "|"));
  }
  EXPECT_TRUE(outcomes.contains("durable|"));
  EXPECT_TRUE(outcomes.contains("durable+more|name"));
  EXPECT_GE(outcomes.size(), 4U);
}

TEST(SimDisk, PowerLossTearsWritesAtSectors) {
  bool torn = false;
  bool out_of_order = false;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    SimDisk disk(seed);
    {
      Mounted mount(disk);
      auto file = mount.open("/f");
      ASSERT_TRUE(file->truncate(16384));
      ASSERT_TRUE(file->sync_data());
      ASSERT_TRUE(mount.files.sync_directory("/"));
      put(*file, 0, std::string(16384, 'x'));
    }
    disk.power_loss();
    Mounted mount(disk);
    const std::string content = mount.read("/f");
    ASSERT_EQ(content.size(), 16384U);
    for (std::size_t at = 0; at < content.size(); at += 512) {
      const std::string sector = content.substr(at, 512);
      EXPECT_TRUE(sector == std::string(512, 'x') || sector == std::string(512, '\0')) << "seed " << seed;
    }
    const auto kept = static_cast<std::size_t>(std::ranges::count(content, 'x'));
    torn = torn || (kept != 0 && kept != content.size());
    out_of_order = out_of_order || content.find("\0x", 0, 2) != std::string::npos;
  }
  EXPECT_TRUE(torn);
  EXPECT_TRUE(out_of_order);
}

TEST(SimDisk, AnUnsyncedRenameMayRollBackASyncedOneMayNot) {
  std::set<std::string> unsynced;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    for (const bool synced : {false, true}) {
      SimDisk disk(seed);
      {
        Mounted mount(disk);
        auto old_file = mount.open("/f");
        put(*old_file, 0, "old");
        auto new_file = mount.open("/f.tmp");
        put(*new_file, 0, "new");
        ASSERT_TRUE(old_file->sync_data());
        ASSERT_TRUE(new_file->sync_data());
        ASSERT_TRUE(mount.files.sync_directory("/"));
        ASSERT_TRUE(mount.files.rename("/f.tmp", "/f"));
        if (synced) {
          ASSERT_TRUE(mount.files.sync_directory("/"));
        }
      }
      disk.power_loss();
      Mounted mount(disk);
      if (synced) {
        EXPECT_EQ(mount.read("/f"), "new");
        EXPECT_FALSE(mount.exists("/f.tmp"));
      } else {
        unsynced.insert(mount.read("/f"));
        EXPECT_EQ(mount.exists("/f.tmp"), mount.read("/f") == "old");
      }
    }
  }
  EXPECT_EQ(unsynced, (std::set<std::string>{"old", "new"}));
}

TEST(SimDisk, AFileMovedBetweenDirectoriesIsNeverLost) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    SimDisk disk(seed);
    {
      Mounted mount(disk);
      ASSERT_TRUE(mount.files.create_directories("/a"));
      ASSERT_TRUE(mount.files.create_directories("/b"));
      auto file = mount.open("/a/f");
      ASSERT_TRUE(file->sync_data());
      ASSERT_TRUE(mount.files.sync_directory("/"));
      ASSERT_TRUE(mount.files.sync_directory("/a"));
      ASSERT_TRUE(mount.files.rename("/a/f", "/b/f"));
      if (seed % 2 == 0) {
        ASSERT_TRUE(mount.files.sync_directory("/a"));
      }
    }
    disk.power_loss();
    Mounted mount(disk);
    EXPECT_NE(mount.exists("/a/f"), mount.exists("/b/f")) << "seed " << seed;
  }
}

TEST(SimDisk, AFullDiskRefusesAndAFreedOneAccepts) {
  SimDisk disk(1, {.capacity_bytes = 8 * kPageBytes});
  Mounted mount(disk);
  auto file = mount.open("/f");
  put(*file, 0, std::string(8 * kPageBytes, 'x'));
  put(*file, 0, "overwriting allocates nothing");
  const Status full = file->write_at(8 * kPageBytes, as_bytes("y"));
  ASSERT_FALSE(full.has_value());
  EXPECT_EQ(full.error().code(), Errc::kNoSpace);
  EXPECT_EQ(mount.files.space("/")->free_bytes, 0U);
  ASSERT_TRUE(file->truncate(kPageBytes));
  put(*file, kPageBytes, "y");
}

TEST(SimDisk, FaultsHitTheChosenOperation) {
  SimDisk disk(1);
  Mounted mount(disk);
  auto file = mount.open("/f");
  disk.add_fault({.op = DiskOp::kWrite, .path_contains = "f", .nth = 2, .times = 1, .os_error = EIO});
  put(*file, 0, "one");
  const Status failed = file->write_at(3, as_bytes("two"));
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().os_error(), EIO);
  put(*file, 3, "three");
  disk.set_read_only(true);
  EXPECT_EQ(file->write_at(0, as_bytes("x")).error().os_error(), EROFS);
}

TEST(SimDisk, AFailedSyncIsNotMadeGoodByTheNext) {
  bool lost = false;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    SimDisk disk(seed);
    {
      Mounted mount(disk);
      auto file = mount.open("/f");
      ASSERT_TRUE(mount.files.sync_directory("/"));
      put(*file, 0, "payload");
      disk.add_fault({.op = DiskOp::kSync});
      EXPECT_FALSE(file->sync_data().has_value());
      EXPECT_TRUE(file->sync_data().has_value());
      EXPECT_EQ(mount.read("/f"), "payload");
    }
    disk.power_loss();
    Mounted mount(disk);
    lost = lost || mount.read("/f") != "payload";
  }
  EXPECT_TRUE(lost);
}

TEST(SimDisk, ALockEndsWithItsHolderOrItsProcess) {
  SimDisk disk(1);
  SimFileSystem first(disk, system_clock());
  SimFileSystem second(disk, system_clock());
  auto held = first.lock("/lock");
  ASSERT_TRUE(held.has_value());
  EXPECT_EQ(second.lock("/lock").error().code(), Errc::kPermission);
  first.die();
  EXPECT_TRUE(second.lock("/lock").has_value());
  EXPECT_EQ(first.open("/lock", OpenMode::kRead).error().code(), Errc::kClosed);
}

TEST(CrashImages, ReplacingAFileLeavesTheOldOrTheNewWhole) {
  SimDisk disk(1);
  Mounted mount(disk);
  ASSERT_TRUE(io::replace_file(mount.files, "/config", "old"));
  CrashRecorder recorder(disk);
  ASSERT_TRUE(io::replace_file(mount.files, "/config", "new"));
  std::set<std::string> seen;
  std::size_t images = 0;
  recorder.enumerate(8, [&](CrashImage& image) {
    SCOPED_TRACE(image.description);
    ++images;
    Mounted after(image.disk);
    const std::string content = after.read("/config");
    EXPECT_TRUE(content == "old" || content == "new" || after.read("/config.bak") == "old") << content;
    seen.insert(content);
  });
  EXPECT_GE(images, recorder.trace().size() * 9);
  EXPECT_TRUE(seen.contains("old"));
  EXPECT_TRUE(seen.contains("new"));
}

TEST(CrashImages, ANaiveOverwriteIsCaught) {
  SimDisk disk(1);
  Mounted mount(disk);
  auto file = mount.open("/f");
  put(*file, 0, std::string(9000, 'o'));
  ASSERT_TRUE(file->sync_data());
  ASSERT_TRUE(mount.files.sync_directory("/"));
  CrashRecorder recorder(disk);
  put(*file, 0, std::string(9000, 'n'));
  bool mixed = false;
  std::size_t torn = 0;
  recorder.enumerate(4, [&](CrashImage& image) {
    const std::string content = Mounted(image.disk).read("/f");
    mixed = mixed || (content.find('o') != std::string::npos && content.find('n') != std::string::npos);
    if (image.kind == CrashKind::kTornWrite) ++torn;
  });
  EXPECT_TRUE(mixed);
  EXPECT_EQ(torn, 1U);
}

}  // namespace
}  // namespace ogive::sim
