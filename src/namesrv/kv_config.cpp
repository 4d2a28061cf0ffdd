#include "namesrv/kv_config.h"

#include <fmt/core.h>

#include "base/log.h"
#include "namesrv/kv_file.h"

namespace ogive::namesrv {
namespace {

constexpr std::size_t kMaxKeyBytes = 4096;
constexpr std::size_t kMaxValueBytes = 1u << 20;
constexpr std::size_t kMaxTableBytes = 16u << 20;
constexpr std::uint64_t kMaxFileBytes = 4 * kMaxTableBytes;

Status check_part(std::string_view what, std::string_view text, std::size_t max_bytes) {
  if (text.empty()) return fail(Errc::kInvalidArgument, fmt::format("the {} is empty", what));
  if (text.size() > max_bytes) {
    return fail(Errc::kInvalidArgument, fmt::format("the {} has {} bytes, more than {}", what, text.size(), max_bytes));
  }
  return {};
}

}  // namespace

KvConfig::KvConfig(io::FileSystem& files, std::string path) : files_(files), path_(std::move(path)) {}

Result<KvConfig::Tables> KvConfig::read(const std::string& path) {
  auto text = io::read_file(files_, path, kMaxFileBytes);
  if (!text) return fail(text.error());
  auto parsed = decode_kv_file(*text);
  if (!parsed) return fail(Errc::kCorrupt, fmt::format("{}: {}", path, parsed.error().message()));
  return Tables(parsed->begin(), parsed->end());
}

Status KvConfig::load() {
  const std::lock_guard writing(writing_);
  auto tables = read(path_);
  if (!tables && tables.error().code() != Errc::kCorrupt && tables.error().code() != Errc::kNotFound) {
    return fail(tables.error());
  }
  if (!tables) {
    const Error reason = tables.error();
    const std::string backup = path_ + ".bak";
    tables = read(backup);
    if (tables) {
      OGIVE_LOG(error, "namesrv", "KV config: {}; restored from {}", reason.message(), backup);
      OGIVE_TRY(io::restore_backup(files_, path_));
    } else if (reason.code() == Errc::kNotFound) {
      return {};
    } else {
      const std::string aside = path_ + ".broken";
      OGIVE_LOG(error, "namesrv", "KV config: {}; no usable backup ({}); starting empty, the file is kept as {}",
                reason.message(), tables.error().message(), aside);
      OGIVE_TRY(files_.rename(path_, aside));
      return {};
    }
  }
  const std::unique_lock lock(mutex_);
  tables_ = std::move(*tables);
  OGIVE_LOG(info, "namesrv", "load KV config table OK");
  return {};
}

Status KvConfig::put(std::string_view ns, std::string_view key, std::string_view value) {
  OGIVE_TRY(check_part("namespace", ns, kMaxKeyBytes));
  OGIVE_TRY(check_part("key", key, kMaxKeyBytes));
  if (value.size() > kMaxValueBytes) {
    return fail(Errc::kInvalidArgument,
                fmt::format("the value of {} has {} bytes, more than {}", key, value.size(), kMaxValueBytes));
  }
  {
    const std::lock_guard writing(writing_);
    Tables tables = tables_;
    tables[std::string(ns)][std::string(key)] = value;
    OGIVE_TRY(replace(std::move(tables)));
    OGIVE_LOG(info, "namesrv", "KV config item set, Namespace: {} Key: {} Value: {}", ns, key, value);
  }
  if (changed_) changed_();
  return {};
}

Status KvConfig::remove(std::string_view ns, std::string_view key) {
  {
    const std::lock_guard writing(writing_);
    const auto known = tables_.find(ns);
    if (known == tables_.end() || !known->second.contains(std::string(key))) return {};
    Tables tables = tables_;
    tables.find(ns)->second.erase(std::string(key));
    OGIVE_TRY(replace(std::move(tables)));
    OGIVE_LOG(info, "namesrv", "KV config item deleted, Namespace: {} Key: {}", ns, key);
  }
  if (changed_) changed_();
  return {};
}

Status KvConfig::replace(Tables tables) {
  const std::string text = encode_kv_file({tables.begin(), tables.end()});
  if (text.size() > kMaxTableBytes) {
    return fail(Errc::kLimit, fmt::format("the KV table would take {} bytes, more than {}; delete what is not needed",
                                          text.size(), kMaxTableBytes));
  }
  if (const auto slash = path_.rfind('/'); slash != std::string::npos && slash > 0) {
    OGIVE_TRY(io::create_directories_durably(files_, path_.substr(0, slash)));
  }
  OGIVE_TRY(io::replace_file(files_, path_, text));
  const std::unique_lock lock(mutex_);
  tables_ = std::move(tables);
  return {};
}

std::optional<std::string> KvConfig::get(std::string_view ns, std::string_view key) const {
  const std::shared_lock lock(mutex_);
  const auto table = tables_.find(ns);
  if (table == tables_.end()) return std::nullopt;
  const auto found = table->second.find(std::string(key));
  if (found == table->second.end()) return std::nullopt;
  return found->second;
}

std::optional<KvConfig::Table> KvConfig::list(std::string_view ns) const {
  const std::shared_lock lock(mutex_);
  const auto table = tables_.find(ns);
  if (table == tables_.end()) return std::nullopt;
  return table->second;
}

}  // namespace ogive::namesrv
