#include "client/reply.h"

#include <fmt/core.h>

namespace ogive::client {
namespace {

namespace rc = protocol::response_code;

Errc errc_of(std::int32_t code) {
  switch (code) {
    case rc::kTopicNotExist:
    case rc::kSubscriptionNotExist:
    case rc::kSubscriptionGroupNotExist:
    case rc::kQueryNotFound:
    case rc::kNoMessage:
    case rc::kBrokerNotExist:
    case rc::kConsumerNotOnline:
      return Errc::kNotFound;
    case rc::kSystemBusy:
    case rc::kFlowControl:
    case rc::kPollingFull:
    case rc::kServiceNotAvailable:
      return Errc::kLimit;
    case rc::kNoPermission:
      return Errc::kPermission;
    case rc::kRequestCodeNotSupported:
    case rc::kVersionNotSupported:
      return Errc::kUnsupported;
    case rc::kFlushDiskTimeout:
    case rc::kFlushSlaveTimeout:
    case rc::kPollingTimeout:
      return Errc::kTimeout;
    default:
      return Errc::kInvalidArgument;
  }
}

}  // namespace

Reply Reply::copy_of(const protocol::Frame& frame, std::string from) {
  Reply reply;
  reply.code = frame.code;
  reply.remark = frame.remark;
  reply.fields.reserve(frame.fields.size());
  for (const protocol::Field& field : frame.fields) reply.fields.emplace_back(field.name, field.value);
  reply.body = as_chars(frame.body);
  reply.from = std::move(from);
  return reply;
}

std::optional<std::string_view> Reply::find(std::string_view name) const {
  for (const auto& [field, value] : fields) {
    if (field == name) return value;
  }
  return std::nullopt;
}

protocol::Frame Reply::as_frame() const {
  protocol::Frame frame;
  frame.code = code;
  frame.flag = protocol::kResponseFlag;
  frame.remark = remark;
  for (const auto& [name, value] : fields) frame.fields.push_back({name, value});
  frame.body = as_bytes(body);
  return frame;
}

Error Reply::refusal() const {
  return Error(errc_of(code), fmt::format("CODE: {}  DESC: {} (from {})", code, remark, from));
}

Error Reply::bad_body(const Error& defect) const {
  return Error(defect.code(), fmt::format("{} sent a body that cannot be read: {}", from, defect.message()));
}

}  // namespace ogive::client
