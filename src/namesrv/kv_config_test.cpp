#include "namesrv/kv_config.h"

#include <gtest/gtest.h>

#include "testing/crash_images.h"
#include "testing/sim_disk.h"
#include "testing/sim_file_system.h"
#include "testing/sim_world.h"

namespace ogive::namesrv {
namespace {

const std::string kPath = "/home/namesrv/kvConfig.json";

class KvConfigTest : public ::testing::Test {
 protected:
  std::string content() { return io::read_file(files_, kPath, 1 << 20).value_or("missing"); }

  sim::SimWorld world_{1};
  sim::SimDisk disk_{1};
  sim::SimFileSystem files_{disk_, world_.clock()};
};

TEST_F(KvConfigTest, KeepsWhatWasPutAcrossRestarts) {
  KvConfig config(files_, kPath);
  ASSERT_TRUE(config.load().has_value());
  EXPECT_FALSE(config.list("NS"));
  ASSERT_TRUE(config.put("NS", "k1", "v\xc3\xbc").has_value());
  EXPECT_EQ(content(), "{\"configTable\":{\"NS\":{\"k1\":\"v\xc3\xbc\"}}}");
  KvConfig again(files_, kPath);
  ASSERT_TRUE(again.load().has_value());
  EXPECT_EQ(again.get("NS", "k1"), "v\xc3\xbc");
  ASSERT_TRUE(again.remove("NS", "k1").has_value());
  ASSERT_TRUE(again.remove("NS", "k1").has_value());
  EXPECT_FALSE(again.get("NS", "k1"));
  EXPECT_TRUE(again.list("NS"));  // Used once, hence empty and not absent.
}

TEST_F(KvConfigTest, RestoresABrokenFileFromItsBackup) {
  {
    KvConfig config(files_, kPath);
    ASSERT_TRUE(config.put("NS", "k1", "1").has_value());
    ASSERT_TRUE(config.put("NS", "k2", "2").has_value());
  }
  auto file = files_.open(kPath, io::OpenMode::kReadWrite);
  ASSERT_TRUE((*file)->truncate(0).has_value());
  KvConfig config(files_, kPath);
  ASSERT_TRUE(config.load().has_value());
  EXPECT_EQ(config.get("NS", "k1"), "1");
  EXPECT_EQ(content(), R"({"configTable":{"NS":{"k1":"1"}}})");
}

TEST_F(KvConfigTest, EveryCrashKeepsWhatWasAcknowledged) {
  sim::CrashRecorder recorder(disk_);
  std::vector<std::size_t> put_at;
  {
    KvConfig config(files_, kPath);
    for (int i = 1; i <= 3; ++i) {
      ASSERT_TRUE(config.put("NS", "k", std::to_string(i)).has_value());
      put_at.push_back(static_cast<std::size_t>(disk_.changes()));
    }
  }
  recorder.enumerate(4, [&](sim::CrashImage& image) {
    SCOPED_TRACE(image.description);
    const auto done = std::ranges::count_if(put_at, [&](std::size_t changes) { return changes <= image.changes; });
    sim::SimFileSystem files(image.disk, world_.clock());
    KvConfig config(files, kPath);
    ASSERT_TRUE(config.load().has_value());
    const auto found = config.get("NS", "k").value_or("0");
    EXPECT_TRUE(found == std::to_string(done) || found == std::to_string(done + 1)) << found << " of " << done;
  });
}

TEST_F(KvConfigTest, MovesABrokenFileAsideWhenThereIsNoBackup) {
  ASSERT_TRUE(files_.create_directories("/home/namesrv").has_value());
  auto file = files_.open(kPath, io::OpenMode::kCreate);
  ASSERT_TRUE((*file)->write_at(0, as_bytes("{\"confi")).has_value());
  KvConfig config(files_, kPath);
  ASSERT_TRUE(config.load().has_value());
  EXPECT_EQ(io::read_file(files_, kPath + ".broken", 100).value_or(""), "{\"confi");
  EXPECT_TRUE(config.put("NS", "k", "v").has_value());
}

TEST_F(KvConfigTest, SaysWhenItChanges) {
  KvConfig config(files_, kPath);
  int changes = 0;
  config.on_change([&] { ++changes; });
  ASSERT_TRUE(config.put("NS", "k", "v").has_value());
  ASSERT_TRUE(config.remove("NS", "other").has_value());
  EXPECT_EQ(changes, 1);
  EXPECT_FALSE(config.put("", "k", "v").has_value());
  EXPECT_FALSE(config.put("NS", "k", std::string(2 << 20, 'x')).has_value());
  EXPECT_EQ(config.get("NS", "k"), "v");
}

}  // namespace
}  // namespace ogive::namesrv
