#include "broker/handlers/answers.h"
#include "broker/handlers/offset/offset_handlers.h"

namespace ogive::broker::handlers {

HandlerRow get_all_delay_offset(const DelayService& delay) {
  const auto answer = [&delay](const Request&) { return success(delay.encode(/*pretty=*/false)); };
  return {request_code::kGetAllDelayOffset,  "GET_ALL_DELAY_OFFSET", Lane::kBlocking, Answer(answer), "slaves",
          "next offset of every delay level"};
}

}  // namespace ogive::broker::handlers
