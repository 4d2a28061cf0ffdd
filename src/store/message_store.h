#pragma once
// The broker's durable heart: one commit log and the consume queues derived from it. docs/internals/store.md.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/strong_int.h"
#include "io/executor.h"
#include "io/file.h"
#include "io/out_buffer.h"
#include "message/record.h"
#include "store/index/index_format.h"
#include "store/index/index_keys.h"
#include "store/retention/retention_policy.h"
#include "store/watermark.h"

namespace ogive::store {

struct QueueEntry;   // Place, size and tag code of one message; see store/queue/consume_queue.h.
class RawLog;        // The log as bytes, for replication; see store/raw_log.h.
class ConsumeQueue;  // One topic's one queue; see store/queue/consume_queue.h. Stable address while the store lives.

struct StoreOptions {
  std::string root;             ///< storePathRootDir
  std::string commit_log_path;  ///< storePathCommitLog: one directory or several, by commas; "" = root/commitlog
  std::string read_only_commit_log_paths;  ///< readOnlyCommitLogStorePaths: some of them, where no file is made.
  /// Where the consume queues' files are; "" = root/consumequeue. Another place is Ogive's alone: after another server
  /// had the store the queues are made anew from the log, or by `make_queues`.
  std::string queue_directory;
  /// Makes the files in such a place from what else there is, for the log from `log_begin` on: durable, and with every
  /// entry there is to be of records before the offset it returns. -1: it could not, and has left none.
  std::function<Result<std::int64_t>(std::int64_t log_begin)> make_queues;
  bool rocksdb_kept = false;  ///< The caller looks after databases of RocksDB; without it a store with them is refused.
  std::uint64_t segment_bytes = 1u << 30;              ///< mappedFileSizeCommitLog
  std::uint64_t consume_queue_file_bytes = 6'000'000;  ///< mappedFileSizeConsumeQueue, a multiple of 20
  std::uint64_t batch_queue_file_bytes = 13'800'000;   ///< mapperFileSizeBatchConsumeQueue, a multiple of 46
  std::uint64_t prewrite_bytes = 64u << 20;            ///< How far ahead of the append position the log is prepared.
  bool expect_syncs = false;  ///< Every message waits for the device: prepare by writing zeros from the start.
  std::uint64_t tail_cache_bytes = 64u << 20;
  Milliseconds flush_interval{500};          ///< flushIntervalCommitLog, for what nobody waits for.
  Milliseconds checkpoint_interval{10'000};  ///< Consume-queue and checkpoint persistence.
  /// A start looks at the files of all queues when there are no more than these, and else relies on their noted ends.
  std::size_t queues_walked_at_start = 1024;
  /// Queue entries that a start makes anew before it writes them to their files: 20 bytes each, of a whole log if need
  /// be. With very many queues up to 16 times as many.
  std::size_t recovered_entries_in_memory = 1 << 20;
  /// Delay of each level in ms, level 1 first: a SCHEDULE_TOPIC_XXXX entry's tag code is its delivery time.
  std::vector<std::int64_t> delay_level_ms;
  /// The log is a copy of a master's: only batches that have their places already are taken (store/raw_log.h).
  bool replica = false;
  /// readFlushedOnly: reads, queue ends, times and keys tell of messages on the device only, and polls wait for that.
  bool read_flushed_only = false;
  bool append_property_crc = false;  ///< enabledAppendPropCRC: records end with a CRC of all of themselves.
  bool verify_property_crc = false;  ///< forceVerifyPropCRC: records that end with one are checked against it.
  bool index_enabled = true;         ///< messageIndexEnable
  IndexShape index_shape;
  RetentionSettings retention;
  /// Says which topics have batch queues (queue.type=BatchCQ), for queues that have no files yet. Any thread.
  std::function<bool(std::string_view topic)> is_batch_topic;
};

/// What the store runs on. Executors must outlive it; in the simulated world all of them are one thread.
struct StoreEnvironment {
  io::FileSystem& files;
  const Clock& clock;
  io::Executor& flusher;     ///< fdatasync of the log; a thread of its own.
  io::Executor& background;  ///< Pre-writing, consume-queue files, checkpoint; a thread of its own.
};

/// Messages of one turn, appended together: one place in the log, one write. Reused by its owner turn after turn.
/// One thread at a time; between submit() and the completion it belongs to the store.
class AppendBatch {
 public:
  virtual ~AppendBatch() = default;  ///< Owners derive from it to keep their own notes beside the records.

