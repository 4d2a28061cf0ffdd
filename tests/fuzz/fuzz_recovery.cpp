// Recovery from, and reading of, a commit log with anything anywhere in it.

#include "tests/fuzz/small_store.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static ogive::fuzz::SmallStore store;
  store.overwrite("/store/commitlog/00000000000000000000", data, size, 8 << 10);
  return 0;
}
