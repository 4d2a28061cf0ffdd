#pragma once
// RawLog on one machine's files.

#include <cstdint>
#include <span>
#include <vector>

#include "store/log/commit_log.h"
#include "store/log/prewriter.h"
#include "store/log/segment.h"
#include "store/log/tail_cache.h"
#include "store/queue/queue_files.h"
#include "store/queue/queue_persister.h"
#include "store/queue/queue_table.h"
#include "store/raw_log.h"
#include "store/watermark.h"

namespace ogive::store {

/// The store's parts it works on.
struct RawLogParts {
  SegmentList& segments;
  TailCache& cache;
  Prewriter& prewriter;
  CommitLog& log;
  QueueTable& queues;
  QueueFiles& queue_files;
  QueuePersister& persister;
  bool read_flushed_only = false;
};

/// See RawLog.
class LocalRawLog final : public RawLog {
 public:
  LocalRawLog(const RawLogParts& parts, Watermark& appended, Watermark& flushed,
              std::vector<std::int64_t> delay_level_ms);

  PhysicalOffset begin() const override { return PhysicalOffset(parts_.segments.begin()); }
  PhysicalOffset end() const override { return appended_.value(); }
  std::int64_t segment_bytes() const override { return parts_.segments.segment_bytes(); }
  bool share(PhysicalOffset begin, PhysicalOffset end, io::OutBuffer& out) const override;
  Status read(PhysicalOffset offset, std::span<std::byte> out) const override;
  Result<io::FileRange> fetch(PhysicalOffset offset, std::size_t count, std::size_t ahead) const override;
  Result<Place> place_of(PhysicalOffset offset) const override;
  Status begin_at(PhysicalOffset offset) override;
  Result<SealedBatch> seal(ReplicaBatch& batch, ReplicaBatch& rest, const KnowsTopic& knows) const override;
  Status realign(ConsumeQueue& queue, QueueOffset at) override;

 private:
  Result<std::shared_ptr<Segment>> segment_of(PhysicalOffset offset, std::size_t count) const;
  struct Cut;
  Result<bool> take_next(ReplicaBatch& batch, Cut& cut) const;
  Status take_record(ReplicaBatch& batch, Cut& cut, std::size_t at, std::size_t size) const;
  bool is_behind(std::int64_t offset, ByteView window, std::size_t at) const;

  const RawLogParts parts_;
  Watermark& appended_;
  Watermark& flushed_;
  const std::vector<std::int64_t> delay_level_ms_;
};

}  // namespace ogive::store
