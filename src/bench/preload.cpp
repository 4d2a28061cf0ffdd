#include "bench/preload.h"

#include <fmt/core.h>

#include <algorithm>

#include "protocol/headers/send.h"

namespace ogive::bench {
namespace {

constexpr Milliseconds kPatience{10'000};
constexpr Milliseconds kLookAgain{50};
constexpr unsigned kMostLooks = 1'200;  ///< A minute.

}  // namespace

Preload::Preload(io::Network& network, io::Executor& executor, const BenchOptions& options)
    : executor_(executor),
      options_(options),
      client_(network, executor, {}),
      body_(batch_body(options)),
      loaded_(options.queues) {
  const std::uint64_t batches = (options.preload + options.queues - 1) / options.queues / options.batch;
  per_queue_ = std::max<std::uint64_t>(batches, 1) * options.batch;
}

void Preload::start(Done done) {
  done_ = std::move(done);
  if (options_.preload == 0) return ask_offset(protocol::request_code::kGetMinOffset, &Preload::on_begin);
  send_next();
}

void Preload::send_next() {
  const std::string properties = message_properties(options_);
  remoting::Message message(protocol::request_code::kSendBatchMessage);
  message.field("a", "OGIVE_BENCH");
  message.field("b", std::string_view(options_.topic));
  message.field("c", "TBW102");
  message.field("d", options_.queues);
  message.field("e", queue_);
  message.field("f", 0);
  message.field("g", std::int64_t{1'700'000'000'000});
  message.field("h", 0);
  message.field("i", std::string_view(properties));
  message.field("m", true);
  message.body = body_;
  client_.request(options_.server, std::move(message), kPatience,
                  [this](Result<const protocol::Frame*> reply) { on_reply(std::move(reply)); });
}

void Preload::on_reply(Result<const protocol::Frame*> reply) {
  if (!reply) return done_(fail(reply.error()));
  const protocol::Frame& frame = **reply;
  std::int64_t offset = 0;
  if (frame.code != 0 || !protocol::detail::parse_field(frame.find("queueOffset").value_or(""), offset)) {
    return done_(fail(Errc::kInvalidArgument,
                      fmt::format("storing messages to read was refused with code {}: {}", frame.code, frame.remark)));
  }
  LoadedQueue& loaded = loaded_[queue_];
  if (loaded.count == 0) loaded.begin = static_cast<std::uint64_t>(offset);
  loaded.count += options_.batch;
  if (loaded.count >= per_queue_) ++queue_;
  if (queue_ < options_.queues) return send_next();
  queue_ = 0;
  look();
}

void Preload::ask_offset(std::int32_t code, void (Preload::*take)(std::int64_t)) {
  remoting::Message message(code);
  message.field("topic", std::string_view(options_.topic));
  message.field("queueId", queue_);
  client_.request(options_.server, std::move(message), kPatience, [this, take](Result<const protocol::Frame*> reply) {
    if (!reply) return done_(fail(reply.error()));
    const protocol::Frame& frame = **reply;
    std::int64_t offset = 0;
    if (frame.code != 0 || !protocol::detail::parse_field(frame.find("offset").value_or(""), offset)) {
      return done_(fail(Errc::kInvalidArgument, fmt::format("the offsets of queue {} were refused with code {}: {}",
                                                            queue_, frame.code, frame.remark)));
    }
    (this->*take)(offset);
  });
}

void Preload::on_begin(std::int64_t begin) {
  loaded_[queue_].begin = static_cast<std::uint64_t>(begin);
  ask_offset(protocol::request_code::kGetMaxOffset, &Preload::on_end);
}

void Preload::on_end(std::int64_t end) {
  LoadedQueue& loaded = loaded_[queue_];
  loaded.count = static_cast<std::uint64_t>(end) - std::min(loaded.begin, static_cast<std::uint64_t>(end));
  if (loaded.count < options_.batch) {
    return done_(fail(Errc::kInvalidArgument, fmt::format("queue {} of topic {} holds {} messages, fewer than a batch",
                                                          queue_, options_.topic, loaded.count)));
  }
  if (++queue_ < options_.queues) return ask_offset(protocol::request_code::kGetMinOffset, &Preload::on_begin);
  done_(std::move(loaded_));
}

void Preload::on_seen(std::int64_t end) {
  const LoadedQueue& loaded = loaded_[queue_];
  if (static_cast<std::uint64_t>(end) >= loaded.begin + loaded.count) {
    if (++queue_ < options_.queues) return look();
    return done_(std::move(loaded_));
  }
  if (++looks_ > kMostLooks) {
    return done_(fail(Errc::kTimeout, fmt::format("queue {} ends at {} a minute after messages up to {} were stored",
                                                  queue_, end, loaded.begin + loaded.count)));
  }
  executor_.run_after(kLookAgain, [this, alive = alive_] {
    if (*alive) look();
  });
}

}  // namespace ogive::bench
