#pragma once
// A server and raw connections to it in the simulated world: what the tests of remoting share.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "protocol/codes.h"
#include "remoting/server.h"
#include "testing/sim_node.h"
#include "testing/sim_world.h"

namespace ogive::remoting {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using protocol::Serialization;

// Request codes of the test server; protocol::request_code has none of them.
inline constexpr std::int32_t kEcho = 50'001;          ///< Answers its body.
inline constexpr std::int32_t kBlockingEcho = 50'002;  ///< The same, in the blocking lane.
inline constexpr std::int32_t kLater = 50'003;         ///< Left to the test, see TestServer::asked.
inline constexpr std::int32_t kLarge = 50'004;         ///< Answers as many bytes as the field "size" says.
inline constexpr std::int32_t kThrows = 50'005;

/// One frame's bytes.
inline std::string frame_bytes(std::int32_t code, std::int32_t opaque, std::string_view body = {},
                               Serialization serialization = Serialization::kJson, std::int32_t flag = 0,
                               std::vector<std::pair<std::string, std::string>> fields = {},
                               std::int32_t version = 513) {
  io::OutBuffer out;
  protocol::FrameWriter writer(out, serialization, code, opaque, flag, {.language = 0, .version = version});
  for (const auto& [name, value] : fields) writer.field(name, std::string_view(value));
  writer.finish(body);
  std::string bytes;
  std::vector<ByteView> pieces(16);
  const std::size_t count = out.peek(pieces);
  for (std::size_t i = 0; i < count; ++i) bytes += as_chars(pieces[i]);
  return bytes;
}

/// What a decoded frame said, kept.
struct Answered {
  std::int32_t code = 0;
  std::int32_t opaque = 0;
  Serialization serialization = Serialization::kJson;
  std::string remark;
  std::string body;
};

/// A connection that sends bytes and takes frames.
class RawPeer final : public io::StreamHandler {
 public:
  RawPeer(sim::SimWorld& world, sim::SimNode& node, const io::Endpoint& to) : world_(world), node_(node) {
    node.network().connect(node.reactor(), to, 3s, [this](Result<std::unique_ptr<io::Stream>> stream) {
      if (!stream) {
        closed = stream.error().code();
        return;
      }
      stream_ = std::move(*stream);
      stream_->start(*this);
    });
    world.run_until([this] { return stream_ || closed; }, 5s);
  }
  void send(std::string_view bytes) {
    node_.reactor().run_here([&] {
      io::OutBuffer out;
      out.append(bytes);
      if (stream_) stream_->write(out);
    });
  }
  void pause(bool paused) {
    node_.reactor().run_here([&] { stream_->pause_reading(paused); });
  }
  void drop() {
    node_.reactor().run_here([&] { stream_.reset(); });
  }
  bool wait_for(std::size_t frames, Milliseconds limit = 2s) {
    return world_.run_until([&] { return answers.size() >= frames; }, limit);
  }
  bool wait_for_close(Milliseconds limit = 2s) {
    return world_.run_until([&] { return closed.has_value(); }, limit);
  }
  io::Endpoint local() const { return stream_->local(); }

  std::vector<Answered> answers;
  std::size_t bytes_received = 0;
  std::optional<Errc> closed;
  bool take_frames = true;  ///< False: what arrives is no frames, and dropped.

 private:
  Consumed on_data(ByteView data) override {
    std::size_t used = take_frames ? 0 : data.size();
    while (used < data.size()) {
      const auto size = protocol::frame_size(data.subspan(used), 256u << 20);
      EXPECT_TRUE(size.has_value());
      if (!size || *size == 0 || *size > data.size() - used) break;
      protocol::Frame frame;
      EXPECT_TRUE(frame.decode(data.subspan(used, *size)).has_value());
      answers.push_back({frame.code, frame.opaque, frame.serialization, std::string(frame.remark),
                         std::string(as_chars(frame.body))});
      used += *size;
    }
    bytes_received += used;
    return {used, 0};
  }
  void on_drained() override {}
  void on_closed(const Error& reason) override {
    closed = reason.code();
    stream_.reset();
  }

  sim::SimWorld& world_;
  sim::SimNode& node_;
  std::unique_ptr<io::Stream> stream_;
};

/// Passes everything through and counts the calls: how often a server reads and writes.
class CountingUpgrade final : public io::StreamUpgrade {
 public:
  int reads = 0;
  int writes = 0;

  std::unique_ptr<io::Stream> upgrade(io::Executor&, std::unique_ptr<io::Stream> stream, io::StreamSide) override {
    return std::make_unique<Counting>(*this, std::move(stream));
  }

