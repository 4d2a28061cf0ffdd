// Consume queues of both kinds with anything anywhere in them.

#include "tests/fuzz/small_store.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static ogive::fuzz::SmallStore store;
  if (size == 0) return 0;
  if (data[0] % 2 == 0) {
    store.overwrite("/store/consumequeue/Simple/0/00000000000000000000", data + 1, size - 1, 20 * 16);
  } else {
    store.overwrite("/store/batchconsumequeue/Batch/0/00000000000000000000", data + 1, size - 1, 46 * 8);
  }
  return 0;
}
