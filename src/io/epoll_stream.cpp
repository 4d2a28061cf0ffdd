#include "io/epoll_stream.h"

#include <fmt/core.h>
#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/check.h"
#include "io/socket_address.h"

namespace ogive::io {
namespace {

// So much is copied in front of the receive space to be completed there; more is completed in a buffer of its own, lest
// a large frame arriving in small parts be copied once per part.
constexpr std::size_t kCopiedBytes = 32 << 10;
constexpr std::size_t kFirstKeptCapacity = 256 << 10;
// Far beyond the largest frame: only a handler that neither consumes nor pauses gets here.
constexpr std::size_t kMaxKeptBytes = 64 << 20;
constexpr std::size_t kPiecesPerSend = 64;
// A peer that sends without end must not keep the other connections of its reactor waiting.
constexpr int kReceivesPerTurn = 2;

}  // namespace

std::span<std::byte> KeptBytes::room(std::size_t total) {
  // Grows with what really arrived, not with what the peer announced.
  const std::size_t target = std::min(std::max(total, size_ + 1), std::max(size_ * 2, kFirstKeptCapacity));
  if (capacity_ < target) {
    auto larger = std::make_unique_for_overwrite<std::byte[]>(target);
    if (size_ != 0) std::memcpy(larger.get(), data_.get(), size_);
    data_ = std::move(larger);
    capacity_ = target;
  }
  return {data_.get() + size_, capacity_ - size_};
}

void KeptBytes::keep(ByteView bytes) {
  if (bytes.empty()) {
    data_.reset();
    size_ = capacity_ = 0;
    return;
  }
  if (capacity_ < bytes.size()) {  // Then they are not our own.
    data_ = std::make_unique_for_overwrite<std::byte[]>(bytes.size());
    capacity_ = bytes.size();
  }
  if (data_.get() != bytes.data()) std::memmove(data_.get(), bytes.data(), bytes.size());
  size_ = bytes.size();
}

/// Tells the code after a callback whether the callback destroyed the stream.
class EpollStream::CallbackScope {
 public:
  explicit CallbackScope(EpollStream& stream) : stream_(stream) { stream.destroyed_ = &destroyed_; }
  ~CallbackScope() {
    if (!destroyed_) stream_.destroyed_ = nullptr;
  }
  CallbackScope(const CallbackScope&) = delete;
  CallbackScope& operator=(const CallbackScope&) = delete;
  bool destroyed() const { return destroyed_; }

 private:
  EpollStream& stream_;
  bool destroyed_ = false;
};

EpollStream::EpollStream(EpollReactor& reactor, UniqueFd socket, const Endpoint& remote)
    : reactor_(reactor),
      socket_(std::move(socket)),
      watch_(reactor.watch(socket_.get(), *this)),
      local_(local_endpoint(socket_.get())),
      remote_(remote) {
  set_stream_options(socket_.get());
}

EpollStream::~EpollStream() {
  if (destroyed_ != nullptr) *destroyed_ = true;
  reactor_.cancel(linger_timer_);
  reactor_.unwatch(watch_);
}

void EpollStream::start(StreamHandler& handler) {
  handler_ = &handler;
  if (failure_.has_value()) {
    reactor_.notify(watch_);
  } else {
    update_interest();
  }
}

void EpollStream::update_interest() {
  if (!open()) return;
  const std::uint32_t events = (reading() ? EPOLLIN : 0U) | (waiting() ? EPOLLOUT : 0U);
  if (Status status = reactor_.set_interest(watch_, events); !status) fail_later(std::move(status).error());
}

void EpollStream::on_ready(std::uint32_t events) {
  const CallbackScope scope(*this);
  if ((events & EPOLLOUT) != 0) {
    write_ready();
    if (scope.destroyed() || !open()) return;
  }
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) == 0) return;
  if (reading()) {
    read_ready(scope);
  } else if ((events & (EPOLLHUP | EPOLLERR)) != 0 && open()) {
    // Not reading, and nothing to read either: the connection was reset.
    int os_error = 0;
    socklen_t length = sizeof os_error;
    ::getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &os_error, &length);
    finish(socket_error(os_error != 0 ? os_error : ECONNRESET, "connection lost"));
  }
}

