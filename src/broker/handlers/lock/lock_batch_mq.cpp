#include "broker/handlers/answers.h"
#include "broker/handlers/lock/lock_handlers.h"
#include "protocol/bodies/locking.h"

namespace ogive::broker::handlers {
namespace {

Message answer(const LockPorts& ports, const Request& request) {
  auto body = protocol::from_json<protocol::LockBatchRequestBody>(request.frame.body);
  if (!body) return Message(code::kSystemError, "lock request: " + body.error().message());
  protocol::LockBatchResponseBody locked;
  locked.lock_ok_mq_set = ports.locks.lock(body->consumer_group, body->client_id, body->mq_set);
  Message message(code::kSuccess);
  message.body = protocol::to_json(locked);
  return message;
}

}  // namespace

HandlerRow lock_batch_mq(const LockPorts& ports) {
  return {request_code::kLockBatchMq,
          "LOCK_BATCH_MQ",
          Lane::kReactor,
          Answer([ports](const Request& request) { return answer(ports, request); }),
          "clients",
          "takes or renews queue locks of a client for 60 s; answers which it has"};
}

}  // namespace ogive::broker::handlers
