#include "bench/limits.h"

#include <fcntl.h>
#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/crc32.h"

namespace ogive::bench {
namespace {

constexpr std::size_t kMemoryBytes = 64u << 20;
constexpr std::size_t kBodyBytes = 1024;
constexpr std::size_t kWriteBytes = 128u << 10;
constexpr std::size_t kSyncedBytes = 4u << 10;
constexpr std::size_t kReadBytes = 1u << 20;

std::int64_t now_ns() {
  return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
}

/// A file that goes when the measurement is over, whatever its end.
class Scratch {
 public:
  Scratch(io::FileSystem& files, std::string path) : files_(files), path_(std::move(path)) {}
  ~Scratch() { (void)files_.remove(path_); }  // It may never have been made; nothing depends on it.
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  Result<std::unique_ptr<io::File>> open() { return files_.open(path_, io::OpenMode::kCreate); }

 private:
  io::FileSystem& files_;
  const std::string path_;
};

/// Runs `step`, which moves some bytes, until the time is over; bytes a second.
template <class Step>
Result<double> rate_of(Milliseconds time, Step&& step) {
  const std::int64_t begin = now_ns();
  const std::int64_t end = begin + time.count() * 1'000'000;
  double bytes = 0;
  for (std::int64_t now = begin;;) {
    Result<std::size_t> moved = step();
    if (!moved) return fail(moved.error());
    bytes += static_cast<double>(*moved);
    now = now_ns();
    if (now >= end || *moved == 0) return bytes * 1e9 / static_cast<double>(std::max<std::int64_t>(now - begin, 1));
  }
}

Result<double> memcpy_rate(const LimitsPlan& plan) {
  std::vector<std::byte> from(kMemoryBytes, std::byte{1});
  std::vector<std::byte> to(kMemoryBytes);
  return rate_of(plan.each, [&]() -> Result<std::size_t> {
    std::memcpy(to.data(), from.data(), kMemoryBytes);
    asm volatile("" : : "r"(to.data()) : "memory");  // NOLINT: the copy is the purpose.
    return kMemoryBytes;
  });
}

Result<double> crc32_rate(const LimitsPlan& plan) {
  const std::vector<std::byte> body(kBodyBytes, std::byte{'x'});
  return rate_of(plan.each, [&]() -> Result<std::size_t> {
    constexpr std::size_t kRounds = 1024;
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < kRounds; ++i) sum ^= crc32(body);
    asm volatile("" : : "r"(sum));  // NOLINT: as above.
    return kRounds * kBodyBytes;
  });
}

Result<double> pwrite_rate(io::FileSystem& files, const LimitsPlan& plan) {
  Scratch scratch(files, plan.directory + "/limits-pwrite");
  auto file = scratch.open();
  if (!file) return fail(file.error());
  const std::vector<std::byte> piece(kWriteBytes, std::byte{'x'});
  std::uint64_t at = 0;
  return rate_of(plan.each, [&]() -> Result<std::size_t> {
    OGIVE_TRY((*file)->write_at(at, ByteView(piece)));
    at = (at + kWriteBytes) % plan.read_bytes;
    return kWriteBytes;
  });
}

Status fill(io::File& file, std::uint64_t bytes) {
  const std::vector<std::byte> piece(kReadBytes, std::byte{'x'});
  for (std::uint64_t at = 0; at < bytes; at += kReadBytes) OGIVE_TRY(file.write_at(at, ByteView(piece)));
  return file.sync_data();
}

Result<Histogram> sync_ns(io::FileSystem& files, const LimitsPlan& plan, bool growing) {
  Scratch scratch(files, plan.directory + "/limits-sync");
  auto file = scratch.open();
  if (!file) return fail(file.error());
  if (!growing) OGIVE_TRY(fill(**file, plan.written_bytes));
  const std::vector<std::byte> piece(kSyncedBytes, std::byte{'y'});
  Histogram taken;
  const std::int64_t end = now_ns() + plan.each.count() * 1'000'000;
  std::uint64_t at = 0;
  for (std::int64_t begin = now_ns(); begin < end;) {
    OGIVE_TRY((*file)->write_at(at, ByteView(piece)));
    OGIVE_TRY((*file)->sync_data());
    const std::int64_t now = now_ns();
    taken.record(static_cast<std::uint64_t>(now - begin));
    begin = now;
    at += kSyncedBytes;
    if (!growing) at %= plan.written_bytes;
  }
  return taken;
}

Result<double> read_rate(const io::File& file, const LimitsPlan& plan) {
  std::vector<std::byte> piece(kReadBytes);
  std::uint64_t at = 0;
  return rate_of(plan.each, [&]() -> Result<std::size_t> {
    if (at >= plan.read_bytes) return 0;
    auto got = file.read_at(at, piece);
    if (!got) return fail(got.error());
    at += *got;
    return *got;
  });
}

template <class Figure>
Status take(Figure& out, Result<Figure> figure) {
  if (!figure) return fail(figure.error());
  out = std::move(*figure);
  return {};
}

double mb(double bytes) {
  return bytes / 1e6;
}

double us(std::uint64_t ns) {
  return static_cast<double>(ns) / 1e3;
}

}  // namespace