void EpollStream::read_ready(const CallbackScope& scope) {
  const std::span<std::byte> space = reactor_.receive_space();
  for (int round = 0; round < kReceivesPerTurn;) {
    const std::size_t before = kept_.size();
    const bool in_space = before <= kCopiedBytes;
    std::span<std::byte> place;
    if (in_space) {
      if (before != 0) std::memcpy(space.data(), kept_.view().data(), before);
      place = space.subspan(before);
    } else {
      place = kept_.room(wanted_ > before ? wanted_ : before * 2);
    }
    const ssize_t got = ::recv(socket_.get(), place.data(), place.size(), 0);
    if (got < 0) {
      if (errno == EINTR) continue;
      if (errno != EAGAIN) finish(socket_error(errno, "receive failed"));
      return;
    }
    if (got == 0) {
      finish(Error(Errc::kClosed, fmt::format("{} closed the connection", remote_.to_string())));
      return;
    }
    const auto count = static_cast<std::size_t>(got);
    if (!in_space) kept_.added(count);
    if (!deliver(in_space ? ByteView(space.data(), before + count) : kept_.view(), scope)) return;
    // A short read emptied the socket; asking again would only cost a system call.
    if (count < place.size()) return;
    ++round;
  }
}

bool EpollStream::deliver(ByteView data, const CallbackScope& scope) {
  std::size_t consumed = 0;
  if (data.size() >= wanted_) {
    const StreamHandler::Consumed answer = handler_->on_data(data);
    if (scope.destroyed()) return false;
    OGIVE_CHECK_MSG(answer.bytes <= data.size(), "bytes={} size={}", answer.bytes, data.size());
    consumed = answer.bytes;
    wanted_ = answer.wanted;
  }
  kept_.keep(data.subspan(consumed));
  if (kept_.size() > kMaxKeptBytes) {
    fail_later(
        Error(Errc::kLimit, fmt::format("{} bytes from {} were received and not consumed, more than the {} allowed",
                                        kept_.size(), remote_.to_string(), kMaxKeptBytes)));
  }
  return reading();
}

void EpollStream::write(OutBuffer& data) {
  if (!open() || closing_) {
    data.clear();
    return;
  }
  if (!files_.empty()) {
    files_bytes_ += data.size();
    files_.back().behind.splice(data);
    return;
  }
  if (!pending_.empty()) {
    pending_.splice(data);
    return;
  }
  if (Status status = send_some(data); !status) {
    data.clear();
    fail_later(std::move(status).error());
    return;
  }
  if (data.empty()) return;
  pending_.swap(data);
  update_interest();
}

Status EpollStream::write_file(OutBuffer& head, FileRange range) {
  if (range.file->native_handle() < 0) return Stream::write_file(head, std::move(range));
  if (!open() || closing_ || range.size == 0) {
    write(head);
    return {};
  }
  const bool waited = waiting();
  if (files_.empty()) {
    pending_.splice(head);
  } else {
    files_bytes_ += head.size();
    files_.back().behind.splice(head);
  }
  files_bytes_ += range.size;
  files_.push_back({std::move(range), {}});
  if (waited) return {};
  if (Status status = send_waiting(); !status) {
    fail_later(std::move(status).error());
  } else if (waiting()) {
    update_interest();
  }
  return {};
}

// One part of a file at most, so that a peer that takes it as fast as it goes leaves the reactor to others in between.
Status EpollStream::send_waiting() {
  OGIVE_TRY(send_some(pending_, !files_.empty()));
  if (!pending_.empty() || files_.empty()) return {};
  WaitingFile& file = files_.front();
  const std::size_t before = file.range.size;
  OGIVE_TRY(send_some_of(file.range));
  files_bytes_ -= before - file.range.size;
  if (file.range.size > 0) return {};
  files_bytes_ -= file.behind.size();
  pending_.swap(file.behind);
  files_.pop_front();
  return send_some(pending_, !files_.empty());
}

Status EpollStream::send_some_of(FileRange& range) {
  while (range.size > 0) {
    auto offset = static_cast<off_t>(range.offset);
    const ssize_t sent = ::sendfile(socket_.get(), range.file->native_handle(), &offset, range.size);
    if (sent < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN) return {};
      return fail(socket_error(errno, "sending from a file failed"));
    }
    if (sent == 0) {
      return fail(Errc::kCorrupt, fmt::format("a file that was being sent to {} has nothing at offset {}",
                                              remote_.to_string(), range.offset));
    }
    range.offset += static_cast<std::uint64_t>(sent);
    range.size -= static_cast<std::size_t>(sent);
  }
  return {};
}

