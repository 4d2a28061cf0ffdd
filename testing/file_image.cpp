#include "testing/file_image.h"

#include <algorithm>
#include <cstring>

namespace ogive::sim {
namespace {

/// More unsynced bytes than this per file are taken as written back by the kernel, oldest first.
constexpr std::uint64_t kMaxUnsyncedBytes = 64u << 20;

const PageRef& zero_page() {
  static const PageRef page = std::make_shared<Page>();
  return page;
}

/// Calls `visit(page number, begin in page, count)` for each page of a range.
template <class Visit>
void for_each_page(std::uint64_t offset, std::uint64_t count, Visit visit) {
  while (count > 0) {
    const std::uint64_t in_page = offset % kPageBytes;
    const std::uint64_t part = std::min(count, kPageBytes - in_page);
    visit(offset / kPageBytes, in_page, part);
    offset += part;
    count -= part;
  }
}

}  // namespace

bool all_zero(ByteView bytes) {
  return bytes.empty() ||
         (bytes[0] == std::byte{0} && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

std::size_t FileImage::read(std::uint64_t offset, std::span<std::byte> out) const {
  if (offset >= size_) return 0;
  const std::size_t total = std::min<std::uint64_t>(out.size(), size_ - offset);
  std::size_t done = 0;
  for_each_page(offset, total, [&](std::uint64_t number, std::uint64_t begin, std::uint64_t part) {
    const auto found = pages_.find(number);
    if (found == pages_.end()) {
      std::memset(out.data() + done, 0, part);
    } else {
      std::memcpy(out.data() + done, found->second->bytes.data() + begin, part);
    }
    done += part;
  });
  return total;
}

std::byte* FileImage::writable(std::uint64_t number) {
  PageRef& page = pages_[number];
  if (page == nullptr) {
    page = std::make_shared<Page>();
  } else if (page.use_count() > 1) {
    page = std::make_shared<Page>(*page);
  }
  return page->bytes.data();
}

void FileImage::write(std::uint64_t offset, ByteView bytes) {
  std::size_t done = 0;
  for_each_page(offset, bytes.size(), [&](std::uint64_t number, std::uint64_t begin, std::uint64_t part) {
    std::memcpy(writable(number) + begin, bytes.data() + done, part);
    done += part;
  });
  if (!bytes.empty()) size_ = std::max(size_, offset + bytes.size());
}

void FileImage::write_zeros(std::uint64_t offset, std::uint64_t count) {
  for_each_page(offset, count, [&](std::uint64_t number, std::uint64_t begin, std::uint64_t part) {
    if (part == kPageBytes || !pages_.contains(number)) {
      pages_[number] = zero_page();
    } else {
      std::memset(writable(number) + begin, 0, part);
    }
  });
  if (count > 0) size_ = std::max(size_, offset + count);
}

void FileImage::resize(std::uint64_t size) {
  if (size < size_) {
    pages_.erase(pages_.lower_bound((size + kPageBytes - 1) / kPageBytes), pages_.end());
    const std::uint64_t rest = size % kPageBytes;
    if (rest != 0 && pages_.contains(size / kPageBytes)) {
      std::memset(writable(size / kPageBytes) + rest, 0, kPageBytes - rest);
    }
  }
  size_ = size;
}

void FileImage::copy_range(const FileImage& other, std::uint64_t begin, std::uint64_t end) {
  end = std::min(end, other.size_);
  if (begin >= end) return;
  for_each_page(begin, end - begin, [&](std::uint64_t number, std::uint64_t from, std::uint64_t part) {
    const PageRef source = other.page(number);
    if (part == kPageBytes) {
      set_page(number, source);
    } else if (source != nullptr) {
      std::memcpy(writable(number) + from, source->bytes.data() + from, part);
    } else if (pages_.contains(number)) {
      std::memset(writable(number) + from, 0, part);
    }
  });
  size_ = std::max(size_, end);
}

PageRef FileImage::page(std::uint64_t number) const {
  const auto found = pages_.find(number);
  return found == pages_.end() ? nullptr : found->second;
}

void FileImage::set_page(std::uint64_t number, PageRef page) {
  if (page == nullptr) {
    pages_.erase(number);
  } else {
    pages_[number] = std::move(page);
  }
}

std::uint64_t FileImage::missing_pages(std::uint64_t offset, std::uint64_t count) const {
  if (count == 0) return 0;
  const std::uint64_t first = offset / kPageBytes;
  const std::uint64_t last = (offset + count - 1) / kPageBytes;
  return last - first + 1 - present_pages(first, last).size();
}

std::uint64_t FileImage::next_data(std::uint64_t offset) const {
  const auto page = pages_.lower_bound(offset / kPageBytes);
  return page == pages_.end() ? std::max(offset, size_) : std::max(offset, page->first * kPageBytes);
}

std::vector<std::uint64_t> FileImage::present_pages(std::uint64_t first, std::uint64_t last) const {
  std::vector<std::uint64_t> numbers;
  for (auto it = pages_.lower_bound(first); it != pages_.end() && it->first <= last; ++it) numbers.push_back(it->first);
  return numbers;
}

FileContent::~FileContent() {
  used_pages_ -= static_cast<std::int64_t>(image_.page_count());
}

void FileContent::account(std::size_t pages_before) {
  used_pages_ += static_cast<std::int64_t>(image_.page_count()) - static_cast<std::int64_t>(pages_before);
}

void FileContent::remember(std::uint64_t page) {
  const auto [entry, added] = durable_.try_emplace(page);
  if (added) entry->second.page = image_.page(page);
  entry->second.lost = false;
}

void FileContent::remember(std::uint64_t begin, std::uint64_t end) {
  if (begin >= end) return;
  for (std::uint64_t page = begin / kPageBytes; page <= (end - 1) / kPageBytes; ++page) remember(page);
}

void FileContent::write(std::uint64_t offset, ByteView bytes) {
  if (bytes.empty()) return;
  ByteChange change{ByteChange::Kind::kZeros, offset, bytes.size(), {}};
  if (!all_zero(bytes)) {
    change.kind = ByteChange::Kind::kWrite;
    change.bytes.assign(bytes.begin(), bytes.end());
  }
  apply(change);
  unsynced_bytes_ += change.bytes.size();
  changes_.push_back(std::move(change));
  bound_unsynced();
}

void FileContent::resize(std::uint64_t size) {
  ByteChange change{ByteChange::Kind::kResize, size, 0, {}};
  apply(change);
  changes_.push_back(std::move(change));
}

void FileContent::apply(const ByteChange& change) {
  const std::size_t before = image_.page_count();
  switch (change.kind) {
    case ByteChange::Kind::kWrite:
      remember(change.offset, change.offset + change.count);
      image_.write(change.offset, change.bytes);
      break;
    case ByteChange::Kind::kZeros:
      remember(change.offset, change.offset + change.count);
      image_.write_zeros(change.offset, change.count);
      break;
    case ByteChange::Kind::kResize:
      if (change.offset < image_.size()) {
        // Holes are skipped: cutting a sparse gigabyte costs nothing.
        for (const std::uint64_t page : image_.present_pages(change.offset / kPageBytes, UINT64_MAX)) remember(page);
      }
      image_.resize(change.offset);
      break;
  }
  account(before);
}

void FileContent::sync() {
  std::erase_if(durable_, [](const auto& entry) { return !entry.second.lost; });
  durable_size_ = image_.size();
  changes_.clear();
  unsynced_bytes_ = 0;
}

void FileContent::fail_sync(Random& random) {
  const FileImage device = after_power_loss(random, LossMode::kSubset);
  for (auto& [number, durable] : durable_) durable = {device.page(number), true};
  durable_size_ = image_.size();
  changes_.clear();
  unsynced_bytes_ = 0;
}

void FileContent::bound_unsynced() {
  if (unsynced_bytes_ <= kMaxUnsyncedBytes) return;
  // Written back behind our back: correct for every page cache, and the cheapest way to stay bounded.
  sync();
}

FileImage FileContent::durable_image() const {
  FileImage device = image_;
  for (const auto& [number, durable] : durable_) device.set_page(number, durable.page);
  device.resize(durable_size_);
  return device;
}

FileImage FileContent::after_power_loss(Random& random, LossMode mode) const {
  const std::size_t cut = mode == LossMode::kKeepAll   ? changes_.size()
                          : mode == LossMode::kDropAll ? 0
                                                       : random.below(changes_.size() + 1);
  const std::uint64_t sector = random.chance(50) || unsynced_bytes_ > (4u << 20) ? kPageBytes : 512;
  FileImage cached = durable_image();  // What the page cache held after each change.
  FileImage device = cached;
  std::uint64_t size = durable_size_;
  // A shrink that was lost takes along what was written beyond it later: those blocks were never attached to the file.
  std::uint64_t hidden_from = UINT64_MAX;
  for (std::size_t i = 0; i < changes_.size(); ++i) {
    const ByteChange& change = changes_[i];
    if (change.kind == ByteChange::Kind::kResize) {
      if (i < cut) {
        if (change.offset < device.size()) device.resize(change.offset);
        cached.resize(change.offset);
        size = change.offset;
      } else if (change.offset < cached.size()) {
        hidden_from = std::min(hidden_from, change.offset);
      }
      continue;
    }
    const std::uint64_t end = std::min(change.offset + change.count, hidden_from);
    if (end <= change.offset) continue;
    if (change.kind == ByteChange::Kind::kZeros) {
      cached.write_zeros(change.offset, end - change.offset);
    } else {
      cached.write(change.offset, ByteView(change.bytes).first(end - change.offset));
    }
    const bool torn = mode == LossMode::kSubset || (mode == LossMode::kPrefix && i == cut);
    const bool in_order = mode == LossMode::kPrefix && random.chance(50);
    bool keep = torn ? true : i < cut;
    if (i < cut) size = std::max(size, end);
    if (!torn && !keep) continue;
    for (std::uint64_t at = change.offset / sector * sector; at < end; at += sector) {
      if (torn) keep = in_order ? keep && random.chance(70) : random.chance(50);
      if (keep) device.copy_range(cached, at, at + sector);
      if (keep && torn && random.chance(50)) size = std::max(size, std::min(end, at + sector));
    }
  }
  device.resize(size);
  return device;
}

void FileContent::lose_power(Random& random, LossMode mode) {
  const std::size_t before = image_.page_count();
  image_ = after_power_loss(random, mode);
  durable_.clear();
  durable_size_ = image_.size();
  changes_.clear();
  unsynced_bytes_ = 0;
  account(before);
}

void FileContent::lose_power(Random& random) {
  lose_power(random, static_cast<LossMode>(random.below(4)));
}

void FileContent::copy_from(const FileContent& other) {
  const std::size_t before = image_.page_count();
  image_ = other.image_;
  durable_ = other.durable_;
  durable_size_ = other.durable_size_;
  changes_ = other.changes_;
  unsynced_bytes_ = other.unsynced_bytes_;
  account(before);
}

}  // namespace ogive::sim
