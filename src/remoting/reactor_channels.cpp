#include "remoting/reactor_channels.h"

#include <fmt/core.h>

#include "base/log.h"
#include "protocol/codes.h"

namespace ogive::remoting {
namespace {

/// First client version (MQVersion ordinal of V5_3_1) that reconnects elsewhere on GO_AWAY.
constexpr std::int32_t kGoAwayAfterVersion = 475;

Message draining_answer(const protocol::Frame& frame) {
  if (frame.version > kGoAwayAfterVersion) return Message(protocol::response_code::kGoAway, "please go away");
  return Message(protocol::response_code::kSystemBusy, "the server is shutting down; send to another one or retry");
}

Message busy_answer() {
  return Message(protocol::response_code::kSystemBusy,
                 "[OVERLOAD]system busy, the queue of requests that may block is full; retry");
}

Message guarded(const Answer& answer, const Request& request) {
  // A handler reports by value; what still throws (out of memory, a library) must not take the server down.
  try {
    return answer(request);
  } catch (const std::exception& error) {
    OGIVE_LOG(error, "remoting", "request code {} failed: {}", request.frame.code, error.what());
    return Message(protocol::response_code::kSystemError, error.what());
  }
}

}  // namespace

ReactorChannels::ReactorChannels(Server& server, std::uint32_t reactor)
    : server_(server), reactor_(reactor), executor_(server.reactor(reactor)), owed_(executor_) {}

ReactorChannels::~ReactorChannels() = default;

void ReactorChannels::add(std::unique_ptr<io::Stream> stream, const HandlerTable& table) {
  std::uint32_t index;
  if (free_.empty()) {
    index = static_cast<std::uint32_t>(slots_.size());
    slots_.emplace_back();
  } else {
    index = free_.back();
    free_.pop_back();
  }
  Slot& slot = slots_[index];
  const ChannelId id{reactor_, index, next_generation_++};
  slot.table = &table;
  slot.channel = std::make_unique<Channel>(id, executor_, std::move(stream), *this, server_.options_.limits);
  schedule_sweep();
  slot.channel->start();
}

Channel* ReactorChannels::find(ChannelId id) {
  if (id.slot >= slots_.size()) return nullptr;
  Channel* channel = slots_[id.slot].channel.get();
  return channel != nullptr && channel->id() == id ? channel : nullptr;
}

void ReactorChannels::close_all() {
  for (Slot& slot : slots_) {
    if (slot.channel) slot.channel->close("the server is shutting down");
  }
}

void ReactorChannels::on_request(Channel& channel, const protocol::Frame& frame) {
  const ReplyTo to{channel.id(), frame.opaque, frame.serialization, frame.is_one_way()};
  if (server_.draining_.load(std::memory_order_relaxed)) [[unlikely]] {
    channel.reply(to, draining_answer(frame));
    return;
  }
  const HandlerRow* row = slots_[channel.id().slot].table->find(frame.code);
  if (row == nullptr) [[unlikely]] {
    channel.reply(to, Message(protocol::response_code::kRequestCodeNotSupported,
                              fmt::format(" request type {} not supported", frame.code)));
    return;
  }
  if (row->lane == Lane::kBlocking) {
    run_blocking(*row, channel, frame, to);
    return;
  }
  const Request request{frame, to, channel.remote(), channel.local(), &channel};
  if (const auto* later = std::get_if<AnswerLater>(&row->handler)) {
    (*later)(request);
  } else {
    channel.reply(to, guarded(std::get<Answer>(row->handler), request));
  }
}

void ReactorChannels::run_blocking(const HandlerRow& row, Channel& channel, const protocol::Frame& frame,
                                   const ReplyTo& to) {
  /// The request outlives its connection: everything it views is copied into one string.
  struct Copy {
    explicit Copy(const protocol::Frame& from) : frame(from) {
      std::size_t size = from.remark.size() + from.body.size();
      for (const auto& field : from.fields) size += field.name.size() + field.value.size();
      bytes.reserve(size);
      frame.remark = keep(from.remark);
      for (auto& field : frame.fields) field = {keep(field.name), keep(field.value)};
      frame.body = as_bytes(keep(as_chars(from.body)));
    }
    std::string_view keep(std::string_view text) {
      const std::size_t begin = bytes.size();
      bytes += text;
      return std::string_view(bytes).substr(begin, text.size());
    }
    std::string bytes;
    protocol::Frame frame;
    io::Endpoint remote, local;
  };
  auto copy = std::make_unique<Copy>(frame);
  copy->remote = channel.remote();
  copy->local = channel.local();
  Status posted = server_.blocking_.post([this, &row, to, copy = std::move(copy)] {
    const Request request{copy->frame, to, copy->remote, copy->local, nullptr};
    executor_.post([this, to, answer = guarded(std::get<Answer>(row.handler), request)] {
      if (Channel* found = find(to.channel)) found->reply(to, answer);
      owed_.settle();
    });
  });
  if (posted) {
    owed_.add();
  } else {
    channel.reply(to, busy_answer());
  }
}

void ReactorChannels::on_channel_closed(Channel& channel, const Error& reason) {
  const ChannelId id = channel.id();
  OGIVE_LOG(debug, "remoting", "connection of {} closed: {}", channel.remote().to_string(), reason.message());
  if (server_.close_listener_) server_.close_listener_(id, channel.remote());
  slots_[id.slot].channel.reset();
  free_.push_back(id.slot);
  server_.connections_.fetch_sub(1, std::memory_order_relaxed);
}

void ReactorChannels::schedule_sweep() {
  if (sweep_timer_ != io::TimerId() || server_.options_.limits.idle_timeout <= Milliseconds(0)) return;
  sweep_timer_ = executor_.run_after(server_.options_.limits.idle_timeout / 4, [this] {
    sweep_timer_ = io::TimerId();
    sweep_idle();
  });
}

void ReactorChannels::sweep_idle() {
  const std::int64_t limit = executor_.clock().monotonic_ms() - server_.options_.limits.idle_timeout.count();
  for (Slot& slot : slots_) {
    if (slot.channel && slot.channel->idle_since(limit)) slot.channel->close("idle");
  }
  if (free_.size() < slots_.size()) schedule_sweep();
}

}  // namespace ogive::remoting