  struct Entry {
    ConsumeQueue* queue = nullptr;
    std::uint32_t begin = 0;  ///< Of the encoded record within bytes().
    std::uint32_t size = 0;
    std::int64_t tags_code = 0;  ///< Or the delay in ms, when tags_code_is_delay: the code is store time + delay.
    bool tags_code_is_delay = false;
    message::RecordTail tail;        ///< As encoded: its values are the log's to fill in.
    bool takes_queue_offset = true;  ///< False for prepared and rollback records: no consume-queue entry.
    /// Messages in the record (an inner batch's INNER_NUM): offsets taken. More than 1 needs a batch queue.
    std::uint16_t queue_count = 1;
    // Filled in by the store:
    PhysicalOffset physical_offset;
    QueueOffset queue_offset;
  };

  /// Adds a record of `size` bytes for `queue`; returns where to encode it (valid until the next add). The store
  /// patches queue offset, physical offset and store timestamp.
  std::byte* add(ConsumeQueue& queue, std::size_t size, std::int64_t tags_code);
  Entry& back() { return entries_.back(); }

  std::span<Entry> entries() { return entries_; }
  std::span<const Entry> entries() const { return entries_; }
  bool empty() const { return entries_.empty(); }
  std::size_t bytes() const { return size_; }
  /// The encoded records; after completion with everything the store patched in.
  ByteView data() const { return {data_.data(), size_}; }
  void clear();

  std::int64_t store_timestamp_ms = 0;  ///< Given by the store, same for the whole batch.
  PhysicalOffset end;                   ///< Behind the last record: what to wait for at the flushed watermark.

 protected:
  friend class CommitLog;
  /// Records that are placed and patched already, by a master: where the log must end for them to be taken.
  std::optional<PhysicalOffset> placed_at_;
  std::vector<std::byte> data_;
  std::size_t size_ = 0;
  std::vector<Entry> entries_;
};

/// A batch's way back. Called on the executor given to submit(): inside submit() when this thread did the write itself,
/// posted otherwise. On error nothing of the batch may be acknowledged.
class AppendListener {
 public:
  virtual ~AppendListener() = default;
  virtual void on_appended(std::unique_ptr<AppendBatch> batch, Status status) = 0;
};

/// Why a read has no messages; names follow the protocol's pull results.
enum class ReadStatus : std::uint8_t {
  kFound,
  kNoMatched,          ///< Messages were skipped by the filter; go on at next_offset.
  kRemoved,            ///< The log no longer has what the queue points to; go on at next_offset.
  kEmptyQueue,         ///< The queue has never had a message (min = max = 0).
  kOffsetTooSmall,     ///< Below the queue's minimum; next_offset = minimum.
  kOffsetOverflowOne,  ///< Exactly at the end: wait for the next message.
  kOffsetOverflowFar,  ///< Beyond the end; next_offset = maximum.
  kWouldBlock,         ///< Only the disk has it, and ReadRequest::wait was false.
  kFailed,             ///< The disk could not be read (ReadResult::error); nothing was skipped, next_offset = offset.
};

struct ReadRequest {
  QueueOffset offset;
  std::uint32_t max_messages = 32;
  std::uint32_t max_bytes = 256u << 10;  ///< At least one message is returned whatever its size.
  /// Where the first message's record begins before this offset of the log, so many and so much instead.
  std::int64_t far_before = 0;
  std::uint32_t far_messages = 32;
  std::uint32_t far_bytes = 256u << 10;
  /// Tag codes let through; empty = all. Sorted.
  std::span<const std::int64_t> tag_codes;
  bool wait = true;  ///< False, as reactors must have it: kWouldBlock where the device would have to be waited for.
};

struct ReadResult {
  ReadStatus status = ReadStatus::kEmptyQueue;
  QueueOffset next_offset;
  QueueOffset min_offset;
  QueueOffset max_offset;
  std::uint32_t message_count = 0;
  io::OutBuffer records;       ///< Concatenated stored records; views of the tail cache or bytes read.
  std::optional<Error> error;  ///< Of kFailed only.
};

struct KeyQuery {
  std::string_view topic;
  std::string_view key;
  KeyKind kind = KeyKind::kKey;
  std::int64_t begin_ms = 0;  ///< Store times, both ends included.
  std::int64_t end_ms = INT64_MAX;
  std::size_t max_messages = 32;
};

struct KeyMatches {
  std::vector<std::vector<std::byte>> records;  ///< Newest first; of one reply's size at most.
  std::int64_t newest_store_time_ms = 0;        ///< Of the newest record that has any key.
  PhysicalOffset newest_offset;
  PhysicalOffset covered_from, covered_to;  ///< The part of the log that was searched.
  std::int64_t covered_from_ms = -1;        ///< Store time of its first record; -1 of an empty log.
  bool complete = true;                     ///< False while the index is still being made anew.
};

/// What opening found and did; for the boot log.
struct RecoveryReport {
  bool clean = true;  ///< No abort file: the last stop was orderly.
  PhysicalOffset log_min, log_max;
  std::int64_t truncated_bytes = 0;  ///< Incomplete records cut off the log's end.
  std::int64_t redispatched = 0;     ///< Records whose consume-queue entries were rebuilt.
  bool queues_doubted = false;       ///< Noted ends or files of queues were found to be wrong.
  std::vector<std::string> repairs;  ///< One sentence each.
};

/// Syncs of the log so far, those with nothing to sync not counted.
struct SyncFigures {
  std::uint64_t count = 0;
  std::int64_t last_ns = 0;  ///< How long the last one took; 0 before the first.
};

/// Thread-safe unless said otherwise.
class MessageStore {
 public:
  /// Locks the directory, recovers, starts the background work. kPermission when another process has it.
  static Result<std::unique_ptr<MessageStore>> open(const StoreEnvironment& environment, const StoreOptions& options);
  virtual ~MessageStore() = default;

