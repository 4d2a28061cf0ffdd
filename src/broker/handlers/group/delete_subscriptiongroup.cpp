#include "broker/handlers/answers.h"
#include "broker/handlers/group/group_handlers.h"
#include "protocol/headers/client.h"

namespace ogive::broker::handlers {
namespace {

Message answer(const GroupPorts& ports, const protocol::DeleteSubscriptionGroupRequestHeader& header) {
  if (Status noted = ports.deletions.record_group(header.group_name, header.clean_offset); !noted) {
    return of_status(noted);
  }
  ports.groups.remove(header.group_name);
  if (header.clean_offset) ports.offsets.remove_group(header.group_name);
  if (Status saved = ports.groups.save_changes(); !saved) return of_status(saved);
  return of_status(ports.offsets.save_changes());
}

}  // namespace

HandlerRow delete_subscriptiongroup(const GroupPorts& ports) {
  return {request_code::kDeleteSubscriptiongroup,
          "DELETE_SUBSCRIPTIONGROUP",
          Lane::kBlocking,
          with_header(ports, answer),
          "operators",
          "drops a group, with `cleanOffset` its offsets too"};
}

}  // namespace ogive::broker::handlers
