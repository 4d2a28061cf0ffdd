#pragma once
// What handler files share: short names for the protocol's words, the answers that many of them give, and how a row is
// made of a function.

#include <string>
#include <utility>

#include "base/error.h"
#include "protocol/codes.h"
#include "protocol/header.h"
#include "remoting/handler_table.h"

namespace ogive::broker::handlers {

namespace code = protocol::response_code;
namespace request_code = protocol::request_code;
using remoting::Answer;
using remoting::AnswerLater;
using remoting::HandlerRow;
using remoting::Lane;
using remoting::Message;
using remoting::Request;

inline Message success() {
  return Message(code::kSuccess);
}

inline Message success(std::string body) {
  Message message(code::kSuccess);
  message.body = std::move(body);
  return message;
}

/// Header or body lacks a field or has nonsense in it: clients know this as SYSTEM_ERROR with the reason in the remark.
inline Message bad_request(const Error& error) {
  return Message(code::kSystemError, error.message());
}

/// What a table, a file or the store said of it: values that no retry makes better are INVALID_PARAMETER.
inline Message of_status(const Status& status) {
  if (status) return success();
  return Message(status.error().code() == Errc::kInvalidArgument ? code::kInvalidParameter : code::kSystemError,
                 status.error().message());
}

/// The answer to a change of a table: what is answered as done is on the disk, whatever happens next. Blocking lane
/// only.
template <class Table>
Message of_change(const Status& changed, Table& table) {
  return of_status(changed ? table.save_changes() : changed);
}

/// An answer made of the decoded header: `function(header, request)`; what cannot be decoded is refused by its name.
template <class Header, class Function>
Answer with_header(Function function) {
  return [function = std::move(function)](const Request& request) -> Message {
    const auto header = protocol::decode_header<Header>(request.frame);
    if (!header) return bad_request(header.error());
    return function(*header, request);
  };
}

/// The same for functions that need only their ports and the header.
template <class Header, class Ports>
Answer with_header(const Ports& ports, Message (*function)(const Ports&, const Header&)) {
  return with_header<Header>(
      [ports, function](const Header& header, const Request&) { return function(ports, header); });
}

}  // namespace ogive::broker::handlers