  virtual const RecoveryReport& recovery() const = 0;
  /// Whether records are to be encoded with a property CRC (StoreOptions::append_property_crc).
  virtual bool appends_property_crc() const = 0;

  /// Appends the batch at the log's end; entries of one batch are contiguous and in order. Refused before anything is
  /// written (kNoSpace, kLimit: retryable; kIo: the latched failure) or complete. `listener` gets it back on
  /// `executor`.
  virtual void submit(std::unique_ptr<AppendBatch> batch, io::Executor& executor, AppendListener& listener) = 0;

  /// Written to the file: survives the process.
  virtual Watermark& appended() = 0;
  /// fdatasync returned: survives power loss. Call request_flush() for what somebody waits for.
  virtual Watermark& flushed() = 0;
  /// Enough replicas have it; raised by replication. Stays where it is without it.
  virtual Watermark& replicated() = 0;
  /// The log as bytes, for replication.
  virtual RawLog& raw_log() = 0;
  /// Makes the flusher go now instead of at its interval (idempotent, cheap).
  virtual void request_flush() = 0;
  virtual SyncFigures syncs() const = 0;
  /// A poll of `queue` was parked: with readFlushedOnly, what it waits for need not wait for the interval. Cheap.
  virtual void note_parked(const ConsumeQueue& queue) = 0;

  /// The queue, made when missing. Resolve once and keep the reference: it is valid until the store is destroyed.
  virtual ConsumeQueue& queue(std::string_view topic, QueueId id) = 0;
  virtual ConsumeQueue* find_queue(std::string_view topic, QueueId id) = 0;
  /// Called when `queue` has new visible messages, on the thread that appended or flushed; must only note it.
  using ArrivalListener = std::function<void(ConsumeQueue&)>;
  /// Before the first submit only.
  virtual void set_arrival_listener(ArrivalListener listener) = 0;

  virtual ReadResult read(ConsumeQueue& queue, const ReadRequest& request) = 0;
  /// The record at `offset`, whole; kNotFound when nothing begins there, kCorrupt when it is damaged. Blocking.
  virtual Result<std::vector<std::byte>> read_record(PhysicalOffset offset) = 0;
  /// First queue offset whose store time is >= `timestamp_ms` (lower), or last whose is <= (upper). Blocking.
  virtual Result<QueueOffset> offset_by_time(ConsumeQueue& queue, std::int64_t timestamp_ms, bool upper) = 0;
  /// Store time of the message at `offset`; kNotFound outside the queue. Blocking.
  virtual Result<std::int64_t> store_time(ConsumeQueue& queue, QueueOffset offset) = 0;

  /// The entry at `offset` as the queue's file has it; kNotFound outside the queue. Blocking.
  virtual Result<QueueEntry> queue_entry(ConsumeQueue& queue, QueueOffset offset) = 0;
  /// Messages of a topic with a key; finds what was appended before the call. kUnsupported without an index. Blocking.
  virtual Result<KeyMatches> find_by_key(const KeyQuery& query) = 0;

  virtual PhysicalOffset min_physical_offset() const = 0;
  virtual PhysicalOffset max_physical_offset() const = 0;

  /// Topics with queues on disk or in memory, and their queue ids.
  virtual std::vector<std::pair<std::string, QueueId>> queues() const = 0;
  /// Forgets the topic's queues and removes their files; its records stay in the log until retention. Blocking.
  virtual Status delete_topic(std::string_view topic) = 0;

  /// What is kept and how full the disk may become; from the next look on. Any thread.
  virtual void set_retention(const RetentionSettings& settings) = 0;
  /// Removes what is old enough with the next look, whatever hours are set. Any thread.
  virtual void remove_expired() = 0;
  /// Why the log takes no messages at the moment (a full disk), if so; goes away by itself.
  virtual std::optional<Error> refusal() const = 0;
  /// The latched failure, if the log can no longer be written.
  virtual std::optional<Error> failure() const = 0;

  /// Flushes, checkpoints, removes the abort file (docs: unless very many queues are unwritten). No submit. Blocking.
  virtual Status close() = 0;
};

}  // namespace ogive::store
