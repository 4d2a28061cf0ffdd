#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "io/file.h"

namespace ogive::io {
namespace {

using ::testing::HasSubstr;

class PosixFileTest : public ::testing::Test {
 protected:
  PosixFileTest() {
    char pattern[] = "/tmp/ogive-file-XXXXXX";
    directory_ = ::mkdtemp(pattern);
  }
  ~PosixFileTest() override { std::filesystem::remove_all(directory_); }
  std::string path(std::string_view name) const { return directory_ + "/" + std::string(name); }
  std::string content(std::string_view name) { return *read_file(files_, path(name), UINT64_MAX); }

  FileSystem& files_ = posix_file_system();
  std::string directory_;
};

TEST_F(PosixFileTest, WritesAtAnyOffsetAndReadsWhatIsThere) {
  auto file = files_.open(path("f"), OpenMode::kCreate);
  ASSERT_TRUE(file.has_value());
  const std::vector<ByteView> pieces = {as_bytes("one "), ByteView(), as_bytes("two")};
  ASSERT_TRUE((*file)->write_at(5, pieces).has_value());
  EXPECT_EQ((*file)->size(), 12u);
  std::string out(20, 'x');
  EXPECT_EQ((*file)->read_at(5, std::as_writable_bytes(std::span(out))), 7u);
  EXPECT_EQ(out.substr(0, 7), "one two");
  EXPECT_EQ((*file)->read_at(100, std::as_writable_bytes(std::span(out))), 0u);
  ASSERT_TRUE((*file)->truncate(8).has_value());
  ASSERT_TRUE((*file)->sync_data().has_value());
  EXPECT_EQ(content("f"), std::string("\0\0\0\0\0one", 8));
}

// Just written: the page cache has it.
TEST_F(PosixFileTest, ReadsAtOnceWhatIsInMemoryAndNothingBeyondTheEnd) {
  auto file = files_.open(path("f"), OpenMode::kCreate);
  ASSERT_TRUE(file.has_value());
  ASSERT_TRUE((*file)->write_at(0, as_bytes("content")).has_value());
  std::string out(20, 'x');
  const std::size_t count = (*file)->read_at_once(3, std::as_writable_bytes(std::span(out)));
  if (count == 0) GTEST_SKIP() << "this file system has no reads that do not wait";
  EXPECT_EQ(out.substr(0, count), "tent");
  EXPECT_EQ((*file)->read_at_once(7, std::as_writable_bytes(std::span(out))), 0u);
}

TEST_F(PosixFileTest, MorePiecesThanOneSystemCallTakes) {
  auto file = files_.open(path("f"), OpenMode::kCreate);
  std::vector<std::string> texts;
  for (int i = 0; i < 3'000; ++i) texts.push_back(std::to_string(i) + ",");
  std::vector<ByteView> pieces(texts.size());
  std::string expected;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    pieces[i] = as_bytes(texts[i]);
    expected += texts[i];
  }
  ASSERT_TRUE((*file)->write_at(0, pieces).has_value());
  EXPECT_EQ(content("f"), expected);
}

TEST_F(PosixFileTest, OpenModesMeanWhatTheySay) {
  EXPECT_EQ(files_.open(path("f"), OpenMode::kRead).error().code(), Errc::kNotFound);
  EXPECT_EQ(files_.open(path("f"), OpenMode::kReadWrite).error().code(), Errc::kNotFound);
  EXPECT_TRUE(files_.open(path("f"), OpenMode::kCreateNew).has_value());
  const auto again = files_.open(path("f"), OpenMode::kCreateNew);
  EXPECT_EQ(again.error().code(), Errc::kAlreadyExists);
  EXPECT_THAT(again.error().message(), HasSubstr(path("f")));
  EXPECT_FALSE((*files_.open(path("f"), OpenMode::kRead))->write_at(0, as_bytes("x")).has_value());
}

TEST_F(PosixFileTest, HolesAreSkippedWhereTheFileSystemKnowsThem) {
  auto file = files_.open(path("sparse"), OpenMode::kCreate);
  ASSERT_TRUE((*file)->truncate(64u << 20).has_value());
  ASSERT_TRUE((*file)->write_at(32u << 20, as_bytes("data")).has_value());
  const auto found = (*file)->next_data(0);
  ASSERT_TRUE(found.has_value());
  EXPECT_TRUE(*found == 0 || (*found > 0 && *found <= 32u << 20)) << *found;
  const auto behind = (*file)->next_data(40u << 20);
  EXPECT_TRUE(*behind == 40u << 20 || *behind >= 64u << 20) << *behind;
}

TEST_F(PosixFileTest, DirectoriesAreMadeListedAndRemoved) {
  ASSERT_TRUE(files_.create_directories(path("a/b/c")).has_value());
  ASSERT_TRUE(files_.create_directories(path("a/b/c")).has_value());
  ASSERT_TRUE((*files_.open(path("a/file"), OpenMode::kCreate))->write_at(0, as_bytes("12345")).has_value());
  const auto entries = files_.list(path("a"));
  ASSERT_EQ(entries->size(), 2u);
  EXPECT_EQ((*entries)[0].name, "b");
  EXPECT_TRUE((*entries)[0].is_directory);
  EXPECT_EQ((*entries)[1].name, "file");
  EXPECT_EQ((*entries)[1].size, 5u);
  EXPECT_GT((*entries)[1].modified_ms, 1'600'000'000'000);
  EXPECT_EQ(files_.list(path("nowhere")).error().code(), Errc::kNotFound);
  EXPECT_TRUE(files_.sync_directory(path("a")).has_value());
  EXPECT_FALSE(files_.remove(path("a")).has_value());  // Not empty.
  EXPECT_TRUE(files_.remove(path("a/file")).has_value());
  EXPECT_EQ(files_.info(path("a/file")).error().code(), Errc::kNotFound);
  EXPECT_GT(files_.space(path("a"))->total_bytes, 0u);
}

TEST_F(PosixFileTest, RenamingReplaces) {
  (*files_.open(path("new"), OpenMode::kCreate))->write_at(0, as_bytes("new")).value();
  (*files_.open(path("old"), OpenMode::kCreate))->write_at(0, as_bytes("old")).value();
  ASSERT_TRUE(files_.rename(path("new"), path("old")).has_value());
  EXPECT_EQ(content("old"), "new");
  EXPECT_FALSE(files_.rename(path("new"), path("old")).has_value());
}

TEST_F(PosixFileTest, ALockHoldsWithinTheProcessAndAgainstOthers) {
  auto held = files_.lock(path("lock"));
  ASSERT_TRUE(held.has_value());
  const auto second = files_.lock(path("lock"));
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code(), Errc::kPermission);
  EXPECT_THAT(second.error().message(), HasSubstr(path("lock")));
  const auto other_process_gets_it = [&] {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(files_.lock(path("lock")).has_value() ? 1 : 0);
    int status = 0;
    ::waitpid(child, &status, 0);
    return WEXITSTATUS(status) == 1;
  };
  EXPECT_FALSE(other_process_gets_it());
  held->reset();
  EXPECT_TRUE(other_process_gets_it());
  EXPECT_TRUE(files_.lock(path("lock")).has_value());
}

// As a JVM locks: a record lock of another process must be seen.
TEST_F(PosixFileTest, ARecordLockOfAnotherProcessIsSeen) {
  std::array<int, 2> ready{}, end{};
  ASSERT_EQ(::pipe(ready.data()), 0);
  ASSERT_EQ(::pipe(end.data()), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const int fd = ::open(path("lock").c_str(), O_RDWR | O_CREAT, 0644);
    struct flock whole{};
    whole.l_type = F_WRLCK;
    whole.l_whence = SEEK_SET;
    if (::fcntl(fd, F_SETLK, &whole) != 0) ::_exit(1);
    char byte = 'x';
    if (::write(ready[1], &byte, 1) != 1 || ::read(end[0], &byte, 1) != 1) ::_exit(1);
    ::_exit(0);
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  EXPECT_FALSE(files_.lock(path("lock")).has_value());
  ASSERT_EQ(::write(end[1], &byte, 1), 1);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_TRUE(files_.lock(path("lock")).has_value());
}

TEST_F(PosixFileTest, ALifetimeIsThatOfTheSystem) {
  const std::string here = files_.lifetime(path(""));
  EXPECT_GT(here.size(), 37U) << here;
  EXPECT_EQ(files_.lifetime(path("")), here);
  EXPECT_EQ(files_.lifetime(path("missing")), "");
}

TEST_F(PosixFileTest, ReadFileHasALimitAndReplaceFileKeepsTheOldOne) {
  ASSERT_TRUE(replace_file(files_, path("f"), "first").has_value());
  EXPECT_FALSE(files_.info(path("f.bak")).has_value());
  ASSERT_TRUE(replace_file(files_, path("f"), "second").has_value());
  EXPECT_EQ(content("f"), "second");
  EXPECT_EQ(content("f.bak"), "first");
  EXPECT_FALSE(files_.info(path("f.tmp")).has_value());
  const auto limited = read_file(files_, path("f"), 5);
  ASSERT_FALSE(limited.has_value());
  EXPECT_EQ(limited.error().code(), Errc::kLimit);
}

}  // namespace
}  // namespace ogive::io
