#include "start_memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>

// The linker's names for the begin and the end of what is executed.
extern "C" const char __executable_start;  // NOLINT: reserved names are the linker's
extern "C" const char etext;

namespace ogive {

void release_code_of_initializers() {
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto begin = (reinterpret_cast<std::uintptr_t>(&__executable_start) + page - 1) / page * page;
  const auto end = reinterpret_cast<std::uintptr_t>(&etext) / page * page;
  // Constants and code of the file, never written to: the pages can be had again.
  if (begin < end) ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
}

}  // namespace ogive
