#include "replication/shared_secret.h"

#include <fmt/core.h>
#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace ogive::replication {
namespace {

std::vector<std::byte> magic_and(const Nonce& nonce) {
  std::vector<std::byte> bytes(kHandshakeMagic.begin(), kHandshakeMagic.end());
  bytes.insert(bytes.end(), nonce.begin(), nonce.end());
  return bytes;
}

/// Whether `data` begins like the magic, as far as it goes.
bool may_be_magic(ByteView data) {
  const std::size_t count = std::min(data.size(), kHandshakeMagic.size());
  return std::ranges::equal(data.first(count), ByteView(kHandshakeMagic).first(count));
}

Nonce nonce_at(ByteView data) {
  Nonce nonce;
  std::ranges::copy(data.subspan(kHandshakeMagic.size(), kNonceBytes), nonce.begin());
  return nonce;
}

}  // namespace

Nonce system_nonce() {
  Nonce nonce;
  OGIVE_CHECK_MSG(RAND_bytes(reinterpret_cast<unsigned char*>(nonce.data()), static_cast<int>(nonce.size())) == 1,
                  "the system gives no random bytes{}", "");
  return nonce;
}

Result<SharedSecret> SharedSecret::make(std::string text, NonceSource nonces) {
  if (text.size() >= kLeastBytes) return SharedSecret(std::move(text), std::move(nonces));
  const std::size_t size = text.size();
  OPENSSL_cleanse(text.data(), size);
  return fail(Errc::kInvalidArgument,
              fmt::format("a secret of {} bytes can be guessed, give it {} or more (openssl rand -hex 32 makes one)",
                          size, kLeastBytes));
}

// A short text lives inside the object: what is left behind is wiped as well.
SharedSecret::SharedSecret(SharedSecret&& other) noexcept : text_(other.text_), nonces_(std::move(other.nonces_)) {
  OPENSSL_cleanse(other.text_.data(), other.text_.size());
  other.text_.clear();
}

SharedSecret::~SharedSecret() {
  OPENSSL_cleanse(text_.data(), text_.size());
}

Proof SharedSecret::prove(Side side, const Nonce& slave, const Nonce& master) const {
  const std::string_view label = side == Side::kSlave ? "ogive replication: slave" : "ogive replication: master";
  std::vector<std::byte> said(as_bytes(label).begin(), as_bytes(label).end());
  said.insert(said.end(), slave.begin(), slave.end());
  said.insert(said.end(), master.begin(), master.end());
  Proof proof{};
  unsigned size = 0;
  const unsigned char* made = HMAC(EVP_sha256(), text_.data(), static_cast<int>(text_.size()),
                                   reinterpret_cast<const unsigned char*>(said.data()), said.size(),
                                   reinterpret_cast<unsigned char*>(proof.data()), &size);
  OGIVE_CHECK_MSG(made != nullptr && size == kProofBytes, "HMAC-SHA256 gave {} bytes", size);
  return proof;
}

bool SharedSecret::is_proof(ByteView claimed, Side side, const Nonce& slave, const Nonce& master) const {
  const Proof proof = prove(side, slave, master);
  return claimed.size() == kProofBytes && CRYPTO_memcmp(claimed.data(), proof.data(), kProofBytes) == 0;
}

Nonce SharedSecret::nonce() const {
  Nonce nonce = nonces_();
  for (std::size_t i = 0; i < nonce.size(); i += 8) nonce[i] |= std::byte{0x80};
  return nonce;
}

bool is_hello(ByteView data) {
  return data.size() >= kHandshakeMagic.size() && may_be_magic(data);
}

Result<HandshakeStep> MasterHandshake::take(ByteView data) {
  if (!slave_) {
    if (!may_be_magic(data)) {
      return fail(Errc::kPermission,
                  "it does not prove that it knows haSharedSecret: a slave of Ogive needs the same key, a slave of "
                  "RocketMQ cannot follow a master that has one");
    }
    if (data.size() < kHelloBytes) return HandshakeStep();
    slave_ = nonce_at(data);
    master_ = secret_.nonce();
    return HandshakeStep{kHelloBytes, magic_and(master_), false};
  }
  if (data.size() < kProofBytes) return HandshakeStep();
  if (!secret_.is_proof(data.first(kProofBytes), SharedSecret::Side::kSlave, *slave_, master_)) {
    return fail(Errc::kPermission, "its haSharedSecret is another");
  }
  const Proof proof = secret_.prove(SharedSecret::Side::kMaster, *slave_, master_);
  return HandshakeStep{kProofBytes, {proof.begin(), proof.end()}, true};
}

std::vector<std::byte> SlaveHandshake::hello() const {
  return magic_and(slave_);
}

Result<HandshakeStep> SlaveHandshake::take(ByteView data) {
  if (!master_) {
    if (!may_be_magic(data)) {
      return fail(
          Errc::kPermission,
          "the master has no haSharedSecret, or is one of RocketMQ: nothing is taken from who cannot prove that "
          "it knows ours");
    }
    if (data.size() < kHelloBytes) return HandshakeStep();
    master_ = nonce_at(data);
    const Proof proof = secret_.prove(SharedSecret::Side::kSlave, slave_, *master_);
    return HandshakeStep{kHelloBytes, {proof.begin(), proof.end()}, false};
  }
  if (data.size() < kProofBytes) return HandshakeStep();
  if (!secret_.is_proof(data.first(kProofBytes), SharedSecret::Side::kMaster, slave_, *master_)) {
    return fail(Errc::kPermission, "the master's haSharedSecret is another");
  }
  return HandshakeStep{kProofBytes, {}, true};
}

}  // namespace ogive::replication
