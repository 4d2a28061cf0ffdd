#pragma once
// Takes the PROXY header off the front of a connection, so that everything behind sees the real client.

#include <memory>
#include <optional>

#include "io/network.h"

namespace ogive::remoting {

/// A stream that may begin with a PROXY header (docs/protocol/frame.md): the header is consumed and remote() is from
/// then on whom it names; a connection without one passes unchanged. What begins like a header and is none closes the
/// connection. See io::Stream for everything else.
class ProxyStream final : public io::Stream, private io::StreamHandler {
 public:
  explicit ProxyStream(std::unique_ptr<io::Stream> inner);

  void start(io::StreamHandler& handler) override;
  void write(io::OutBuffer& data) override { inner_->write(data); }
  std::size_t pending_bytes() const override { return inner_->pending_bytes(); }
  void pause_reading(bool paused) override { inner_->pause_reading(paused); }
  void close_after_flush(Milliseconds linger) override { inner_->close_after_flush(linger); }
  const io::Endpoint& local() const override { return inner_->local(); }
  const io::Endpoint& remote() const override { return remote_; }

 private:
  Consumed on_data(ByteView data) override;
  void on_drained() override { handler_->on_drained(); }
  void on_closed(const Error& reason) override;

  std::unique_ptr<io::Stream> inner_;
  io::StreamHandler* handler_ = nullptr;
  io::Endpoint remote_;
  bool header_done_ = false;
  std::optional<Error> refusal_;  ///< Why we closed it.
};

}  // namespace ogive::remoting
