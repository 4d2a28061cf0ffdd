#pragma once
// A TCP connection on a reactor.

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>

#include "io/epoll_reactor.h"
#include "io/network.h"
#include "io/unique_fd.h"

namespace ogive::io {

/// Bytes received and not consumed. Holds no memory while empty, so that idle connections cost none.
class KeptBytes {
 public:
  ByteView view() const { return {data_.get(), size_}; }
  std::size_t size() const { return size_; }
  /// Room for `count` more bytes behind the kept ones, in a buffer for at least `total` bytes in the end.
  std::span<std::byte> room(std::size_t total);
  void added(std::size_t count) { size_ += count; }
  /// Replaces everything by a copy of `bytes`, which may be a part of view().
  void keep(ByteView bytes);

 private:
  std::unique_ptr<std::byte[]> data_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

/// See Stream. One recv per batch of arrivals and one gathered send per write(), unless the socket is full. It must be
/// destroyed on its reactor's thread (or when the reactor no longer runs).
class EpollStream final : public Stream, private Descriptor {
 public:
  EpollStream(EpollReactor& reactor, UniqueFd socket, const Endpoint& remote);
  ~EpollStream() override;

  void start(StreamHandler& handler) override;
  void write(OutBuffer& data) override;
  Status write_file(OutBuffer& head, FileRange range) override;
  std::size_t pending_bytes() const override { return pending_.size() + files_bytes_; }
  void pause_reading(bool paused) override;
  void close_after_flush(Milliseconds linger) override;
  const Endpoint& local() const override { return local_; }
  const Endpoint& remote() const override { return remote_; }

 private:
  class CallbackScope;

  void on_ready(std::uint32_t events) override;
  void on_notify() override;

  bool open() const { return socket_.valid() && !failure_.has_value(); }
  bool reading() const { return handler_ != nullptr && !paused_ && !closing_ && open(); }
  void update_interest();
  void read_ready(const CallbackScope& scope);
  /// Gives `data` to the handler and keeps what it leaves; false when reading must stop (or the stream is gone).
  bool deliver(ByteView data, const CallbackScope& scope);
  /// A part of a file that waits, and what was written behind it.
  struct WaitingFile {
    FileRange range;
    OutBuffer behind;
  };
  bool waiting() const { return !pending_.empty() || !files_.empty(); }
  /// As much of `data` as the socket takes. `more` follows at once.
  Status send_some(OutBuffer& data, bool more = false);
  Status send_some_of(FileRange& range);
  Status send_waiting();
  void write_ready();
  void drop_waiting();
  /// Records why the connection is over; on_closed follows as a posted notice.
  void fail_later(Error reason);
  void finish(const Error& reason);
  Error socket_error(int os_error, std::string_view action) const;

  EpollReactor& reactor_;
  UniqueFd socket_;
  WatchId watch_;
  Endpoint local_;
  Endpoint remote_;
  StreamHandler* handler_ = nullptr;
  OutBuffer pending_;              ///< With files_: not empty exactly while the socket is full.
  std::deque<WaitingFile> files_;  ///< Behind pending_.
  std::size_t files_bytes_ = 0;    ///< Of files_, all of it.
  KeptBytes kept_;
  std::size_t wanted_ = 0;
  bool paused_ = false;
  bool closing_ = false;
  TimerId linger_timer_;
  std::optional<Error> failure_;  ///< Set between the failure and its on_closed.
  bool* destroyed_ = nullptr;     ///< Flag on the stack of the callback under way, raised by the destructor.
};

}  // namespace ogive::io
