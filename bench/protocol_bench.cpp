// How long one send request and its answer take to decode and to write, in both serializations.

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "protocol/codes.h"
#include "protocol/headers/send.h"

namespace ogive::protocol {
namespace {

SendMessageRequestHeader sample_header() {
  SendMessageRequestHeader header;
  header.producer_group = "please_rename_unique_group_name";
  header.topic = "BenchmarkTest";
  header.default_topic = "TBW102";
  header.default_topic_queue_nums = 4;
  header.queue_id = 3;
  header.born_timestamp = 1'795'467'811'036;
  header.properties =
      "KEYS\x01key\x02UNIQ_KEY\x01"
      "7F00000100002A9F00000000000000AB\x02WAIT\x01true\x02TAGS\x01TagA\x02";
  header.reconsume_times = 0;
  header.unit_mode = false;
  header.batch = false;
  header.broker_name = "broker-a";
  return header;
}

std::string sample_request(Serialization serialization) {
  io::OutBuffer out;
  FrameWriter writer(out, serialization, request_code::kSendMessageV2, 15, 0);
  encode_send_header_v2(sample_header(), writer);
  writer.finish(std::string(128, 'x'));
  std::vector<ByteView> pieces(4);
  pieces.resize(out.peek(pieces));
  std::string bytes;
  for (const ByteView piece : pieces) bytes += as_chars(piece);
  return bytes;
}

void decode_send_frame(benchmark::State& state) {
  const std::string bytes = sample_request(static_cast<Serialization>(state.range(0)));
  Frame frame;
  for (auto _ : state) benchmark::DoNotOptimize(frame.decode(as_bytes(bytes)).has_value());
}
BENCHMARK(decode_send_frame)->Arg(0)->Arg(1);

void decode_send_fields(benchmark::State& state) {
  const std::string bytes = sample_request(Serialization::kJson);
  Frame frame;
  if (!frame.decode(as_bytes(bytes)).has_value()) state.SkipWithError("sample does not decode");
  for (auto _ : state) benchmark::DoNotOptimize(decode_send_header(frame)->queue_id);
}
BENCHMARK(decode_send_fields);

void write_send_answer(benchmark::State& state) {
  io::OutBuffer out;
  for (auto _ : state) {
    out.clear();
    FrameWriter writer(out, static_cast<Serialization>(state.range(0)), response_code::kSuccess, 15, kResponseFlag);
    SendMessageResponseHeader header;
    header.msg_id = "7F00000100002A9F0000000000001A4C";
    header.queue_id = 3;
    header.queue_offset = 123'456;
    encode_header(header, writer);
    writer.finish();
    benchmark::DoNotOptimize(out.size());
  }
}
BENCHMARK(write_send_answer)->Arg(0)->Arg(1);

}  // namespace
}  // namespace ogive::protocol

BENCHMARK_MAIN();
