// How long a turn's messages take to append: encode, place, copy, one pwritev, consume-queue entries. On real files in
// the temporary directory; the argument is the number of messages of a turn, the time is a turn's.

#include <benchmark/benchmark.h>
#include <stdlib.h>

#include <filesystem>
#include <memory>
#include <string>

#include "io/thread_executor.h"
#include "message/record.h"
#include "store/message_store.h"
#include "store/queue/consume_queue.h"

namespace ogive::store {
namespace {

/// Pretends to be the benchmark's thread: everything completes inside submit().
class ThisThread final : public io::Executor {
 public:
  void post(io::Task) override { std::abort(); }
  io::TimerId run_after(Microseconds, io::Task) override { std::abort(); }
  void cancel(io::TimerId) override {}
  void at_turn_end(io::TurnHook&, io::TurnPhase) override {}
  void disarm(io::TurnHook&) override {}
  bool on_own_thread() const override { return true; }
  const Clock& clock() const override { return system_clock(); }
};

struct Keeper final : AppendListener {
  void on_appended(std::unique_ptr<AppendBatch> batch, Status status) override {
    if (!status) refused = status.error().message();
    returned = std::move(batch);
  }
  std::unique_ptr<AppendBatch> returned = std::make_unique<AppendBatch>();
  std::string refused;
};

void append_turn(benchmark::State& state) {
  char path[] = "/tmp/ogive-store-bench-XXXXXX";
  if (::mkdtemp(path) == nullptr) return state.SkipWithError("no temporary directory");
  {
    io::ThreadExecutor flusher("flusher"), background("background");
    StoreOptions options;
    options.root = path;
    auto store = MessageStore::open({io::posix_file_system(), system_clock(), flusher, background}, options);
    if (!store) return state.SkipWithError(store.error().message().c_str());
    const std::string body(128, 'x');
    message::RecordFields fields;
    fields.born_host = fields.store_host = *io::Endpoint::parse("127.0.0.1:10911");
    fields.body = as_bytes(body);
    fields.topic = "BenchmarkTest";
    fields.properties =
        "UNIQ_KEY\x01"
        "7F00000100002A9F00000000000000AB\x02WAIT\x01true\x02TAGS\x01TagA\x02";
    ConsumeQueue& queue = (*store)->queue(fields.topic, QueueId(0));
    ThisThread executor;
    Keeper keeper;
    for (auto _ : state) {
      std::unique_ptr<AppendBatch> batch = std::move(keeper.returned);
      batch->clear();
      for (std::int64_t i = 0; i < state.range(0); ++i) {
        message::encode_record(fields, batch->add(queue, message::encoded_size(fields), 0));
      }
      (*store)->submit(std::move(batch), executor, keeper);
      if (!keeper.refused.empty()) {
        state.SkipWithError(keeper.refused.c_str());
        break;
      }
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
    store->reset();
  }
  std::filesystem::remove_all(path);
}
BENCHMARK(append_turn)->Arg(1)->Arg(32)->Arg(1024);

}  // namespace
}  // namespace ogive::store

BENCHMARK_MAIN();
