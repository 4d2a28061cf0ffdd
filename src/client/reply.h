#pragma once
// What a peer answered, kept: replies outlive the frame they came in, so that callers may look at them whenever they
// like.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "protocol/codes.h"
#include "protocol/frame.h"
#include "protocol/header.h"
#include "protocol/json.h"
#include "remoting/channel.h"

namespace ogive::client {

/// Called once, later than the call it belongs to, on the client's executor. Not called at all when the client is
/// destroyed first.
template <class T>
using Done = std::move_only_function<void(Result<T>)>;

/// One reply, whatever its code. A value.
struct Reply {
  std::int32_t code = 0;
  std::string remark;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;
  std::string from;  ///< "host:port" as it was asked for.

  static Reply copy_of(const protocol::Frame& frame, std::string from);

  bool ok() const { return code == protocol::response_code::kSuccess; }
  std::optional<std::string_view> find(std::string_view name) const;
  /// The typed header; its views point into this reply.
  template <class Header>
  Result<Header> header() const {
    return protocol::decode_header<Header>(as_frame());
  }
  /// The body as JSON; kCorrupt names the peer and the defect.
  template <class Body>
  Result<Body> json() const {
    auto body_read = protocol::from_json<Body>(body);
    if (!body_read) return fail(bad_body(body_read.error()));
    return std::move(*body_read);
  }
  /// Says that the peer refused, with its code and words: "CODE: 17  DESC: No topic … (from 10.0.0.1:9876)". The Errc
  /// is kNotFound for things that do not exist, kLimit for a busy peer, kPermission, kUnsupported and kTimeout for
  /// their codes, and kInvalidArgument for everything else.
  Error refusal() const;

 private:
  /// A frame of views of this reply.
  protocol::Frame as_frame() const;
  Error bad_body(const Error& defect) const;
};

/// Builds a request of `code` with a typed header. The header's views are copied.
template <class Header>
remoting::Message make_request(std::int32_t code, const Header& header, std::string body = {}) {
  remoting::Message message(code);
  protocol::encode_header(header, message);
  message.body = std::move(body);
  return message;
}

/// Turns a wish for a JSON body into one for a reply: refusals and defects become errors.
template <class Body>
Done<Reply> want_json(Done<Body> done) {
  return [done = std::move(done)](Result<Reply> reply) mutable {
    if (!reply) return done(fail(std::move(reply).error()));
    if (!reply->ok()) return done(fail(reply->refusal()));
    done(reply->json<Body>());
  };
}

}  // namespace ogive::client
