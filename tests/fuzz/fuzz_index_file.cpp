// An index file with anything anywhere in it: what a query finds has the key it asked for, or is nothing.

#include "tests/fuzz/small_store.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static ogive::fuzz::SmallStore store;
  store.overwrite(store.index_path(), data, size, 40 + 32 * 4 + 128 * 20);
  return 0;
}
