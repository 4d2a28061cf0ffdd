#pragma once
// A secret that the nodes of a replica group share, and how each proves to the other that it knows it: haSharedSecret,
// docs/protocol/ha.md "With a shared secret". Pure, but for the nonces.

#include <array>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"

namespace ogive::replication {

/// First bytes of a slave's hello and of the master's challenge. As a report it is negative, as the offset of a piece
/// too: neither can be taken for the stream.
inline constexpr std::array<std::byte, 8> kHandshakeMagic{std::byte{0xff}, std::byte{'O'}, std::byte{'G'},
                                                          std::byte{'I'},  std::byte{'V'}, std::byte{'E'},
                                                          std::byte{'H'},  std::byte{1}};
inline constexpr std::size_t kNonceBytes = 32;
inline constexpr std::size_t kProofBytes = 32;
inline constexpr std::size_t kHelloBytes = kHandshakeMagic.size() + kNonceBytes;

using Nonce = std::array<std::byte, kNonceBytes>;
using Proof = std::array<std::byte, kProofBytes>;

/// Bytes nobody can foresee, from the system.
Nonce system_nonce();

/// Neither printed nor logged by anything; wiped when it goes. Immutable, any thread.
class SharedSecret {
 public:
  static constexpr std::size_t kLeastBytes = 16;
  using NonceSource = std::function<Nonce()>;

  /// kInvalidArgument, without its text, for one that is too short to withstand guessing.
  static Result<SharedSecret> make(std::string text, NonceSource nonces = system_nonce);
  SharedSecret(SharedSecret&& other) noexcept;
  SharedSecret& operator=(SharedSecret&&) = delete;
  ~SharedSecret();

  enum class Side : std::uint8_t { kSlave, kMaster };
  /// What only who knows the secret can say about this connection's nonces; each side's is another.
  Proof prove(Side side, const Nonce& slave, const Nonce& master) const;
  /// Takes the same time whatever differs.
  bool is_proof(ByteView claimed, Side side, const Nonce& slave, const Nonce& master) const;
  /// A fresh one; read as eight-byte reports all of it is negative, so that no master counts it as one.
  Nonce nonce() const;

 private:
  SharedSecret(std::string text, NonceSource nonces) : text_(std::move(text)), nonces_(std::move(nonces)) {}
  std::string text_;
  NonceSource nonces_;
};

/// What a side does with the bytes that arrived.
struct HandshakeStep {
  std::size_t consumed = 0;
  std::vector<std::byte> say;  ///< To be sent, if any.
  bool done = false;           ///< The other has proved that it knows the secret: what follows is the stream.
};

/// A master's part: says nothing before a slave has said hello, and proves nothing before the slave has. One
/// connection, one thread.
class MasterHandshake {
 public:
  explicit MasterHandshake(const SharedSecret& secret) : secret_(secret) {}
  /// kPermission says for the log why the peer is not served.
  Result<HandshakeStep> take(ByteView data);

 private:
  const SharedSecret& secret_;
  std::optional<Nonce> slave_;  ///< Once it has said hello.
  Nonce master_{};
};

/// A slave's part. One connection, one thread.
class SlaveHandshake {
 public:
  explicit SlaveHandshake(const SharedSecret& secret) : secret_(secret), slave_(secret.nonce()) {}
  std::vector<std::byte> hello() const;
  Result<HandshakeStep> take(ByteView data);

 private:
  const SharedSecret& secret_;
  const Nonce slave_;
  std::optional<Nonce> master_;  ///< Once challenged.
};

/// Whether what begins so is a slave's hello.
bool is_hello(ByteView data);

}  // namespace ogive::replication
