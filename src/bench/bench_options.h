#pragma once
// What `ogive bench` is asked to do. Reference: docs/guide/bench.md.

#include <cstdint>
#include <span>
#include <string>

#include "base/error.h"
#include "bench/size_mix.h"
#include "io/network.h"
#include "protocol/frame.h"

namespace ogive::bench {

enum class Task : std::uint8_t { kProduce, kConsume, kDeliver, kRoute, kEcho, kEchoServer, kRelay, kLimits, kMixed };

/// The word that asks for it.
std::string_view task_name(Task task);

struct BenchOptions {
  Task task = Task::kProduce;
  io::Endpoint server;  ///< Where to send to; of an echo server and a relay, where to listen.
  io::Endpoint to;      ///< Relay: where connections are passed on to.
  protocol::Serialization header = protocol::Serialization::kRocketmq;
  unsigned connections = 1;             ///< At most 10,000.
  unsigned in_flight = 1;               ///< Requests a connection has under way; at most 4,096.
  unsigned size = 128;                  ///< Bytes of a message's body, at most; of an echo, of the whole request frame.
  SizeMix sizes = SizeMix::fixed(128);  ///< Of messages sent one by one.
  unsigned batch = 1;                   ///< Messages in a request (produce) or at most in a reply (consume).
  unsigned reply_size = 128;            ///< Bytes of an echo's reply frame.
  unsigned delay_ms = 2;                ///< Relay: how much later everything arrives.
  unsigned seconds = 5;                 ///< Measured time.
  unsigned warm_up = 1;                 ///< Seconds before it.
  unsigned rate = 0;                    ///< Requests a second; 0: as fast as replies come.
  bool asleep = false;                  ///< With a rate: sleeps between the times when requests are due.
  std::string topic = "OgiveBench";
  bool one_way = false;       ///< Produce: no reply is asked for.
  unsigned delay_level = 0;   ///< Of every message; 0: none.
  std::string tag = "TagA";   ///< Empty: messages without a tag.
  bool keys = false;          ///< Every message has a KEYS property of its own.
  unsigned properties = 0;    ///< User properties of every message.
  unsigned consumers = 1;     ///< Mixed: connections that pull.
  unsigned topics = 1;        ///< Produce: topic, and topic-1 to topic-(topics - 1), in turn.
  unsigned queues = 4;        ///< Queue ids 0 to queues - 1 are used in turn.
  unsigned groups = 1;        ///< Deliver: consumer groups, each of which reads everything.
  unsigned preload = 65'536;  ///< Messages stored before a consume, all queues together; 0: the queues' own.
  int server_pid = 0;         ///< Process whose CPU and memory are reported; 0 = none.
  std::string directory;      ///< Limits: where files are made.
  std::string html;           ///< File for the report as a page; empty: none.
  bool progress = false;      ///< Lines while it runs, even where nobody watches.
  bool json = false;
  bool help = false;
};

/// `words` begins with the task. kInvalidArgument names the word and what may stand there.
Result<BenchOptions> parse_bench_options(std::span<const std::string> words);
/// Usage and table of options, each line ended.
std::string bench_help();

}  // namespace ogive::bench
