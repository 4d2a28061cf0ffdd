#include "rocks/database.h"

#include <fmt/core.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include <cstdarg>
#include <cstdio>
#include <filesystem>
#include <map>

#include "base/log.h"
#include "store/rocksdb_directories.h"

namespace ogive::rocks {
namespace {

constexpr std::size_t kWriteBufferBytes = 16u << 20;
constexpr int kMaxOpenFiles = 256;

rocksdb::Slice slice(std::string_view text) {
  return {text.data(), text.size()};
}

Status to_status(const rocksdb::Status& status, const std::string& path, std::string_view doing) {
  if (status.ok()) return {};
  Errc code = Errc::kIo;
  std::string text = status.ToString();
  if (status.IsCorruption()) {
    code = Errc::kCorrupt;
  } else if (status.IsNotSupported() || status.IsInvalidArgument()) {
    code = Errc::kUnsupported;
  } else if (status.IsNoSpace()) {
    code = Errc::kNoSpace;
  } else if (text.find("/LOCK") != std::string::npos) {
    code = Errc::kPermission;
    text += "; it is in use by another process: stop that one";
  }
  return fail(code, fmt::format("{} the RocksDB database {} failed: {}", doing, path, text));
}

/// RocksDB's own log file would lie among the data; what matters of it goes into ours.
class InfoLog final : public rocksdb::Logger {
 public:
  InfoLog() : Logger(rocksdb::InfoLogLevel::WARN_LEVEL) {}
  using Logger::Logv;
  void Logv(const char* format, va_list arguments) override {
    Logv(rocksdb::InfoLogLevel::WARN_LEVEL, format, arguments);
  }
  void Logv(const rocksdb::InfoLogLevel level, const char* format, va_list arguments) override {
    if (level < rocksdb::InfoLogLevel::WARN_LEVEL || level == rocksdb::InfoLogLevel::HEADER_LEVEL) return;
    char text[1024];
    std::vsnprintf(text, sizeof text, format, arguments);
    OGIVE_LOG(warn, "store", "RocksDB: {}", text);
  }
};

rocksdb::Options make_options(Database::Mode mode) {
  rocksdb::Options options;
  options.create_if_missing = mode == Database::Mode::kCreate;
  options.create_missing_column_families = mode != Database::Mode::kRead;
  options.info_log = std::make_shared<InfoLog>();
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  options.paranoid_checks = true;
  options.atomic_flush = true;
  options.max_open_files = kMaxOpenFiles;
  options.max_background_jobs = 2;
  options.write_buffer_size = kWriteBufferBytes;
  options.compression = rocksdb::kLZ4Compression;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  return options;
}

}  // namespace

struct Batch::State {
  rocksdb::WriteBatch batch;
};
Batch::Batch() : state_(std::make_unique<State>()) {}
Batch::~Batch() = default;
Batch::Batch(Batch&&) noexcept = default;
Batch& Batch::operator=(Batch&&) noexcept = default;

struct Database::State {
  std::map<std::string, rocksdb::ColumnFamilyHandle*, std::less<>> families;
  std::unique_ptr<rocksdb::DB> db;

