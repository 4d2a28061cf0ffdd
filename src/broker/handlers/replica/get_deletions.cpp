#include "broker/handlers/answers.h"
#include "broker/handlers/replica/replica_handlers.h"
#include "protocol/json.h"

namespace ogive::broker::handlers {
namespace {

Message answer(const DeletionPorts& ports) {
  protocol::DeletionAnswer body;
  for (protocol::Deletion& one : ports.deletions.snapshot()) {
    const bool there_again =
        one.kind == "topic" ? ports.topics.find(one.name) != nullptr : ports.groups.find(one.name) != nullptr;
    (there_again ? body.made_anew : body.deletions).push_back(std::move(one));
  }
  return success(protocol::to_json(body));
}

}  // namespace

HandlerRow get_deletions(const DeletionPorts& ports) {
  return {protocol::kGetDeletions, "OGIVE_GET_DELETIONS",
          Lane::kBlocking,         Answer([ports](const Request&) { return answer(ports); }),
          "slaves of Ogive",       "topics and groups that were deleted, and which of them are there anew"};
}

}  // namespace ogive::broker::handlers
