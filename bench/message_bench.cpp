// How long a record takes to encode, with its CRC.

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "base/crc32.h"
#include "message/record.h"

namespace ogive::message {
namespace {

void encode_one_record(benchmark::State& state) {
  const std::string body(static_cast<std::size_t>(state.range(0)), 'x');
  RecordFields fields;
  fields.born_host = fields.store_host = *io::Endpoint::parse("127.0.0.1:10911");
  fields.body = as_bytes(body);
  fields.topic = "BenchmarkTest";
  fields.properties =
      "UNIQ_KEY\x01"
      "7F00000100002A9F00000000000000AB\x02WAIT\x01true\x02TAGS\x01TagA\x02";
  fields.properties_tail =
      "CLUSTER\x01"
      "DefaultCluster\x02";
  std::vector<std::byte> out(encoded_size(fields));
  for (auto _ : state) {
    encode_record(fields, out.data());
    benchmark::ClobberMemory();
  }
}
BENCHMARK(encode_one_record)->Arg(128)->Arg(1024);

void checksum(benchmark::State& state) {
  const std::string body(static_cast<std::size_t>(state.range(0)), 'x');
  for (auto _ : state) benchmark::DoNotOptimize(crc32(as_bytes(body)));
}
BENCHMARK(checksum)->Arg(128)->Arg(1024);

void offset_message_id(benchmark::State& state) {
  const OffsetMessageId id(*io::Endpoint::parse("127.0.0.1:10911"), 1);
  std::int64_t offset = 0;
  char text[32];
  for (auto _ : state) {
    id.write(offset += 300, text);
    benchmark::DoNotOptimize(text);
  }
}
BENCHMARK(offset_message_id);

}  // namespace
}  // namespace ogive::message

BENCHMARK_MAIN();
