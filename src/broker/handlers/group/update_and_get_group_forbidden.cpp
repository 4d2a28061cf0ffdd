#include "broker/handlers/answers.h"
#include "broker/handlers/group/group_handlers.h"
#include "broker/topic/names.h"
#include "protocol/bodies/subscription_group.h"
#include "protocol/headers/client.h"

namespace ogive::broker::handlers {
namespace {

Message answer(const GroupPorts& ports, const protocol::UpdateGroupForbiddenRequestHeader& header) {
  if (auto defect = group_name_error(header.group)) return Message(code::kInvalidParameter, *defect);
  if (auto defect = topic_name_error(header.topic)) return Message(code::kInvalidParameter, *defect);
  if (header.readable) {
    ports.groups.forbid_read(header.group, header.topic, !*header.readable);
    if (Status saved = ports.groups.save_changes(); !saved) return of_status(saved);
  }
  protocol::GroupForbidden body;
  body.group = header.group;
  body.topic = header.topic;
  body.readable = !ports.groups.read_forbidden(header.group, header.topic);
  return success(protocol::to_json(body));
}

}  // namespace

HandlerRow update_and_get_group_forbidden(const GroupPorts& ports) {
  return {request_code::kUpdateAndGetGroupForbidden,
          "UPDATE_AND_GET_GROUP_FORBIDDEN",
          Lane::kBlocking,
          with_header(ports, answer),
          "operators",
          "forbids or allows (`readable`) a group to read a topic; how it is now"};
}

}  // namespace ogive::broker::handlers
