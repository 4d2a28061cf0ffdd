#pragma once
// Expected failure as a value. Every fallible function returns Result<T>; exceptions never leave a module.

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace ogive {

/// What a caller can react to. A new enumerator needs a caller that treats it differently from the others.
enum class Errc : std::uint8_t {
  kInvalidArgument,  ///< The value itself is wrong; retrying the same call cannot help.
  kNotFound,
  kAlreadyExists,
  kPermission,
  kCorrupt,  ///< Stored or received bytes contradict their format.
  kIo,       ///< The device or the socket failed (os_error says how).
  kNoSpace,  ///< The file system or a configured limit is full.
  kLimit,    ///< A queue, buffer or table is at its bound; retry later.
  kTimeout,
  kClosed,  ///< The peer or the owner is gone.
  kUnsupported,
  kCancelled,
  kWouldBlock,  ///< Only by waiting, which the caller had asked not to do.
};

/// The enumerator's name without its prefix, for logs ("NotFound").
std::string_view to_string(Errc code);

/// A failure: a code to branch on and a sentence for people that names the value, the place and the remedy.
class [[nodiscard]] Error {
 public:
  Error(Errc code, std::string message, int os_error = 0)
      : code_(code), os_error_(os_error), message_(std::move(message)) {}

  /// From errno: maps ENOSPC, ENOENT, EEXIST, EACCES … to their code and appends strerror's text to `what`.
  static Error from_errno(int os_error, std::string_view what);

  Errc code() const { return code_; }
  int os_error() const { return os_error_; }
  const std::string& message() const { return message_; }

 private:
  Errc code_;
  int os_error_;
  std::string message_;
};

template <class T>
using Result = std::expected<T, Error>;
using Status = Result<void>;

inline std::unexpected<Error> fail(Errc code, std::string message) {
  return std::unexpected<Error>(Error(code, std::move(message)));
}
inline std::unexpected<Error> fail(Error error) {
  return std::unexpected<Error>(std::move(error));
}

}  // namespace ogive

/// Returns the error of a Status or Result expression to the caller, or goes on.
#define OGIVE_TRY(expression)                                                      \
  do {                                                                             \
    if (auto ogive_try_result = (expression); !ogive_try_result.has_value())       \
      return std::unexpected<::ogive::Error>(std::move(ogive_try_result).error()); \
  } while (false)
