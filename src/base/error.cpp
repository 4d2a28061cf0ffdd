#include "base/error.h"

#include <cerrno>
#include <system_error>

namespace ogive {

std::string_view to_string(Errc code) {
  switch (code) {
    case Errc::kInvalidArgument:
      return "InvalidArgument";
    case Errc::kNotFound:
      return "NotFound";
    case Errc::kAlreadyExists:
      return "AlreadyExists";
    case Errc::kPermission:
      return "Permission";
    case Errc::kCorrupt:
      return "Corrupt";
    case Errc::kIo:
      return "Io";
    case Errc::kNoSpace:
      return "NoSpace";
    case Errc::kLimit:
      return "Limit";
    case Errc::kTimeout:
      return "Timeout";
    case Errc::kClosed:
      return "Closed";
    case Errc::kUnsupported:
      return "Unsupported";
    case Errc::kCancelled:
      return "Cancelled";
    case Errc::kWouldBlock:
      return "WouldBlock";
  }
  return "Unknown";
}

namespace {

Errc classify(int os_error) {
  switch (os_error) {
    case ENOENT:
      return Errc::kNotFound;
    case EEXIST:
    case EADDRINUSE:
      return Errc::kAlreadyExists;
    case EACCES:
    case EPERM:
      return Errc::kPermission;
    case ENOSPC:
    case EDQUOT:
      return Errc::kNoSpace;
    case EINVAL:
    case ENAMETOOLONG:
      return Errc::kInvalidArgument;
    case ETIMEDOUT:
      return Errc::kTimeout;
    case ECONNRESET:
    case ECONNREFUSED:
    case EPIPE:
      return Errc::kClosed;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
      return Errc::kLimit;
    default:
      return Errc::kIo;
  }
}

}  // namespace

Error Error::from_errno(int os_error, std::string_view what) {
  std::string message(what);
  message += ": ";
  message += std::generic_category().message(os_error);
  return Error(classify(os_error), std::move(message), os_error);
}

}  // namespace ogive
