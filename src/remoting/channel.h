#pragma once
// One connection speaking remoting frames, either way round: requests in, replies out, and our own requests with their
// replies. Used by the server for accepted connections and by the client for its own. docs/internals/remoting.md.

#include <absl/container/flat_hash_map.h>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "io/executor.h"
#include "io/network.h"
#include "protocol/frame.h"

namespace ogive::remoting {

/// Names a channel for as long as it lives and is never reused by another: safe to keep, copy and send between threads.
struct ChannelId {
  std::uint32_t reactor = 0;
  std::uint32_t slot = 0;
  std::uint64_t generation = 0;  ///< 0 names no channel.
  bool operator==(const ChannelId&) const = default;
  template <class H>
  friend H AbslHashValue(H state, const ChannelId& id) {
    return H::combine(std::move(state), id.reactor, id.slot, id.generation);
  }
};

/// Where an answer goes. A small value: handlers that answer later keep it.
struct ReplyTo {
  ChannelId channel;
  std::int32_t opaque = 0;
  protocol::Serialization serialization = protocol::Serialization::kJson;
  bool one_way = false;  ///< Nothing is ever sent, errors included.
};

/// An owned message, request or response, for everything off the hot path.
struct Message {
  std::int32_t code = 0;
  std::string remark;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;
  std::shared_ptr<const std::string> shared_body;  ///< Sent instead of body when set: cached, shared by many replies.

  Message() = default;
  explicit Message(std::int32_t message_code, std::string text = {}) : code(message_code), remark(std::move(text)) {}

  // The sink interface of protocol::encode_header.
  void field(std::string_view name, std::string_view value) { fields.emplace_back(name, value); }
  void field(std::string_view name, const char* value) { fields.emplace_back(name, value); }
  template <std::integral Number>
  void field(std::string_view name, Number value) {
    if constexpr (std::is_same_v<Number, bool>) {
      fields.emplace_back(name, value ? "true" : "false");
    } else {
      fields.emplace_back(name, std::to_string(value));
    }
  }
};

/// A reply as its waiter sees it: a decoded frame, valid during the call only.
using ReplyHandler = std::move_only_function<void(Result<const protocol::Frame*>)>;

struct ChannelLimits {
  std::size_t max_frame_bytes = protocol::kMaxFrameBytes;
  std::size_t pause_output_bytes = 8u << 20;    ///< Above it we stop reading from the peer until it reads from us.
  std::size_t close_output_bytes = 128u << 20;  ///< Above it the peer is cut off.
  std::size_t max_pending_requests = 65'536;    ///< Our own requests awaiting replies.
  Milliseconds idle_timeout{120'000};           ///< A connection silent for so long is closed; 0 = never.
};

class Channel;

/// What owns channels: gets their requests and their end. Called on the channel's executor.
class ChannelOwner {
 public:
  virtual ~ChannelOwner() = default;
  /// `frame` is valid during the call only.
  virtual void on_request(Channel& channel, const protocol::Frame& frame) = 0;
  /// Last call for this channel; the owner destroys it here or later.
  virtual void on_channel_closed(Channel& channel, const Error& reason) = 0;
  /// Decoding scratch shared by the channels of one executor.
  virtual protocol::Frame& scratch_frame() = 0;
};

/// All calls on the executor the stream lives on. Replies of one turn leave in one write at its end.
class Channel final : private io::StreamHandler, private io::TurnHook {
 public:
  Channel(ChannelId id, io::Executor& executor, std::unique_ptr<io::Stream> stream, ChannelOwner& owner,
          const ChannelLimits& limits);
  ~Channel() override;
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  /// Begins reading. Separate from construction so that the owner knows the channel before its first request.
  void start();

  ChannelId id() const { return id_; }
  io::Executor& executor() { return executor_; }
  const io::Endpoint& local() const { return stream_->local(); }
  /// The peer, or what a PROXY header said of it.
  const io::Endpoint& remote() const { return stream_->remote(); }
  bool closing() const { return closing_; }

  /// Where the next frame is to be written; it leaves at the end of the turn.
  io::OutBuffer& output();
  void reply(const ReplyTo& to, const Message& message);
  /// Sends a request; `done` gets the reply, kTimeout, kClosed or kLimit. Always called later, never from inside.
  void request(const Message& message, Milliseconds timeout, ReplyHandler done);
  void request_one_way(const Message& message);

  /// Sends what is pending, then closes; the owner hears of it by on_channel_closed.
  void close(std::string_view reason);
  /// Ends every request that still waits with `error`, by posts; for an owner that drops a closing channel.
  void fail_pending(const Error& error);
  bool idle_since(std::int64_t monotonic_ms) const { return last_activity_ms_ <= monotonic_ms; }

 private:
  struct Pending {
    ReplyHandler done;
    io::TimerId timer;
  };

  Consumed on_data(ByteView data) override;
  void on_drained() override;
  void on_closed(const Error& reason) override;
  void on_turn_end() override;

  void on_frame(const protocol::Frame& frame);
  void write_message(const Message& message, protocol::Serialization serialization, std::int32_t opaque,
                     std::int32_t flag);
  void fail_protocol(const Error& error);
  void finish(std::int32_t opaque, Result<const protocol::Frame*> outcome);

  const ChannelId id_;
  io::Executor& executor_;
  std::unique_ptr<io::Stream> stream_;
  ChannelOwner& owner_;
  const ChannelLimits& limits_;
  io::OutBuffer out_;
  absl::flat_hash_map<std::int32_t, Pending> pending_;
  std::int32_t next_opaque_ = 1;
  std::int64_t last_activity_ms_ = 0;
  bool closing_ = false;
  bool paused_ = false;
};

}  // namespace ogive::remoting
