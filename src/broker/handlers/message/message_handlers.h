#pragma once
// The message paths: every request goes to the side of its connection's reactor.

#include "broker/reactor_side.h"
#include "remoting/handler_table.h"

namespace ogive::broker::handlers {

remoting::HandlerRow send_message(const ReactorSides& sides);            // 10
remoting::HandlerRow send_message_v2(const ReactorSides& sides);         // 310
remoting::HandlerRow send_batch_message(const ReactorSides& sides);      // 320
remoting::HandlerRow consumer_send_msg_back(const ReactorSides& sides);  // 36
remoting::HandlerRow pull_message(const ReactorSides& sides);            // 11
remoting::HandlerRow lite_pull_message(const ReactorSides& sides);       // 361

}  // namespace ogive::broker::handlers
