#include "store/recovery/recovery.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "base/log.h"
#include "message/record.h"
#include "message/sys_flag.h"
#include "store/queue_rule.h"

namespace ogive::store {
namespace {

// The original takes its checkpoint's times back by this much, because they are not exact.
constexpr std::int64_t kTimestampSlackMs = 3000;
// A record that nothing follows in its queue is believed to be this far behind the others at most.
constexpr std::int64_t kMaxLastJump = 1 << 20;
constexpr std::int64_t kClearStep = 1 << 20;
constexpr std::int64_t kTellBytes = 1 << 30;

void report_damaged(const ConsumeQueue& queue, const OffsetClaim& claim, RecoveryReport& report) {
  report.repairs.push_back(fmt::format(
      "the record at offset {} says it is message {} of queue {} of topic {}, where {} comes next: its queue "
      "offset is damaged, it is passed over",
      claim.physical_offset, claim.offset, queue.id().value(), queue.topic(), queue.max_offset().value()));
}

}  // namespace

Recovery::Recovery(const RecoverySubject& subject, Settings settings, std::function<void(ConsumeQueue&)> dirty,
                   std::function<Status(std::int64_t)> spill)
    : subject_(subject), settings_(std::move(settings)), dirty_(std::move(dirty)), spill_(std::move(spill)) {}

Result<LogPosition> Recovery::run(const Checkpoint& checkpoint, RecoveryReport& report) {
  report.clean = settings_.clean;
  if (checkpoint.safe_offset < 0) flushed_ms_ = checkpoint.physic_timestamp_ms;
  if (settings_.clean && settings_.ours) flushed_ms_ = INT64_MAX;
  auto resumed = resume(report);
  if (!resumed) return fail(std::move(resumed).error());
  Result<ScanEnd> end = *resumed ? Result<ScanEnd>(**resumed) : walk(checkpoint, report);
  if (!end) return fail(std::move(end).error());
  seal_passed_over(report);
  OGIVE_TRY(clear_log_tail(*end, report));
  // Noted ends that nothing contradicts are those of the files: entries are written behind their records' flush.
  if (!*resumed) OGIVE_TRY(clear_queue_tails(report));
  report.redispatched = end->records;
  report.log_min = PhysicalOffset(subject_.segments.begin());
  report.log_max = PhysicalOffset(end->offset);
  LogPosition position;
  position.end = end->offset;
  position.last_record = end->last_record >= 0 ? end->last_record : checkpoint.logics_physical_offset;
  position.store_timestamp_ms =
      std::max({end->store_timestamp_ms, checkpoint.physic_timestamp_ms, checkpoint.logics_timestamp_ms});
  return position;
}

Result<std::optional<ScanEnd>> Recovery::resume(RecoveryReport& report) {
  if (!settings_.trust_ends) return std::optional<ScanEnd>();
  auto wrong = load_noted();
  if (!wrong) return fail(std::move(wrong).error());
  if (wrong->empty()) {
    if (settings_.tails != nullptr) settings_.tails->restore(subject_.queues, dirty_);
    LogScanner scanner(subject_.segments, settings_.verify_property_crc);
    auto end = scanner.scan(settings_.queue_ends.safe_offset,
                            [&](const message::RecordView& record) { return dispatch(record, false, report); });
    if (!end && !gap_found_) return fail(std::move(end).error());
    if (end) OGIVE_TRY(settle_all(report));
    wrong = gap_found_ ? Result<std::string>("the log has records between them and what comes next in a queue")
                       : find_contradiction(*end);
    if (!wrong) return fail(std::move(wrong).error());
    if (wrong->empty()) return std::optional(std::move(*end));
  }
  report.repairs.push_back(
      fmt::format("the noted ends of the queues are not relied on, the files of all queues are read: {}", *wrong));
  report.queues_doubted = true;
  gap_found_ = false;
  forget_queues();
  return std::optional<ScanEnd>();
}

// Says what is wrong, if anything. What is missing below a topic is met when it is read: looking would take as long as
// reading all queues.
Result<std::string> Recovery::load_noted() {
  const QueueEnds& ends = settings_.queue_ends;
  const std::int64_t log_begin = subject_.segments.begin();
  if (ends.safe_offset < log_begin || ends.safe_offset > subject_.segments.end()) {
    return fmt::format("they are of offset {}, the log has {} to {}", ends.safe_offset, log_begin,
                       subject_.segments.end());
  }
  std::map<QueueKind, std::vector<std::string>> topics;
  for (const QueueKind kind : {QueueKind::kSimple, QueueKind::kBatch}) {
    auto names = subject_.files.names(subject_.queue_files.home(kind).directory);
    if (!names && names.error().code() != Errc::kNotFound) return fail(std::move(names).error());
    if (names) topics[kind] = std::move(*names);
  }
  for (const QueueEnd& end : ends.queues) {
    const bool has_files = end.files.begin != end.files.end;
    if (has_files && !std::ranges::binary_search(topics[end.kind], end.topic)) {
      return fmt::format("{}/{} is missing", subject_.queue_files.home(end.kind).directory, end.topic);
    }
    if (end.extent.min_place < end.extent.end_place && end.extent.min_record < log_begin) {
      return fmt::format("queue {} of topic {} begins with a record at offset {}, the log at {}", end.id.value(),
                         end.topic, end.extent.min_record, log_begin);
    }
    ConsumeQueue& queue = subject_.queues.get(end.topic, end.id, end.kind);
    queue.load(end.extent, end.files);
  }
  return std::string();
}

Result<std::string> Recovery::find_contradiction(const ScanEnd& end) {
  if (end.offset < settings_.queue_ends.log_end) {
    return fmt::format("they reach to offset {}, the log to {}", settings_.queue_ends.log_end, end.offset);
  }
  if (settings_.clean && end.at_zeros) return std::string();
  auto behind = goes_on_behind(end);
  if (!behind) return fail(std::move(behind).error());
  if (*behind) return fmt::format("the log is damaged at offset {}, it goes on behind", end.offset);
  return std::string();
}

// Then queues have entries of records that can no longer be told.
Result<bool> Recovery::goes_on_behind(const ScanEnd& end) {
  const auto segment = subject_.segments.find(end.offset);
  if (segment == nullptr) return false;
  if (const auto next = subject_.segments.find(segment->end)) {
    auto written = data_end(*next, next->begin);
    if (!written) return fail(std::move(written).error());
    if (*written > next->begin) return true;
  }
  auto limit = data_end(*segment, end.offset);
  if (!limit) return fail(std::move(limit).error());
  if (*limit <= end.offset) return false;
  LogScanner scanner(subject_.segments, settings_.verify_property_crc);
  auto record = scanner.find_record(end.offset + 1, *limit);
  if (!record) return fail(std::move(record).error());
  return *record < *limit;
}

void Recovery::forget_queues() {
  held_.clear();
  for (ConsumeQueue* queue : subject_.queues.all()) {
    queue->reset(0, 0);
    queue->listed.store(false);
  }
}

Result<ScanEnd> Recovery::walk(const Checkpoint& checkpoint, RecoveryReport& report) {
  auto start = choose_start(checkpoint, report);
  if (!start) return fail(std::move(start).error());
  std::int64_t sound_from = *start;
  if (checkpoint.safe_offset < 0 && settings_.ours && !settings_.clean) {
    auto flushed = flushed_by_entries();
    if (!flushed) return fail(std::move(flushed).error());
    sound_from = std::max(sound_from, *flushed);
  }
  auto end = rebuild(*start, sound_from, report);
  if (!end) return fail(std::move(end).error());
  gap_found_ = gap_found_ || settings_.distrust_queues;
  if (const QueueEnd* lost = gap_found_ ? nullptr : short_queue()) {
    report.repairs.push_back(fmt::format("queue {} of topic {} had entries {} to {} and has lost some since",
                                         lost->id.value(), lost->topic, lost->extent.min_place,
                                         lost->extent.end_place - 1));
    gap_found_ = true;
  }
  if (gap_found_) {
    report.repairs.push_back(
        fmt::format("consume queues lack entries from before offset {}: rebuilt from the whole log", *start));
    end = rebuild(subject_.segments.begin(), sound_from, report);
    if (!end) return fail(std::move(end).error());
    OGIVE_TRY(raise_short_queues(report));
    report.queues_doubted = true;
  }
  if (settings_.rewrite) OGIVE_TRY(rewrite_log(*start, end->offset, report));
  return end;
}

Result<std::int64_t> Recovery::choose_start(const Checkpoint& checkpoint, RecoveryReport& report) {
  const std::int64_t begin = subject_.segments.begin();
  if (checkpoint.safe_offset >= begin && checkpoint.safe_offset <= subject_.segments.end())
    return checkpoint.safe_offset;
  Result<std::int64_t> by_queues = INT64_MAX;
  if (settings_.clean || settings_.queues_made_to >= 0) {
    by_queues = start_by_queues(report);
    if (by_queues && *by_queues < settings_.queues_made_to) by_queues = pass_made(*by_queues);
    if (settings_.clean || !by_queues) return by_queues;
  }
  auto by_times = start_by_timestamps(checkpoint);
  if (!by_times) return by_times;
  return std::min(*by_times, *by_queues);
}

// After an orderly stop, queues and log were flushed together: the log is covered up to the furthest entry.
Result<std::int64_t> Recovery::start_by_queues(RecoveryReport& report) {
  const SegmentList& segments = subject_.segments;
  QueueLoader loader(subject_.files, subject_.queue_files, subject_.queues);
  auto extent = loader.load(segments.end(), segments.begin(), report.repairs);
  if (!extent) return fail(std::move(extent).error());
  if (extent->log_end == 0) return segments.begin();
  auto sound = has_record(extent->last);
  if (!sound) return fail(std::move(sound).error());
  if (*sound) return extent->log_end;
  report.repairs.push_back(
      fmt::format("the consume queues reach to offset {}, where the commit log has no such record: "
                  "its last file is read again",
                  extent->log_end));
  return segments.begin_of(std::min(extent->last.physical_offset, segments.end() - 1));
}

Result<bool> Recovery::has_record(const QueueEntry& entry) {
  LogScanner scanner(subject_.segments, settings_.verify_property_crc);
  bool sound = false;
  auto probe = scanner.scan(entry.physical_offset, [&](const message::RecordView& record) -> Status {
    sound = record.size == entry.size;
    return fail(Errc::kCancelled, "one record is enough");
  });
  if (!probe && probe.error().code() != Errc::kCancelled) return fail(std::move(probe).error());
  return sound;
}

// A round of writing queue files begins with a flush of the log and writes no entry of a record behind it.
Result<std::int64_t> Recovery::flushed_by_entries() {
  QueueTable queues;
  QueueFiles queue_files(subject_.files, subject_.queue_files.home(QueueKind::kSimple),
                         subject_.queue_files.home(QueueKind::kBatch));
  std::vector<std::string> told_again;  // By who loads them to stay.
  auto extent = QueueLoader(subject_.files, queue_files, queues)
                    .load(subject_.segments.end(), subject_.segments.begin(), told_again);
  if (!extent) return fail(std::move(extent).error());
  if (extent->log_end == 0) return 0;
  auto sound = has_record(extent->last);
  if (!sound) return fail(std::move(sound).error());
  return *sound ? extent->log_end : 0;
}

// Of topics that were deleted: made anew, they would come back.
Result<std::int64_t> Recovery::pass_made(std::int64_t start) {
  LogScanner scanner(subject_.segments, settings_.verify_property_crc);
  std::int64_t passed = start;
  auto end = scanner.scan(start, [&](const message::RecordView& record) -> Status {
    if (record.physical_offset >= settings_.queues_made_to) return fail(Errc::kCancelled, "far enough");
    passed = record.physical_offset + record.size;
    return {};
  });
  if (!end && end.error().code() != Errc::kCancelled) return fail(std::move(end).error());
  return passed;
}

Result<std::int64_t> Recovery::start_by_timestamps(const Checkpoint& checkpoint) {
  const std::int64_t safe_ms =
      std::min(checkpoint.physic_timestamp_ms, checkpoint.logics_timestamp_ms) - kTimestampSlackMs;
  const auto segments = subject_.segments.all();
  for (auto segment = segments.rbegin(); segment != segments.rend(); ++segment) {
    LogScanner scanner(subject_.segments, settings_.verify_property_crc);
    std::int64_t first_ms = -1;
    auto probe = scanner.scan((*segment)->begin, [&](const message::RecordView& record) -> Status {
      first_ms = record.store_timestamp_ms;
      return fail(Errc::kCancelled, "one record is enough");
    });
    if (!probe && probe.error().code() != Errc::kCancelled) return fail(std::move(probe).error());
    if (first_ms > 0 && first_ms <= safe_ms) return (*segment)->begin;
  }
  return subject_.segments.begin();
}

Result<ScanEnd> Recovery::rebuild(std::int64_t start, std::int64_t sound_from, RecoveryReport& report) {
  const std::int64_t log_begin = subject_.segments.begin();
  const bool last_resort = start == log_begin;
  QueueLoader loader(subject_.files, subject_.queue_files, subject_.queues);
  auto extent = loader.load(start, log_begin, report.repairs);
  if (!extent) return fail(std::move(extent).error());
  gap_found_ = extent->damaged && !last_resort;
  if (gap_found_) return ScanEnd{};
  LogScanner scanner(subject_.segments, settings_.verify_property_crc);
  told_ = start;
  const auto visit = [&](const message::RecordView& record) {
    tell(record.physical_offset);
    return dispatch(record, last_resort, report);
  };
  passed_over_.clear();
  auto end = scanner.scan(start, visit);
  while (end) {
    auto next = go_on_behind(*end, sound_from);
    if (!next) return fail(std::move(next).error());
    if (!*next) break;
    report.repairs.push_back(fmt::format("the commit log is damaged between offsets {} and {}: {}; passed over",
                                         end->offset, **next, end->at_zeros ? "zeros" : end->reason));
    passed_over_.push_back({end->offset, **next, end->store_timestamp_ms});
    const ScanEnd before = *end;
    end = scanner.scan(**next, visit);
    if (!end) break;
    if (end->records == 0) {
      end->last_record = before.last_record;
      end->store_timestamp_ms = before.store_timestamp_ms;
    }
    end->records += before.records;
  }
  if (end) OGIVE_TRY(settle_all(report));
  held_.clear();
  if (end || !gap_found_) return end;
  return ScanEnd{};
}

Result<std::optional<std::int64_t>> Recovery::go_on_behind(const ScanEnd& stopped, std::int64_t sound_from) {
  if (stopped.offset < sound_from) {
    // Not the log's end: it is known to go on.
    LogScanner scanner(subject_.segments, settings_.verify_property_crc);
    auto found = scanner.find_record(stopped.offset + 1, sound_from);
    if (!found) return fail(std::move(found).error());
    return std::optional(*found);
  }
  if (settings_.clean && stopped.at_zeros) return std::optional<std::int64_t>();
  return find_continuation(subject_.segments, settings_.verify_property_crc, stopped, flushed_ms_);
}

void Recovery::seal_passed_over(RecoveryReport& report) {
  for (const DamagedRange& range : passed_over_) {
    auto aside = seal_damage(subject_.files, subject_.segments, range, settings_.damage_directory);
    if (!aside) {
      report.repairs.push_back(fmt::format("the damage from offset {} on stays in the commit log: {}", range.begin,
                                           aside.error().message()));
    } else if (!aside->empty()) {
      report.repairs.push_back(
          fmt::format("{} damaged bytes from offset {} on are kept in {}; records of topic {} are in their place",
                      range.end - range.begin, range.begin, *aside, kDamagedTopic));
    }
  }
}

const QueueEnd* Recovery::short_queue() const {
  for (const QueueEnd& expected : settings_.queue_ends.queues) {
    const ConsumeQueue::Extent& extent = expected.extent;
    const ConsumeQueue* queue = subject_.queues.find(expected.topic, expected.id);
    if (queue == nullptr || queue->end_place() < extent.end_place) return &expected;
    if (queue->min_place() > extent.min_place && extent.min_record >= subject_.segments.begin()) return &expected;
  }
  return nullptr;
}

// The log no longer has the records either: their offsets are not given to others. What it has stays.
Status Recovery::raise_short_queues(RecoveryReport& report) {
  for (const QueueEnd& expected : settings_.queue_ends.queues) {
    if (!is_safe_topic_name(expected.topic)) continue;
    ConsumeQueue& queue = subject_.queues.get(expected.topic, expected.id);
    const std::int64_t end = expected.extent.end_offset;
    if (queue.kind() == QueueKind::kBatch || queue.max_offset().value() >= end) continue;
    if (queue.min_offset() != queue.max_offset()) {
      OGIVE_TRY(fill_gap(queue, end, subject_.segments.end(), report));
      continue;
    }
    report.repairs.push_back(
        fmt::format("queue {} of topic {} goes on at offset {}: earlier ones are gone from the log",
                    expected.id.value(), expected.topic, end));
    OGIVE_TRY(start_queue_at(queue, end));
  }
  return {};
}

void Recovery::tell(std::int64_t offset) {
  if (offset - told_ < kTellBytes) return;
  told_ = offset;
  OGIVE_LOG(info, "store", "consume queues: read the log up to {}, of {} to {}", offset, subject_.segments.begin(),
            subject_.segments.end());
}

Status Recovery::dispatch(const message::RecordView& record, bool last_resort, RecoveryReport& report) {
  if (!message::takes_queue_offset(record.sys_flag) || record.queue_id < 0) return {};
  if (!is_safe_topic_name(record.topic)) {
    report.repairs.push_back(fmt::format(
        "record at offset {} names a topic that cannot be a directory: not put into a queue", record.physical_offset));
    return {};
  }
  ConsumeQueue& queue = subject_.queues.get(record.topic, QueueId(record.queue_id));
  const Held taken{{record.physical_offset, record.queue_offset, offsets_taken(record, queue)},
                   {record.physical_offset, record.size, entry_tags_code(record, settings_.delay_level_ms)},
                   record.store_timestamp_ms};
  if (!held_.empty()) OGIVE_TRY(settle(queue, record.queue_offset, report));
  const std::int64_t next = queue.max_offset().value();
  const bool empty = queue.min_offset() == queue.max_offset();
  // A queue that begins in the middle of the log has lost the files with its earlier entries.
  if (record.queue_offset > next && !last_resort) {
    gap_found_ = true;
    return fail(Errc::kCancelled, "a queue has a gap");
  }
  if (!empty && is_jump(next, taken.claim)) {
    held_.try_emplace(&queue, taken);
    return {};
  }
  if (empty && record.queue_offset != next && (record.queue_offset > next || record.queue_offset == 0)) {
    OGIVE_TRY(start_queue_at(queue, record.queue_offset));
  } else if (record.queue_offset < next) {
    return {};
  }
  return add_entry(queue, taken);
}

// Writing them all costs a look at the files of every queue, ten seconds for 80,000 that are not in memory: with very
// many queues a start may gather as much as a running broker does.
std::size_t Recovery::allowed_in_memory() const {
  constexpr std::uint64_t kManyQueues = 4096, kMostTimes = 16;
  return settings_.entries_in_memory *
         std::clamp(subject_.queues.created() / kManyQueues, std::uint64_t{1}, kMostTimes);
}

Status Recovery::add_entry(ConsumeQueue& queue, const Held& record) {
  {
    const auto lock = queue.lock();
    queue.push(lock, record.claim.offset, record.entry, record.claim.count, record.store_timestamp_ms);
    queue.next_offset = record.claim.offset + record.claim.count;
    if (queue.publish(lock)) dirty_(queue);
  }
  // Not under the queue's lock: writing takes that of every queue.
  if (++unspilled_ < allowed_in_memory()) return {};
  unspilled_ = 0;
  return spill_(record.entry.physical_offset + record.entry.size);
}

Status Recovery::settle(ConsumeQueue& queue, std::int64_t following, RecoveryReport& report) {
  const auto found = held_.find(&queue);
  if (found == held_.end()) return {};
  const Held held = found->second;
  const std::int64_t next = queue.max_offset().value();
  const JumpVerdict verdict = judge_jump(next, held.claim, following);
  if (verdict == JumpVerdict::kUndecided) return {};
  held_.erase(found);
  if (verdict == JumpVerdict::kGenuine) return take_held(queue, held, report);
  report_damaged(queue, held.claim, report);
  return {};
}

Status Recovery::settle_all(RecoveryReport& report) {
  // Its offset may have been given out and is not given again. A gap that no log can have would empty the queue: then
  // it counts as the next one.
  const auto held = std::exchange(held_, {});
  for (const auto& [queue, last] : held) {
    const std::int64_t next = queue->max_offset().value();
    if (last.claim.offset - next <= kMaxLastJump) {
      OGIVE_TRY(take_held(*queue, last, report));
      continue;
    }
    report_damaged(*queue, last.claim, report);
    OGIVE_TRY(fill_gap(*queue, next + last.claim.count, last.claim.physical_offset, report));
  }
  return {};
}

// Records in between are gone, or the topic was deleted and made again.
Status Recovery::take_held(ConsumeQueue& queue, const Held& held, RecoveryReport& report) {
  if (held.claim.offset == 0) {
    OGIVE_TRY(start_queue_at(queue, 0));
  } else {
    OGIVE_TRY(fill_gap(queue, held.claim.offset, held.claim.physical_offset, report));
  }
  return add_entry(queue, held);
}

Status Recovery::start_queue_at(ConsumeQueue& queue, std::int64_t offset) {
  OGIVE_TRY(subject_.queue_files.remove(queue));
  queue.reset(offset, 0);
  return {};
}

// Places that no record fills any more are marked as skipped, so that offsets behind them stay what they were.
Status Recovery::fill_gap(ConsumeQueue& queue, std::int64_t offset, std::int64_t behind, RecoveryReport& report) {
  const std::int64_t next = queue.max_offset().value();
  report.repairs.push_back(fmt::format("queue {} of topic {} has no records for offsets {} to {}", queue.id().value(),
                                       queue.topic(), next, offset - 1));
  if (queue.kind() == QueueKind::kBatch) {
    const auto lock = queue.lock();
    queue.skip_to(lock, offset);
    return {};
  }
  if (offset - next > kMaxGapEntries) {
    report.repairs.push_back(
        fmt::format("queue {} of topic {} begins anew behind them: {} places are too many to be filled. What the log "
                    "has of offsets {} to {} is read with `ogive store export` only",
                    queue.id().value(), queue.topic(), offset - next, queue.min_offset().value(), next - 1));
    return start_queue_at(queue, offset);
  }
  for (;;) {
    if (fill_gap_piece(queue, offset, true)) dirty_(queue);
    if (queue.max_offset().value() == offset) return {};
    OGIVE_TRY(spill_(behind));
  }
}

Status Recovery::rewrite_log(std::int64_t begin, std::int64_t end, RecoveryReport& report) {
  std::vector<std::byte> buffer(1u << 20);
  for (std::int64_t at = begin; at < end;) {
    const auto segment = subject_.segments.find(at);
    if (segment == nullptr) break;
    const auto wanted =
        static_cast<std::size_t>(std::min({end - at, segment->end - at, static_cast<std::int64_t>(buffer.size())}));
    const auto position = static_cast<std::uint64_t>(at - segment->begin);
    auto got = segment->file->read_at(position, {buffer.data(), wanted});
    if (!got) return fail(std::move(got).error());
    if (*got == 0) break;
    OGIVE_TRY(segment->file->write_at(position, ByteView(buffer).first(*got)));
    at += static_cast<std::int64_t>(*got);
    if (at == segment->end) OGIVE_TRY(segment->file->sync_data());
  }
  report.repairs.push_back(fmt::format(
      "the last process ended with a failed sync: wrote offsets {} to {} of the commit log again", begin, end));
  return {};
}

// Bytes behind the end could be taken for records once new ones have grown up to them.
Status Recovery::clear_log_tail(const ScanEnd& end, RecoveryReport& report) {
  if (settings_.clean && end.at_zeros) return {};
  if (!end.at_zeros) {
    report.repairs.push_back(fmt::format("the commit log ends at offset {}: {}", end.offset, end.reason));
  }
  SegmentList& segments = subject_.segments;
  const auto segment = segments.find(end.offset);
  if (segment == nullptr) return {};
  OGIVE_TRY(keep_cut_records(end, report));
  OGIVE_TRY(segments.remove_from(segment->end));
  auto data = data_end(*segment, end.offset);
  if (!data) return fail(std::move(data).error());
  if (*data <= end.offset) return {};
  const std::vector<std::byte> zeros(kClearStep);
  for (std::int64_t at = end.offset; at < *data; at += kClearStep) {
    const auto count = static_cast<std::size_t>(std::min(kClearStep, *data - at));
    OGIVE_TRY(segment->file->write_at(static_cast<std::uint64_t>(at - segment->begin), ByteView(zeros).first(count)));
  }
  report.truncated_bytes += *data - end.offset;
  return segment->file->sync_data();
}

// They were perhaps acknowledged, and are of use to who wants to look.
Status Recovery::keep_cut_records(const ScanEnd& end, RecoveryReport& report) {
  auto behind = goes_on_behind(end);
  if (!behind) return fail(std::move(behind).error());
  if (!*behind) return {};
  std::int64_t last = end.offset;
  for (const auto& segment : subject_.segments.all()) {
    if (segment->end <= end.offset) continue;
    auto data = data_end(*segment, std::max(end.offset, segment->begin));
    if (!data) return fail(std::move(data).error());
    if (*data > std::max(end.offset, segment->begin)) last = *data;
  }
  const auto kept = keep_aside(subject_.files, subject_.segments, {end.offset, last, end.store_timestamp_ms},
                               settings_.damage_directory);
  report.repairs.push_back(
      kept ? fmt::format("intact records were cut off behind the damage at offset {}: {} bytes are kept in {}",
                         end.offset, last - end.offset, *kept)
           : fmt::format("intact records were cut off behind the damage at offset {} and could not be kept: {}",
                         end.offset, kept.error().message()));
  return {};
}

Result<std::int64_t> Recovery::data_end(const Segment& segment, std::int64_t offset) {
  std::vector<std::byte> buffer(kClearStep);
  std::int64_t last = offset;
  for (std::int64_t at = offset; at < segment.end;) {
    auto data = segment.file->next_data(static_cast<std::uint64_t>(at - segment.begin));
    if (!data) return fail(std::move(data).error());
    if (*data >= static_cast<std::uint64_t>(segment.end - segment.begin)) break;
    at = std::max(at, segment.begin + static_cast<std::int64_t>(*data));
    const auto count = static_cast<std::size_t>(std::min(kClearStep, segment.end - at));
    auto got = segment.file->read_at(static_cast<std::uint64_t>(at - segment.begin), {buffer.data(), count});
    if (!got) return fail(std::move(got).error());
    if (*got == 0) break;
    const auto bytes = ByteView(buffer).first(*got);
    const auto set = std::find_if(bytes.rbegin(), bytes.rend(), [](std::byte b) { return b != std::byte{0}; });
    if (set != bytes.rend()) last = at + static_cast<std::int64_t>(bytes.rend() - set);
    at += static_cast<std::int64_t>(*got);
  }
  return last;
}

Status Recovery::clear_queue_tails(RecoveryReport& report) {
  if (settings_.clean) return {};
  for (ConsumeQueue* queue : subject_.queues.all()) {
    auto cut = subject_.queue_files.cut(*queue, queue->end_place());
    if (!cut) return fail(std::move(cut).error());
    if (*cut) {
      report.repairs.push_back(fmt::format("queue {} of topic {} is cut at offset {}: the log has no records behind it",
                                           queue->id().value(), queue->topic(), queue->max_offset().value()));
    }
  }
  return {};
}

}  // namespace ogive::store
