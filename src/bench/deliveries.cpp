#include "bench/deliveries.h"

#include <fmt/core.h>

#include <charconv>

#include "message/properties.h"
#include "message/record.h"
#include "protocol/codes.h"
#include "protocol/header.h"

namespace ogive::bench {
namespace {

namespace code = protocol::response_code;

constexpr Milliseconds kConnectTimeout{5'000};

// When the message was due: the last digits of its unique key.
bool read_due(std::string_view properties, std::int64_t& due_ns) {
  const auto key = message::find_property(properties, message::property::kUniqueKey);
  if (!key || key->size() < RequestTemplate::kHexPlace.size()) return false;
  const std::string_view digits = key->substr(key->size() - RequestTemplate::kHexPlace.size());
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), due_ns, 16);
  return error == std::errc() && end == digits.data() + digits.size();
}

}  // namespace

/// One consumer group's connection. The slot of a poll is its queue.
class Deliveries::Group final : public io::StreamHandler {
 public:
  Group(Deliveries& owner, unsigned index, std::unique_ptr<io::Stream> stream)
      : owner_(owner), stream_(std::move(stream)) {
    for (unsigned queue = 0; queue < owner_.options_.queues; ++queue) {
      polls_.push_back(poll_request(owner_.options_, queue, index));
    }
  }

  void begin() {
    stream_->start(*this);
    for (std::size_t queue = 0; queue < polls_.size(); ++queue) {
      const LoadedQueue& loaded = owner_.queues_[queue];
      poll(queue, loaded.begin + loaded.count);
    }
    stream_->write(out_);
  }
  void stop() { stream_.reset(); }

  Consumed on_data(ByteView data) override {
    const std::int64_t now = owner_.executor_.clock().monotonic_ns();
    std::size_t used = 0, wanted = 0;
    while (used < data.size()) {
      const ByteView rest = data.subspan(used);
      const auto size = protocol::frame_size(rest);
      if (!size) {
        owner_.fail_with(size.error());
        return {data.size(), 0};
      }
      wanted = *size;
      if (wanted == 0 || wanted > rest.size()) break;
      wanted = 0;
      if (Status taken = take(rest.first(*size), now); !taken) {
        owner_.fail_with(taken.error());
        return {data.size(), 0};
      }
      used += *size;
    }
    if (!out_.empty() && stream_) stream_->write(out_);
    return {used, wanted};
  }
  void on_drained() override {}
  void on_closed(const Error& reason) override { owner_.fail_with(reason); }

 private:
  void poll(std::size_t queue, std::uint64_t offset) {
    polls_[queue].write(out_, static_cast<std::int32_t>(queue), offset);
  }

  Status take(ByteView bytes, std::int64_t now) {
    OGIVE_TRY(frame_.decode(bytes));
    const std::int64_t queue = std::int64_t{frame_.opaque} - RequestTemplate::kFirstOpaque;
    std::int64_t next = 0;
    if (queue < 0 || queue >= static_cast<std::int64_t>(polls_.size())) {
      return fail(Errc::kCorrupt, fmt::format("a reply has opaque {}, which was never sent", frame_.opaque));
    }
    const bool nothing = is_empty_pull(frame_.code);
    if ((frame_.code != code::kSuccess && !nothing) ||
        !protocol::detail::parse_field(frame_.find("nextBeginOffset").value_or(""), next)) {
      return fail(Errc::kInvalidArgument,
                  fmt::format("a poll was refused with code {}: {}", frame_.code, frame_.remark));
    }
    for (ByteView rest = frame_.body; !rest.empty();) {
      const auto record = message::decode_record(rest);
      if (!record) return fail(record.error());
      owner_.note(*record, now);
      rest = rest.subspan(record->whole.size());
    }
    if (owner_.measuring_) owner_.result_.bytes += bytes.size();
    poll(static_cast<std::size_t>(queue), static_cast<std::uint64_t>(next));
    return {};
  }

  Deliveries& owner_;
  std::unique_ptr<io::Stream> stream_;
  std::vector<RequestTemplate> polls_;  ///< By queue.
  protocol::Frame frame_;
  io::OutBuffer out_;
};

Deliveries::Deliveries(io::Network& network, io::Executor& executor, const BenchOptions& options,
                       std::vector<LoadedQueue> queues)
    : network_(network), executor_(executor), options_(options), queues_(std::move(queues)), groups_(options.groups) {}

Deliveries::~Deliveries() {
  *alive_ = false;
}

void Deliveries::start(std::function<void()> ready, Failed failed) {
  ready_ = std::move(ready);
  failed_ = std::move(failed);
  for (unsigned i = 0; i < options_.groups; ++i) {
    network_.connect(executor_, options_.server, kConnectTimeout,
                     [this, alive = alive_, i](Result<std::unique_ptr<io::Stream>> stream) {
                       if (*alive) on_connected(i, std::move(stream));
                     });
  }
}

void Deliveries::on_connected(unsigned index, Result<std::unique_ptr<io::Stream>> stream) {
  if (over_) return;
  if (!stream) return fail_with(stream.error());
  groups_[index] = std::make_unique<Group>(*this, index, std::move(*stream));
  groups_[index]->begin();
  if (!over_ && ++connected_ == options_.groups) ready_();
}

DeliveryResult Deliveries::stop() {
  over_ = true;
  measuring_ = false;
  for (auto& group : groups_) {
    if (group) group->stop();
  }
  return result_;
}

void Deliveries::fail_with(const Error& error) {
  if (over_) return;
  over_ = true;
  measuring_ = false;
  // Posted: a group may be in the middle of a callback.
  executor_.post([this, alive = alive_, error] {
    if (!*alive) return;
    for (auto& group : groups_) {
      if (group) group->stop();
    }
    failed_(error);
  });
}

void Deliveries::note(const message::RecordView& record, std::int64_t now) {
  std::int64_t due_ns = 0;
  if (!measuring_ || !read_due(record.properties, due_ns) || due_ns > now) return;
  ++result_.messages;
  result_.latency_ns.record(static_cast<std::uint64_t>(now - due_ns));
}

}  // namespace ogive::bench
