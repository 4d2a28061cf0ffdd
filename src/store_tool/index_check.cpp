#include "store_tool/index_check.h"

#include <fmt/core.h>

#include <algorithm>

#include "store/index/index_keys.h"
#include "store_tool/index_shape.h"

namespace ogive::store_tool {

Status IndexCheck::open() {
  const std::string directory = view_.root() + "/index";
  auto listed = view_.files().list(directory);
  if (!listed) return listed.error().code() == Errc::kNotFound ? Status() : fail(std::move(listed).error());
  for (const io::FileInfo& info : *listed) {
    if (info.is_directory) continue;
    const std::string path = directory + "/" + info.name;
    store::IndexShape shape = view_.sizes().index_shape;
    if (static_cast<std::int64_t>(info.size) != shape.file_bytes()) {
      auto found = find_index_shape(view_.files(), path);
      if (!found) return fail(std::move(found).error());
      if (*found) {
        shape = **found;
        report_.add(Severity::kNote, path,
                    fmt::format("was made with maxHashSlotNum={} and maxIndexNum={}: the broker needs these values",
                                shape.slots, shape.entries));
      }
    }
    auto file = store::IndexFile::open(view_.files(), path, shape, false);
    if (!file) {
      report_.add(Severity::kRepairs, path, file.error().message());
      broken_ = true;
      return {};
    }
    report_.count("index files");
    report_.count("index entries", (*file)->header().count - 1);
    files_.push_back(std::move(*file));
  }
  return {};
}

void IndexCheck::complain(std::string what) {
  broken_ = true;
  const std::string where = file_ < files_.size() ? files_[file_]->path() : view_.root() + "/index";
  report_.add(Severity::kRepairs, where, std::move(what));
}

const store::IndexEntry* IndexCheck::current() {
  while (file_ < files_.size() && number_ >= files_[file_]->header().count) {
    ++file_;
    number_ = 1;
    loaded_ = false;
  }
  if (file_ >= files_.size()) return nullptr;
  if (!loaded_) {
    auto read = files_[file_]->entry(number_);
    if (!read) {
      complain(read.error().message());
      return nullptr;
    }
    entry_ = *read;
    loaded_ = true;
  }
  return &entry_;
}

void IndexCheck::advance() {
  ++number_;
  loaded_ = false;
}

void IndexCheck::add(const message::RecordView& record) {
  if (broken_ || files_.empty()) return;
  while (current() != nullptr && entry_.offset < record.physical_offset) {
    // Retention takes the log first, then index files as a whole.
    if (entry_.offset >= view_.segments().begin()) {
      complain(fmt::format("entry {} names a record at {} where none is", number_, entry_.offset));
      return;
    }
    advance();
  }
  // An older server has not indexed tags, and what was appended last is not indexed yet.
  store::for_each_index_key(record, [&](std::string_view key, store::KeyKind kind) {
    if (broken_ || current() == nullptr) return;
    if (entry_.offset == record.physical_offset && entry_.hash == store::index_hash(record.topic, key, kind)) {
      advance();
    } else if (kind == store::KeyKind::kKey && record.physical_offset >= files_.front()->header().begin_offset) {
      complain(fmt::format("the record at {} has no entry for its key {}", record.physical_offset, key));
    }
  });
}

void IndexCheck::finish() {
  if (!broken_ && current() != nullptr) {
    complain(fmt::format("entry {} names a record at {}, behind the log's end", number_, entry_.offset));
  }
}

}  // namespace ogive::store_tool
