// The small files of a store, whole: checkpoint, queueends, abort, and the note of damaged queues.

#include "tests/fuzz/small_store.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static ogive::fuzz::SmallStore store;
  if (size == 0) return 0;
  const char* const names[] = {"checkpoint", "queueends", "abort", "damagedqueues"};
  store.replace(std::string("/store/") + names[data[0] % 4], data + 1, size - 1);
  return 0;
}
