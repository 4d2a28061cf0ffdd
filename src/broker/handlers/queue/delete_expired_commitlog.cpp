#include "base/log.h"
#include "broker/handlers/answers.h"
#include "broker/handlers/queue/queue_handlers.h"

namespace ogive::broker::handlers {
namespace {

Message answer(const QueuePorts& ports, const Request& request) {
  OGIVE_LOG(info, "broker", "what is older than fileReservedTime is removed now, asked for by {}",
            request.remote.to_string());
  ports.store.remove_expired();
  return success();
}

}  // namespace

HandlerRow delete_expired_commitlog(const QueuePorts& ports) {
  return {request_code::kDeleteExpiredCommitlog,
          "DELETE_EXPIRED_COMMITLOG",
          Lane::kReactor,
          Answer([ports](const Request& request) { return answer(ports, request); }),
          "operators",
          "removes log files older than `fileReservedTime` within `cleanResourceInterval`, whatever `deleteWhen` says"};
}

}  // namespace ogive::broker::handlers
