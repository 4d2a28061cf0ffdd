#include "bench/relay.h"

#include <algorithm>
#include <cstring>
#include <deque>
#include <utility>

namespace ogive::bench {
namespace {

constexpr Milliseconds kConnectTimeout{5'000};
constexpr std::size_t kMaxUnderWay = 256u << 20;  ///< Of one direction; above it nothing more is read.
constexpr std::int64_t kNsPerMs = 1'000'000;

/// One direction of a cable: what it reads, the other end writes when it is due.
class End final : public io::StreamHandler {
 public:
  End(io::Executor& executor, std::unique_ptr<io::Stream> stream, Milliseconds delay, std::function<void()> on_end)
      : executor_(executor), stream_(std::move(stream)), delay_(delay), on_end_(std::move(on_end)) {}
  ~End() override { executor_.cancel(timer_); }

  void start(End& other) {
    other_ = &other;
    stream_->start(*this);
  }

 private:
  struct Chunk {
    std::int64_t due_ns;
    std::shared_ptr<std::byte[]> bytes;
    std::size_t size;
  };

  Consumed on_data(ByteView data) override {
    auto bytes = std::make_shared_for_overwrite<std::byte[]>(data.size());
    if (!data.empty()) std::memcpy(bytes.get(), data.data(), data.size());
    chunks_.push_back({executor_.clock().monotonic_ns() + delay_.count() * kNsPerMs, std::move(bytes), data.size()});
    under_way_ += data.size();
    if (timer_ == io::TimerId()) pass_on();
    stream_->pause_reading(under_way_ > kMaxUnderWay);
    return {data.size(), 0};
  }
  void on_drained() override {}
  void on_closed(const Error&) override { on_end_(); }

  /// Writes what is due, and comes back for the rest.
  void pass_on() {
    const std::int64_t soon_ns = executor_.clock().monotonic_ns() + kNsPerMs / 2;
    io::OutBuffer out;
    for (; !chunks_.empty() && chunks_.front().due_ns <= soon_ns; chunks_.pop_front()) {
      Chunk& chunk = chunks_.front();
      out.append_shared(chunk.bytes, {chunk.bytes.get(), chunk.size});
      under_way_ -= chunk.size;
    }
    if (!out.empty()) other_->stream_->write(out);
    if (chunks_.empty()) return;
    const std::int64_t left_ns = chunks_.front().due_ns - soon_ns;
    timer_ = executor_.run_after(Milliseconds((left_ns + kNsPerMs - 1) / kNsPerMs), [this] {
      timer_ = io::TimerId();
      pass_on();
      stream_->pause_reading(under_way_ > kMaxUnderWay);
    });
  }

  io::Executor& executor_;
  std::unique_ptr<io::Stream> stream_;
  const Milliseconds delay_;
  std::function<void()> on_end_;
  End* other_ = nullptr;
  std::deque<Chunk> chunks_;
  std::size_t under_way_ = 0;
  io::TimerId timer_;
};

}  // namespace

class Relay::Cable {
 public:
  Cable(Relay& owner, std::unique_ptr<io::Stream> near, std::unique_ptr<io::Stream> far)
      : near_(owner.executor_, std::move(near), owner.delay_, [this, &owner] { owner.drop(*this); }),
        far_(owner.executor_, std::move(far), owner.delay_, [this, &owner] { owner.drop(*this); }) {}
  void start() {
    near_.start(far_);
    far_.start(near_);
  }

 private:
  End near_;
  End far_;
};

Relay::Relay(io::Network& network, io::Executor& executor, const io::Endpoint& remote, Milliseconds delay)
    : network_(network), executor_(executor), remote_(remote), delay_(delay) {}

Relay::~Relay() = default;

Result<std::unique_ptr<Relay>> Relay::open(io::Network& network, io::Executor& executor, const io::Endpoint& local,
                                           const io::Endpoint& remote, Milliseconds delay) {
  std::unique_ptr<Relay> relay(new Relay(network, executor, remote, delay));
  auto listener = network.listen(
      local, {&executor},
      [raw = relay.get()](io::Executor&, std::unique_ptr<io::Stream> stream) { raw->on_accept(std::move(stream)); });
  if (!listener) return fail(listener.error());
  relay->listener_ = std::move(*listener);
  return relay;
}

void Relay::on_accept(std::unique_ptr<io::Stream> stream) {
  network_.connect(executor_, remote_, kConnectTimeout,
                   [this, near = std::move(stream)](Result<std::unique_ptr<io::Stream>> far) mutable {
                     if (!far) return;  // Closes the near end: its peer learns that nobody is there.
                     cables_.push_back(std::make_unique<Cable>(*this, std::move(near), std::move(*far)));
                     cables_.back()->start();
                   });
}

void Relay::drop(Cable& cable) {
  std::erase_if(cables_, [&cable](const auto& one) { return one.get() == &cable; });
}

}  // namespace ogive::bench
