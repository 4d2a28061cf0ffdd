#pragma once
// Reactors on threads of their own and stream ends that can be waited for: what the tests of the epoll side share.

#include <gtest/gtest.h>

#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "io/epoll_network.h"
#include "io/epoll_reactor.h"
#include "io/network.h"

namespace ogive::io {

/// Far beyond what any step takes: a test that waits so long has failed.
inline constexpr std::chrono::seconds kPatience{20};

/// A reactor with its thread, ended by the destructor.
class RunningReactor {
 public:
  explicit RunningReactor(std::string name = "test") : reactor_(std::move(name)), thread_([this] { reactor_.run(); }) {}
  ~RunningReactor() {
    reactor_.stop();
    thread_.join();
  }
  EpollReactor& operator*() { return reactor_; }
  EpollReactor* operator->() { return &reactor_; }

  /// Runs `work` on the reactor and returns what it returned.
  template <class Work>
  auto call(Work work) {
    std::packaged_task<decltype(work())()> task(std::move(work));
    auto result = task.get_future();
    reactor_.post([&task] { task(); });
    return result.get();
  }

 private:
  EpollReactor reactor_;
  std::thread thread_;
};

/// A value that threads change and the test waits for.
template <class Value>
class Watched {
 public:
  template <class Change>
  void change(Change with) {
    // Told under the lock: whoever waits may destroy this as soon as it knows.
    const std::scoped_lock lock(mutex_);
    with(value_);
    changed_.notify_all();
  }
  /// True when `holds(value)` became true in time.
  template <class Predicate>
  bool wait(Predicate holds) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, [&] { return holds(value_); });
  }
  Value get() {
    const std::scoped_lock lock(mutex_);
    return value_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  Value value_{};
};

/// One end of a connection: collects what arrives. Made and destroyed anywhere, its stream lives on `reactor`.
class StreamEnd final : public StreamHandler {
 public:
  struct Seen {
    std::string received;
    int deliveries = 0;
    int drained = 0;
    std::optional<Errc> closed;
    bool open = false;
  };

  explicit StreamEnd(RunningReactor& reactor) : reactor_(reactor) {}
  ~StreamEnd() override { drop(); }
  StreamEnd(const StreamEnd&) = delete;
  StreamEnd& operator=(const StreamEnd&) = delete;

  /// On the reactor.
  void take(std::unique_ptr<Stream> stream) {
    stream_ = std::move(stream);
    stream_->start(*this);
    seen_.change([](Seen& seen) { seen.open = true; });
  }
  /// Any other thread.
  void send(std::string_view text) {
    reactor_.call([&] {
      OutBuffer out;
      out.append(text);
      if (stream_) stream_->write(out);
    });
  }
  void drop() {
    reactor_.call([this] { stream_.reset(); });
  }
  template <class Work>
  auto with_stream(Work work) {
    return reactor_.call([&] { return work(*stream_); });
  }
  template <class Predicate>
  bool wait(Predicate holds) {
    return seen_.wait(std::move(holds));
  }
  bool wait_for_text(std::string_view text) {
    return wait([&](const Seen& seen) { return seen.received == text; });
  }
  bool wait_for_close() {
    return wait([](const Seen& seen) { return seen.closed.has_value(); });
  }
  Seen seen() { return seen_.get(); }

  /// Replaces the handling of data; set before the stream is taken.
  std::function<Consumed(StreamEnd&, ByteView)> on_bytes;

  Consumed on_data(ByteView data) override {
    if (on_bytes) return on_bytes(*this, data);
    note(data);
    return {data.size(), 0};
  }
  void note(ByteView data) {
    seen_.change([&](Seen& seen) {
      seen.received += as_chars(data);
      ++seen.deliveries;
    });
  }
  void on_drained() override {
    seen_.change([](Seen& seen) { ++seen.drained; });
  }
  void on_closed(const Error& reason) override {
    stream_.reset();
    seen_.change([&](Seen& seen) { seen.closed = reason.code(); });
  }
  void drop_here() { stream_.reset(); }

 private:
  RunningReactor& reactor_;
  std::unique_ptr<Stream> stream_;
  Watched<Seen> seen_;
};

/// A connection through the loopback interface, both ends on one reactor each.
class LoopbackPair : public ::testing::Test {
 protected:
  LoopbackPair() : server_(server_reactor_), client_(client_reactor_) {}
  ~LoopbackPair() override {
    server_reactor_.call([this] { listener_.reset(); });
  }

  static Endpoint any_port() { return *Endpoint::parse("127.0.0.1:0"); }

  void connect() {
    auto listener = network_.listen(any_port(), {&*server_reactor_},
                                    [this](Executor&, std::unique_ptr<Stream> s) { server_.take(std::move(s)); });
    ASSERT_TRUE(listener.has_value()) << listener.error().message();
    listener_ = std::move(*listener);
    network_.connect(*client_reactor_, listener_->local(), Milliseconds(5'000), [this](auto stream) {
      ASSERT_TRUE(stream.has_value()) << stream.error().message();
      client_.take(std::move(*stream));
    });
    ASSERT_TRUE(client_.wait([](const auto& seen) { return seen.open; }));
    ASSERT_TRUE(server_.wait([](const auto& seen) { return seen.open; }));
  }

  RunningReactor server_reactor_{"server"};
  RunningReactor client_reactor_{"client"};
  EpollNetwork network_;
  std::unique_ptr<Listener> listener_;
  StreamEnd server_;
  StreamEnd client_;
};

}  // namespace ogive::io