Status EpollStream::send_some(OutBuffer& data, bool more) {
  const int flags = MSG_NOSIGNAL | (more ? MSG_MORE : 0);
  std::array<ByteView, kPiecesPerSend> views;
  std::array<iovec, kPiecesPerSend> pieces;
  while (!data.empty()) {
    const std::size_t count = data.peek(views);
    std::size_t total = 0;
    for (std::size_t i = 0; i < count; ++i) {
      pieces[i] = iovec{const_cast<std::byte*>(views[i].data()), views[i].size()};
      total += views[i].size();
    }
    ssize_t sent;
    if (count == 1) {
      sent = ::send(socket_.get(), pieces[0].iov_base, pieces[0].iov_len, flags);
    } else {
      msghdr message{};
      message.msg_iov = pieces.data();
      message.msg_iovlen = count;
      sent = ::sendmsg(socket_.get(), &message, flags);
    }
    if (sent < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN) return {};
      return fail(socket_error(errno, "send failed"));
    }
    data.consume(static_cast<std::size_t>(sent));
    if (static_cast<std::size_t>(sent) < total) return {};  // The socket is full.
  }
  return {};
}

void EpollStream::write_ready() {
  if (!waiting()) return;
  if (Status status = send_waiting(); !status) {
    finish(status.error());
    return;
  }
  if (waiting()) return;
  update_interest();
  if (closing_) {
    finish(Error(Errc::kCancelled, fmt::format("closed the connection to {}", remote_.to_string())));
  } else if (handler_ != nullptr) {
    handler_->on_drained();
  }
}

void EpollStream::pause_reading(bool paused) {
  if (paused_ == paused) return;
  paused_ = paused;
  update_interest();
  // What was left over during the pause may be complete frames: no further byte need arrive.
  if (!paused && kept_.size() != 0) reactor_.notify(watch_);
}

void EpollStream::close_after_flush(Milliseconds linger) {
  if (closing_ || !open()) return;
  closing_ = true;
  if (!waiting()) {
    fail_later(Error(Errc::kCancelled, fmt::format("closed the connection to {}", remote_.to_string())));
    return;
  }
  update_interest();
  linger_timer_ = reactor_.run_after(linger, [this] {
    finish(Error(Errc::kTimeout, fmt::format("closed the connection to {} with {} bytes unsent", remote_.to_string(),
                                             pending_bytes())));
  });
}

void EpollStream::on_notify() {
  if (!socket_.valid()) return;
  if (failure_.has_value()) {
    if (handler_ == nullptr && !closing_) return;  // start() asks again.
    const Error reason = *std::exchange(failure_, std::nullopt);
    finish(reason);
    return;
  }
  if (kept_.size() == 0 || !reading()) return;
  const CallbackScope scope(*this);
  deliver(kept_.view(), scope);
}

void EpollStream::drop_waiting() {
  pending_.clear();
  files_.clear();
  files_bytes_ = 0;
}

void EpollStream::fail_later(Error reason) {
  if (failure_.has_value()) return;
  drop_waiting();
  reactor_.set_interest(watch_, 0);
  failure_ = std::move(reason);
  reactor_.notify(watch_);
}

void EpollStream::finish(const Error& reason) {
  if (!socket_.valid()) return;
  // Closing with unread bytes makes the kernel reset the connection and may cost the peer our last reply; so they are
  // taken.
  if (closing_) {
    ::shutdown(socket_.get(), SHUT_WR);
    const std::span<std::byte> space = reactor_.receive_space();
    while (::recv(socket_.get(), space.data(), space.size(), MSG_DONTWAIT) == static_cast<ssize_t>(space.size())) {
    }
  }
  reactor_.cancel(std::exchange(linger_timer_, TimerId()));
  reactor_.unwatch(watch_);
  socket_.reset();
  drop_waiting();
  if (StreamHandler* handler = std::exchange(handler_, nullptr)) handler->on_closed(reason);
}

Error EpollStream::socket_error(int os_error, std::string_view action) const {
  return Error::from_errno(os_error, fmt::format("{}, peer {}", action, remote_.to_string()));
}

}  // namespace ogive::io
