#include <fmt/core.h>

#include <limits>

#include "broker/handlers/answers.h"
#include "broker/handlers/offset/offset_handlers.h"
#include "protocol/bodies/offsets.h"
#include "protocol/headers/offset.h"
#include "store/queue/consume_queue.h"

namespace ogive::broker::handlers {
namespace {

/// The smallest offset of any group by queue, without the groups of the list and without offsets of messages that are
/// gone.
std::map<std::int32_t, std::int64_t> smallest_offsets(const OffsetPorts& ports, std::string_view topic,
                                                      std::string_view left_out) {
  const std::string list = fmt::format(",{},", left_out);
  std::map<std::int32_t, std::int64_t> smallest;
  for (const std::string& group : ports.offsets.groups_of_topic(topic)) {
    if (list.find(fmt::format(",{},", group)) != std::string::npos) continue;
    const QueueOffsetsPtr offsets = ports.offsets.find(group, topic);
    if (!offsets) continue;
    for (const auto& [queue, offset] : offsets->all_committed()) {
      const auto* found = ports.store.find_queue(topic, QueueId(queue));
      if (found != nullptr && offset < found->min_offset().value()) continue;
      const auto [at, fresh] = smallest.try_emplace(queue, offset);
      if (!fresh) at->second = std::min(at->second, offset);
    }
  }
  return smallest;
}

/// The groups of the list are only left out here; the original deletes their offsets.
Message answer(const OffsetPorts& ports, const protocol::QueryCorrectionOffsetHeader& header) {
  protocol::QueryCorrectionOffsetBody body;
  body.correction_offsets = smallest_offsets(ports, header.topic, header.filter_groups.value_or(""));
  if (const QueueOffsetsPtr compared = ports.offsets.find(header.compare_group, header.topic)) {
    for (const auto& [queue, offset] : compared->all_committed()) {
      const auto found = body.correction_offsets.find(queue);
      if (found == body.correction_offsets.end() || found->second > offset) {
        body.correction_offsets[queue] = std::numeric_limits<std::int64_t>::max();
      }
    }
  }
  return success(protocol::to_json(body));
}

}  // namespace

HandlerRow query_correction_offset(const OffsetPorts& ports) {
  return {request_code::kQueryCorrectionOffset,
          "QUERY_CORRECTION_OFFSET",
          Lane::kBlocking,
          with_header(ports, answer),
          "operators",
          "smallest offset of the groups of a topic by queue, without `filterGroups`; the largest number where "
          "`compareGroup` is behind it"};
}

}  // namespace ogive::broker::handlers
