#include "broker/handlers/answers.h"
#include "broker/handlers/offset/offset_handlers.h"

namespace ogive::broker::handlers {

HandlerRow get_all_consumer_offset(const OffsetPorts& ports) {
  return {request_code::kGetAllConsumerOffset,
          "GET_ALL_CONSUMER_OFFSET",
          Lane::kBlocking,
          Answer([ports](const Request&) { return success(ports.offsets.encode(/*pretty=*/false)); }),
          "slaves",
          "the whole offset table"};
}

}  // namespace ogive::broker::handlers