Result<Limits> measure_limits(io::FileSystem& files, const LimitsPlan& plan) {
  OGIVE_TRY(files.create_directories(plan.directory));
  Limits limits;
  OGIVE_TRY(take(limits.memcpy_rate, memcpy_rate(plan)));
  OGIVE_TRY(take(limits.crc32_rate, crc32_rate(plan)));
  OGIVE_TRY(take(limits.pwrite_rate, pwrite_rate(files, plan)));
  OGIVE_TRY(take(limits.sync_written_ns, sync_ns(files, plan, false)));
  OGIVE_TRY(take(limits.sync_growing_ns, sync_ns(files, plan, true)));
  Scratch scratch(files, plan.directory + "/limits-read");
  auto file = scratch.open();
  if (!file) return fail(file.error());
  OGIVE_TRY(fill(**file, plan.read_bytes));
  if (const int descriptor = (*file)->native_handle(); descriptor >= 0) {
    ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED);  // A hint; where it is not taken the read is a warm one.
  }
  OGIVE_TRY(take(limits.cold_read_rate, read_rate(**file, plan)));
  OGIVE_TRY(take(limits.warm_read_rate, read_rate(**file, plan)));
  return limits;
}

std::string limits_text(const Limits& limits, const std::string& directory) {
  return fmt::format(
      "limits of this machine, files in {}\n"
      "memcpy     {:.0f} MB/s\n"
      "crc32      {:.0f} MB/s over 1 KB bodies\n"
      "pwrite     {:.0f} MB/s into the page cache, 128 KiB pieces\n"
      "fdatasync  p50 {:.1f}, p99 {:.1f} us, of 4 KiB within a written file ({} syncs)\n"
      "fdatasync  p50 {:.1f}, p99 {:.1f} us, of 4 KiB behind the end ({} syncs)\n"
      "read       {:.0f} MB/s cold, {:.0f} MB/s warm, 1 MiB pieces\n",
      directory, mb(limits.memcpy_rate), mb(limits.crc32_rate), mb(limits.pwrite_rate),
      us(limits.sync_written_ns.quantile(0.5)), us(limits.sync_written_ns.quantile(0.99)),
      limits.sync_written_ns.count(), us(limits.sync_growing_ns.quantile(0.5)),
      us(limits.sync_growing_ns.quantile(0.99)), limits.sync_growing_ns.count(), mb(limits.cold_read_rate),
      mb(limits.warm_read_rate));
}

std::string limits_json(const Limits& limits) {
  return fmt::format(
      R"({{"memcpy_mb_s":{:.1f},"crc32_mb_s":{:.1f},"pwrite_mb_s":{:.1f},"cold_read_mb_s":{:.1f},"warm_read_mb_s":{:.1f},)"
      R"("fdatasync_written_us":{{"p50":{:.2f},"p99":{:.2f}}},"fdatasync_growing_us":{{"p50":{:.2f},"p99":{:.2f}}}}})"
      "\n",
      mb(limits.memcpy_rate), mb(limits.crc32_rate), mb(limits.pwrite_rate), mb(limits.cold_read_rate),
      mb(limits.warm_read_rate), us(limits.sync_written_ns.quantile(0.5)), us(limits.sync_written_ns.quantile(0.99)),
      us(limits.sync_growing_ns.quantile(0.5)), us(limits.sync_growing_ns.quantile(0.99)));
}

}  // namespace ogive::bench