 private:
  class Counting final : public io::Stream, private io::StreamHandler {
   public:
    Counting(CountingUpgrade& counts, std::unique_ptr<io::Stream> inner) : counts_(counts), inner_(std::move(inner)) {}
    void start(io::StreamHandler& handler) override {
      handler_ = &handler;
      inner_->start(*this);
    }
    void write(io::OutBuffer& data) override {
      ++counts_.writes;
      inner_->write(data);
    }
    std::size_t pending_bytes() const override { return inner_->pending_bytes(); }
    void pause_reading(bool paused) override { inner_->pause_reading(paused); }
    void close_after_flush(Milliseconds linger) override { inner_->close_after_flush(linger); }
    const io::Endpoint& local() const override { return inner_->local(); }
    const io::Endpoint& remote() const override { return inner_->remote(); }

   private:
    Consumed on_data(ByteView data) override {
      ++counts_.reads;
      return handler_->on_data(data);
    }
    void on_drained() override { handler_->on_drained(); }
    void on_closed(const Error& reason) override { handler_->on_closed(reason); }

    CountingUpgrade& counts_;
    std::unique_ptr<io::Stream> inner_;
    io::StreamHandler* handler_ = nullptr;
  };
};

/// A node that serves the codes above on its main port and all but kLater on its fast port.
class TestServer {
 public:
  static constexpr std::uint16_t kMainPort = 10'911;
  static constexpr std::uint16_t kFastPort = 10'909;

  TestServer(sim::SimWorld& world, const ServerOptions& options, unsigned reactors = 1)
      : node(world.add_node("server", node_options(reactors))) {
    fill(table_, true);
    fill(fast_table_, false);
    node.run([this, options](sim::SimNode& self) {
      reactors_ = self.reactors();
      auto made = std::make_shared<Server>(self.network(), reactors_, self.tasks(), options);
      made->set_close_listener([this](ChannelId id, const io::Endpoint& remote) { closed.emplace_back(id, remote); });
      auto main_port = self.endpoint(kMainPort);
      EXPECT_TRUE(made->listen(main_port, table_).has_value());
      main_port.port = kFastPort;
      EXPECT_TRUE(made->listen(main_port, fast_table_).has_value());
      server = made.get();
      return made;
    });
    world.run_for(1ms);
  }

  io::Endpoint endpoint() const { return node.endpoint(kMainPort); }
  io::Endpoint fast_endpoint() const { return node.endpoint(kFastPort); }

  sim::SimNode& node;
  Server* server = nullptr;
  std::vector<ReplyTo> asked;         ///< Requests of kLater.
  std::vector<io::Endpoint> remotes;  ///< As kEcho saw its peers.
  std::vector<std::pair<ChannelId, io::Endpoint>> closed;

 private:
  static sim::NodeOptions node_options(unsigned reactors) {
    sim::NodeOptions options;
    options.reactors = reactors;
    return options;
  }
  void fill(HandlerTable& table, bool main) {
    const Answer echo = [this](const Request& request) {
      remotes.push_back(request.remote);
      Message answer(protocol::response_code::kSuccess);
      answer.body = as_chars(request.frame.body);
      return answer;
    };
    table.add({.code = kEcho, .name = "ECHO", .lane = Lane::kReactor, .handler = echo});
    table.add({.code = kBlockingEcho, .name = "BLOCKING_ECHO", .lane = Lane::kBlocking, .handler = echo});
    table.add({.code = kLarge,
               .name = "LARGE",
               .lane = Lane::kReactor,
               .handler = Answer([](const Request& request) {
                 Message answer(protocol::response_code::kSuccess);
                 answer.body.assign(std::stoul(std::string(*request.frame.find("size"))), 'x');
                 return answer;
               })});
    table.add(
        {.code = kThrows, .name = "THROWS", .lane = Lane::kReactor, .handler = Answer([](const Request&) -> Message {
                                                                      throw std::runtime_error("a handler failed");
                                                                    })});
    if (!main) return;
    table.add({.code = kLater,
               .name = "LATER",
               .lane = Lane::kReactor,
               .handler = AnswerLater([this](const Request& request) { asked.push_back(request.reply_to); })});
  }

  HandlerTable table_, fast_table_;
  std::vector<io::Executor*> reactors_;
};

/// Links that neither split nor stall, for tests that count reads and writes.
inline void use_smooth_links(sim::SimWorld& world) {
  sim::LinkOptions smooth;
  smooth.split_percent = 0;
  smooth.busy_socket_percent = 0;
  world.internet().set_default_link(smooth);
}

}  // namespace ogive::remoting
