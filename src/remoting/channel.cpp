#include "remoting/channel.h"

#include <fmt/core.h>

#include <map>

#include "base/log.h"
#include "remoting/close_log.h"

namespace ogive::remoting {
namespace {

constexpr Milliseconds kCloseLinger{200};

}  // namespace

Channel::Channel(ChannelId id, io::Executor& executor, std::unique_ptr<io::Stream> stream, ChannelOwner& owner,
                 const ChannelLimits& limits)
    : id_(id),
      executor_(executor),
      stream_(std::move(stream)),
      owner_(owner),
      limits_(limits),
      last_activity_ms_(executor.clock().monotonic_ms()) {}

Channel::~Channel() {
  executor_.disarm(*this);
  for (auto& [opaque, pending] : pending_) executor_.cancel(pending.timer);
}

void Channel::start() {
  stream_->start(*this);
}

io::OutBuffer& Channel::output() {
  executor_.at_turn_end(*this, io::TurnPhase::kFlush);
  return out_;
}

void Channel::write_message(const Message& message, protocol::Serialization serialization, std::int32_t opaque,
                            std::int32_t flag) {
  protocol::FrameWriter writer(output(), serialization, message.code, opaque, flag);
  if (!message.remark.empty()) writer.remark(message.remark);
  for (const auto& [name, value] : message.fields) writer.field(name, std::string_view(value));
  if (message.shared_body) {
    writer.finish_with_body_size(message.shared_body->size());
    out_.append_shared(message.shared_body, as_bytes(*message.shared_body));
  } else {
    writer.finish(std::string_view(message.body));
  }
}

void Channel::reply(const ReplyTo& to, const Message& message) {
  if (to.one_way || closing_) return;
  write_message(message, to.serialization, to.opaque, protocol::kResponseFlag);
}

void Channel::request(const Message& message, Milliseconds timeout, ReplyHandler done) {
  if (closing_ || pending_.size() >= limits_.max_pending_requests) {
    const Errc code = closing_ ? Errc::kClosed : Errc::kLimit;
    executor_.post([done = std::move(done), code]() mutable {
      done(fail(code, code == Errc::kClosed ? "the connection is closing"
                                            : "too many requests await a reply on this connection"));
    });
    return;
  }
  const std::int32_t opaque = next_opaque_++;
  const io::TimerId timer = executor_.run_after(timeout, [this, opaque, timeout, code = message.code] {
    finish(opaque, fail(Errc::kTimeout, fmt::format("no reply to request code {} from {} within {} ms", code,
                                                    remote().to_string(), timeout.count())));
  });
  pending_.emplace(opaque, Pending{std::move(done), timer});
  write_message(message, protocol::Serialization::kJson, opaque, 0);
}

void Channel::request_one_way(const Message& message) {
  if (closing_) return;
  write_message(message, protocol::Serialization::kJson, next_opaque_++, protocol::kOneWayFlag);
}

void Channel::finish(std::int32_t opaque, Result<const protocol::Frame*> outcome) {
  auto found = pending_.find(opaque);
  if (found == pending_.end()) return;  // Late: it timed out before.
  ReplyHandler done = std::move(found->second.done);
  executor_.cancel(found->second.timer);
  pending_.erase(found);
  done(std::move(outcome));
}

void Channel::close(std::string_view reason) {
  if (closing_) return;
  closing_ = true;
  OGIVE_LOG(debug, "remoting", "closing {}: {}", remote().to_string(), reason);
  if (!out_.empty()) stream_->write(out_);
  stream_->close_after_flush(kCloseLinger);
}

void Channel::fail_protocol(const Error& error) {
  note_misbehaviour(remote(), error);
  close(error.message());
}

io::StreamHandler::Consumed Channel::on_data(ByteView data) {
  last_activity_ms_ = executor_.clock().monotonic_ms();
  std::size_t used = 0;
  protocol::Frame& frame = owner_.scratch_frame();
  while (!closing_ && used < data.size()) {
    const ByteView rest = data.subspan(used);
    const auto size = protocol::frame_size(rest, limits_.max_frame_bytes);
    if (!size) {
      fail_protocol(size.error());
      break;
    }
    // Whatever comes next is shown to us, though it may not complete the frame: a peer that sends slowly is not idle.
    if (*size == 0 || *size > rest.size()) return {used, 0};
    if (Status decoded = frame.decode(rest.first(*size)); !decoded) {
      fail_protocol(decoded.error());
      break;
    }
    used += *size;
    on_frame(frame);
  }
  return {closing_ ? data.size() : used, 0};
}

void Channel::on_frame(const protocol::Frame& frame) {
  if (frame.is_response()) {
    finish(frame.opaque, &frame);
  } else {
    owner_.on_request(*this, frame);
  }
}

void Channel::on_turn_end() {
  if (closing_) {
    out_.clear();
    return;
  }
  stream_->write(out_);
  const std::size_t pending = stream_->pending_bytes();
  if (pending > limits_.close_output_bytes) {
    fail_protocol(Error(Errc::kLimit, fmt::format("it does not read: {} bytes of replies are waiting, limit {}",
                                                  pending, limits_.close_output_bytes)));
  } else if (pending > limits_.pause_output_bytes && !paused_) {
    paused_ = true;
    stream_->pause_reading(true);
  }
}

void Channel::on_drained() {
  last_activity_ms_ = executor_.clock().monotonic_ms();
  if (!paused_) return;
  paused_ = false;
  stream_->pause_reading(false);
}

void Channel::fail_pending(const Error& error) {
  // In the order they were sent: a hash map's own order differs from process to process.
  std::map<std::int32_t, Pending> pending;
  for (auto& [opaque, waiting] : pending_) pending.emplace(opaque, std::move(waiting));
  pending_.clear();
  for (auto& [opaque, waiting] : pending) {
    executor_.cancel(waiting.timer);
    // Posted: the handler may use or drop this very channel.
    executor_.post([done = std::move(waiting.done), error]() mutable { done(fail(error)); });
  }
}

void Channel::on_closed(const Error& reason) {
  closing_ = true;
  fail_pending(
      Error(Errc::kClosed, fmt::format("connection to {} closed: {}", remote().to_string(), reason.message())));
  owner_.on_channel_closed(*this, reason);
}

}  // namespace ogive::remoting