  rocksdb::ColumnFamilyHandle* find(std::string_view family) const {
    const auto found = families.find(family);
    return found == families.end() ? nullptr : found->second;
  }
};

Database::Database(std::string path) : path_(std::move(path)), state_(std::make_unique<State>()) {}

Database::~Database() {
  if (!state_->db) return;
  for (const auto& [name, handle] : state_->families) state_->db->DestroyColumnFamilyHandle(handle);
  if (const auto closed = state_->db->Close(); !closed.ok()) {
    OGIVE_LOG(error, "store", "closing the RocksDB database {} failed: {}", path_, closed.ToString());
  }
}

Result<std::unique_ptr<Database>> Database::open(const std::string& path, Mode mode,
                                                 const std::vector<std::string>& families) {
  const rocksdb::Options options = make_options(mode);
  std::vector<std::string> names;
  if (store::is_rocksdb(io::posix_file_system(), path)) {
    const auto listed = rocksdb::DB::ListColumnFamilies(options, path, &names);
    OGIVE_TRY(to_status(listed, path, "opening"));
  } else {
    names.emplace_back(kDefaultFamily);
    std::error_code ignored;  // What is wrong is told by what follows.
    if (mode == Mode::kCreate) std::filesystem::create_directories(path, ignored);
  }
  if (mode != Mode::kRead) {
    for (const std::string& family : families) {
      if (std::ranges::find(names, family) == names.end()) names.push_back(family);
    }
  }
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  for (const std::string& name : names) descriptors.emplace_back(name, rocksdb::ColumnFamilyOptions(options));
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  const auto opened = mode == Mode::kRead ? rocksdb::DB::OpenForReadOnly(options, path, descriptors, &handles, &db)
                                          : rocksdb::DB::Open(options, path, descriptors, &handles, &db);
  OGIVE_TRY(to_status(opened, path, "opening"));
  std::unique_ptr<Database> database(new Database(path));
  database->state_->db.reset(db);
  for (std::size_t i = 0; i < names.size(); ++i) database->state_->families.emplace(names[i], handles[i]);
  return database;
}

bool Database::has_family(std::string_view family) const {
  return state_->find(family) != nullptr;
}

Result<std::optional<std::string>> Database::get(std::string_view family, std::string_view key) const {
  rocksdb::ColumnFamilyHandle* handle = state_->find(family);
  if (handle == nullptr) return std::nullopt;
  std::string value;
  const auto got = state_->db->Get(rocksdb::ReadOptions(), handle, slice(key), &value);
  if (got.IsNotFound()) return std::nullopt;
  OGIVE_TRY(to_status(got, path_, "reading"));
  return std::optional(std::move(value));
}

Status Database::for_each(std::string_view family, std::string_view from, const Visitor& visit) const {
  rocksdb::ColumnFamilyHandle* handle = state_->find(family);
  if (handle == nullptr) return {};
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  const std::unique_ptr<rocksdb::Iterator> iterator(state_->db->NewIterator(options, handle));
  for (iterator->Seek(slice(from)); iterator->Valid(); iterator->Next()) {
    const rocksdb::Slice key = iterator->key();
    const rocksdb::Slice value = iterator->value();
    OGIVE_TRY(visit({key.data(), key.size()}, {value.data(), value.size()}));
  }
  return to_status(iterator->status(), path_, "reading");
}

void Database::put(Batch& batch, std::string_view family, std::string_view key, std::string_view value) const {
  static_cast<void>(batch.state_->batch.Put(state_->find(family), slice(key), slice(value)));
}

void Database::remove(Batch& batch, std::string_view family, std::string_view key) const {
  static_cast<void>(batch.state_->batch.Delete(state_->find(family), slice(key)));
}

void Database::remove_range(Batch& batch, std::string_view family, std::string_view begin, std::string_view end) const {
  static_cast<void>(batch.state_->batch.DeleteRange(state_->find(family), slice(begin), slice(end)));
}

std::size_t Database::bytes(const Batch& batch) {
  return batch.state_->batch.GetDataSize();
}

Status Database::write(Batch& batch, bool sync) {
  rocksdb::WriteOptions options;
  options.sync = sync;
  const auto written = state_->db->Write(options, &batch.state_->batch);
  batch.state_->batch.Clear();
  return to_status(written, path_, "writing");
}

Status Database::flush() {
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  for (const auto& [name, handle] : state_->families) handles.push_back(handle);
  OGIVE_TRY(to_status(state_->db->Flush(rocksdb::FlushOptions(), handles), path_, "flushing"));
  return to_status(state_->db->SyncWAL(), path_, "syncing");
}

}  // namespace ogive::rocks
