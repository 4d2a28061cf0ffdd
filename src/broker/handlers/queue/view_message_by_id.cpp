#include <fmt/core.h>

#include "broker/handlers/answers.h"
#include "broker/handlers/queue/queue_handlers.h"
#include "protocol/headers/pull.h"

namespace ogive::broker::handlers {
namespace {

Message answer(const QueuePorts& ports, const protocol::ViewMessageRequestHeader& header) {
  auto record = ports.store.read_record(PhysicalOffset(header.offset));
  if (!record) {
    return Message(code::kSystemError,
                   fmt::format("can not find message by the offset, {}: {}", header.offset, record.error().message()));
  }
  Message message(code::kSuccess);
  message.body = as_chars(*record);
  return message;
}

}  // namespace

HandlerRow view_message_by_id(const QueuePorts& ports) {
  return {request_code::kViewMessageById,
          "VIEW_MESSAGE_BY_ID",
          Lane::kBlocking,
          with_header(ports, answer),
          "clients",
          "the stored record at physical `offset`"};
}

}  // namespace ogive::broker::handlers
