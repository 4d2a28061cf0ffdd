#include <fmt/core.h>

#include "broker/handlers/answers.h"
#include "broker/handlers/progress/progress_handlers.h"
#include "broker/handlers/progress/subscribed.h"
#include "broker/topic/names.h"
#include "protocol/headers/offset.h"

namespace ogive::broker::handlers {
namespace {

Message answer(const ProgressPorts& ports, const protocol::CloneGroupOffsetRequestHeader& header) {
  if (auto defect = group_name_error(header.dest_group)) return Message(code::kInvalidParameter, *defect);
  std::vector<std::string> topics;
  if (header.topic.value_or("").empty()) {
    topics = ports.offsets.topics_of_group(header.src_group);
  } else {
    topics.emplace_back(*header.topic);
  }
  for (const std::string& topic : topics) {
    if (!ports.topics.find(topic)) continue;
    if (!header.offline && !subscribed(ports.consumers, header.src_group, topic)) continue;
    ports.offsets.clone(header.src_group, header.dest_group, topic);
  }
  return of_status(ports.offsets.save_changes());
}

}  // namespace

HandlerRow clone_group_offset(const ProgressPorts& ports) {
  return {request_code::kCloneGroupOffset,
          "CLONE_GROUP_OFFSET",
          Lane::kBlocking,
          with_header(ports, answer),
          "operators",
          "gives `destGroup` the offsets of `srcGroup`, on `topic` or on all"};
}

}  // namespace ogive::broker::handlers
