#include "broker/handlers/answers.h"
#include "broker/handlers/lock/lock_handlers.h"
#include "protocol/bodies/locking.h"

namespace ogive::broker::handlers {
namespace {

Message answer(const LockPorts& ports, const Request& request) {
  auto body = protocol::from_json<protocol::LockBatchRequestBody>(request.frame.body);
  if (!body) return Message(code::kSystemError, "unlock request: " + body.error().message());
  ports.locks.unlock(body->consumer_group, body->client_id, body->mq_set);
  return success();
}

}  // namespace

HandlerRow unlock_batch_mq(const LockPorts& ports) {
  return {request_code::kUnlockBatchMq,
          "UNLOCK_BATCH_MQ",
          Lane::kReactor,
          Answer([ports](const Request& request) { return answer(ports, request); }),
          "clients",
          "gives queue locks back"};
}

}  // namespace ogive::broker::handlers
