#include "remoting/proxy_stream.h"

#include "remoting/close_log.h"
#include "remoting/proxy_protocol.h"

namespace ogive::remoting {

ProxyStream::ProxyStream(std::unique_ptr<io::Stream> inner) : inner_(std::move(inner)), remote_(inner_->remote()) {}

void ProxyStream::start(io::StreamHandler& handler) {
  handler_ = &handler;
  inner_->start(*this);
}

io::StreamHandler::Consumed ProxyStream::on_data(ByteView data) {
  if (header_done_) return handler_->on_data(data);
  if (refusal_) return {data.size(), 0};
  const auto header = parse_proxy_header(data);
  if (!header) {
    refusal_ = header.error();
    note_misbehaviour(remote_, *refusal_);
    inner_->close_after_flush(Milliseconds(0));
    return {data.size(), 0};
  }
  if (header->incomplete) return {0, 0};
  header_done_ = true;
  if (header->source) remote_ = *header->source;
  if (header->bytes == data.size()) return {data.size(), 0};
  // The handler may destroy this stream: nothing of it is used after the call.
  const std::size_t header_bytes = header->bytes;
  const Consumed consumed = handler_->on_data(data.subspan(header_bytes));
  return {header_bytes + consumed.bytes, consumed.wanted};
}

void ProxyStream::on_closed(const Error& reason) {
  // A copy: the handler destroys this stream.
  const Error told = refusal_.value_or(reason);
  handler_->on_closed(told);
}

}  // namespace ogive::remoting
