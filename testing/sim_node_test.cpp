#include "testing/sim_node.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace ogive::sim {
namespace {

using std::chrono_literals::operator""ms;

/// A tiny durable service: every message is appended to a file, synced on the flusher and then acknowledged.
struct Recorder {
  struct Session : io::StreamHandler {
    Session(Recorder& owner_, std::unique_ptr<io::Stream> opened) : owner(owner_), stream(std::move(opened)) {
      stream->start(*this);
    }
    Consumed on_data(ByteView data) override {
      owner.append(*this, std::string(as_chars(data)));
      return {data.size(), 0};
    }
    void on_drained() override {}
    void on_closed(const Error&) override { stream.reset(); }
    Recorder& owner;
    std::unique_ptr<io::Stream> stream;
  };

  explicit Recorder(SimNode& on) : node(on) {
    file = std::move(node.files().open("/log", io::OpenMode::kCreate)).value();
    end = file->size().value();
    EXPECT_TRUE(file->sync_data() && node.files().sync_directory("/"));
    listener =
        std::move(node.network().listen(node.endpoint(1), node.reactors(),
                                        [this](io::Executor&, std::unique_ptr<io::Stream> stream) {
                                          sessions.push_back(std::make_unique<Session>(*this, std::move(stream)));
                                        }))
            .value();
  }
  ~Recorder() {
    // What a destructor of a dead process writes must never reach the disk.
    (void)file->write_at(0, as_bytes("destroyed"));
  }
  void append(Session& session, const std::string& text) {
    if (!file->write_at(end, as_bytes(text))) return;
    end += text.size();
    node.flusher().post([this, &session, count = text.size()] {
      if (!file->sync_data()) return;
      node.reactor().post([&session, count] {
        if (session.stream == nullptr) return;
        io::OutBuffer out;
        out.append(std::string(count, '.'));
        session.stream->write(out);
      });
    });
  }

  SimNode& node;
  std::unique_ptr<io::File> file;
  std::uint64_t end = 0;
  std::unique_ptr<io::Listener> listener;
  std::vector<std::unique_ptr<Session>> sessions;
};

/// Sends letters one by one; counts acknowledged ones.
struct Sender : io::StreamHandler {
  explicit Sender(SimNode& node, const io::Endpoint& to) {
    node.network().connect(node.reactor(), to, 1000ms, [this](Result<std::unique_ptr<io::Stream>> opened) {
      if (!opened) return;
      stream = std::move(*opened);
      stream->start(*this);
      send();
    });
  }
  void send() {
    io::OutBuffer out;
    out.append(std::string(1, static_cast<char>('a' + sent++ % 26)));
    stream->write(out);
  }
  Consumed on_data(ByteView data) override {
    acknowledged += data.size();
    send();
    return {data.size(), 0};
  }
  void on_drained() override {}
  void on_closed(const Error& reason) override { closed = reason.code(); }
  std::unique_ptr<io::Stream> stream;
  std::uint64_t sent = 0;
  std::uint64_t acknowledged = 0;
  std::optional<Errc> closed;
};

std::string log_of(SimNode& node) {
  return io::read_file(node.files(), "/log", 1 << 20).value();
}

SimNode::Program recorder() {
  return [](SimNode& node) { return std::make_shared<Recorder>(node); };
}

TEST(SimNode, AKillDropsTasksAndTimersAndClosesSockets) {
  SimWorld world(1);
  SimNode& server = world.add_node("server");
  SimNode& client = world.add_node("client");
  server.run(recorder());
  world.run_for(1ms);
  Sender sender(client, server.endpoint(1));
  bool ran = false;
  server.reactor().run_after(500ms, [&] { ran = true; });
  world.run_for(100ms);
  EXPECT_GT(sender.acknowledged, 5U);
  server.kill();
  world.run_for(1000ms);
  EXPECT_FALSE(ran);
  EXPECT_EQ(sender.closed, Errc::kClosed);
}

TEST(SimNode, WhatAProcessWroteSurvivesItsKillAndNothingComesAfter) {
  SimWorld world(1);
  SimNode& server = world.add_node("server");
  SimNode& client = world.add_node("client");
  server.run(recorder());
  world.run_for(1ms);
  Sender sender(client, server.endpoint(1));
  world.run_for(100ms);
  server.restart();
  world.run_for(1ms);
  const std::string log = log_of(server);
  EXPECT_GE(log.size(), sender.acknowledged);
  EXPECT_TRUE(log.starts_with("abcdef")) << log;
}

TEST(SimNode, PowerLossIsSilentUntilTheMachineIsBack) {
  SimWorld world(1);
  SimNode& server = world.add_node("server");
  SimNode& client = world.add_node("client");
  server.run(recorder());
  world.run_for(1ms);
  Sender sender(client, server.endpoint(1));
  world.run_for(100ms);
  server.power_loss();
  world.run_for(5000ms);
  EXPECT_FALSE(sender.closed.has_value());
  server.restart();
  client.reactor().run_here([&] { sender.send(); });
  world.run_for(100ms);
  EXPECT_EQ(sender.closed, Errc::kClosed);
}

TEST(SimNode, AcknowledgedMeansDurableAtEveryCrashPoint) {
  std::uint64_t acknowledged = 0;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    SCOPED_TRACE(seed);
    SimWorld world(seed);
    SimNode& server = world.add_node("server");
    SimNode& client = world.add_node("client");
    server.run(recorder());
    world.run_for(1ms);
    Sender sender(client, server.endpoint(1));
    const bool power = world.random().chance(50);
    server.kill_at_disk_change(1 + world.random().below(60), power);
    world.run_until([&] { return !server.alive(); }, 1000ms);
    ASSERT_FALSE(server.alive());
    world.run_for(10ms);
    server.disk().watch({});
    server.restart();
    world.run_for(1ms);
    const std::string log = log_of(server);
    ASSERT_GE(log.size(), sender.acknowledged);
    for (std::uint64_t i = 0; i < sender.acknowledged; ++i) ASSERT_EQ(log[i], static_cast<char>('a' + i % 26));
    acknowledged += sender.acknowledged;
  }
  EXPECT_GT(acknowledged, 5000U);
}

std::uint64_t busy_run(std::uint64_t seed) {
  SimWorld world(seed);
  SimNode& server = world.add_node("server");
  SimNode& client = world.add_node("client");
  server.run(recorder());
  world.run_for(1ms);
  Sender sender(client, server.endpoint(1));
  world.after(20ms, [&] { world.internet().partition({"client"}, {"server"}); });
  world.after(60ms, [&] { world.internet().heal(); });
  world.after(90ms, [&] { server.restart(); });
  world.run_for(200ms);
  world.mix(sender.acknowledged);
  return world.trace_hash();
}

TEST(SimNode, AClusterRunReplaysFromItsSeed) {
  EXPECT_EQ(busy_run(11), busy_run(11));
  EXPECT_NE(busy_run(11), busy_run(12));
}

TEST(SimTaskPool, RunsTasksOnItsThreadsAndRefusesWhenFull) {
  SimWorld world(1);
  SimNode& node = world.add_node("a");
  SimTaskPool pool(world, {&node.background()}, 2);
  int ran = 0;
  ASSERT_TRUE(pool.post([&] { ran += node.background().on_own_thread() ? 1 : 0; }));
  ASSERT_TRUE(pool.post([&] { ++ran; }));
  EXPECT_EQ(pool.post([] {}).error().code(), Errc::kLimit);
  world.run_until_idle();
  EXPECT_EQ(ran, 2);
  EXPECT_EQ(pool.waiting(), 0U);
}

}  // namespace
}  // namespace ogive::sim
