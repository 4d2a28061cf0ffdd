#include "bench/instructions/server_load.h"

#include <stdlib.h>

#include <filesystem>

#include "base/check.h"
#include "bench/instructions/counted.h"
#include "bench/request_template.h"

namespace ogive::bench {

std::string scratch_directory() {
  std::string path = (std::filesystem::exists("/dev/shm") ? "/dev/shm" : "/tmp") + std::string("/ogive-count-XXXXXX");
  OGIVE_CHECK_MSG(::mkdtemp(path.data()) != nullptr, "no directory can be made at {}", path);
  return path;
}

Stage::Stage() : directory(scratch_directory()) {}

Stage::~Stage() {
  std::filesystem::remove_all(directory);
}

void Stage::settle() {
  clock.advance(Milliseconds(1));
  do {
    reactor.settle();
    others.settle();
  } while (!reactor.idle() || !others.idle());
}

ServerLoad::ServerLoad(Stage& stage, std::uint16_t port, unsigned connections, unsigned in_flight)
    : stage_(stage), in_flight_(in_flight) {
  for (unsigned i = 0; i < connections; ++i) streams_.push_back(&stage.network.open(port));
}

std::vector<std::string> ServerLoad::next_requests(Workload& workload) {
  std::vector<std::string> requests;
  for (unsigned connection = 0; connection < streams_.size(); ++connection) {
    io::OutBuffer out;
    for (unsigned slot = 0; slot < in_flight_; ++slot)
      workload.write(out, connection, static_cast<std::int32_t>(slot), 0);
    requests.push_back(take_bytes(out));
  }
  return requests;
}

void ServerLoad::round(Workload& workload) {
  const std::vector<std::string> requests = next_requests(workload);
  {
    const Counted counted;
    for (std::size_t i = 0; i < streams_.size(); ++i) streams_[i]->deliver(as_bytes(requests[i]));
    stage_.reactor.turn();
  }
  stage_.settle();
  OGIVE_CHECK_MSG(count_replies() == requests_per_round(), "requests={}", requests_per_round());
}

void ServerLoad::warm_up(Workload& workload, unsigned rounds) {
  for (unsigned i = 0; i < rounds; ++i) {
    const std::vector<std::string> requests = next_requests(workload);
    for (std::size_t j = 0; j < streams_.size(); ++j) streams_[j]->deliver(as_bytes(requests[j]));
    stage_.settle();
    count_replies();
  }
}

std::size_t ServerLoad::count_replies() {
  std::size_t count = 0;
  for (MemoryStream* stream : streams_) {
    const std::string bytes = take_bytes(stream->output());
    for (ByteView rest = as_bytes(bytes); !rest.empty(); ++count) {
      const auto size = protocol::frame_size(rest);
      OGIVE_CHECK(size && *size > 0 && *size <= rest.size());
      OGIVE_CHECK(scratch_.decode(rest.first(*size)).has_value());
      OGIVE_CHECK_MSG(scratch_.code == 0, "refused with code {}: {}", scratch_.code, scratch_.remark);
      rest = rest.subspan(*size);
    }
  }
  return count;
}

}  // namespace ogive::bench
