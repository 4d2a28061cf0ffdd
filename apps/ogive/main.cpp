// One binary, many programs: `ogive <program> [options]`. A link named mqnamesrv or mqbroker runs that program
// directly.

#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string_view>
#include <system_error>

#include "start_memory.h"

// Each is in <program>_main.cpp or in the library of its module; CMakeLists.txt says which are part of this build.
namespace ogive {
int run_name_server(int argc, char** argv);
int run_broker(int argc, char** argv);
int run_admin(int argc, char** argv);
int run_bench(int argc, char** argv);
int run_store(int argc, char** argv);
}  // namespace ogive

namespace {

constexpr int kUsageError = 1;
constexpr int kCannotRun = 253;  // -3 of the original, as a shell sees it.

int print_version(int, char**) {
  std::puts("ogive " OGIVE_VERSION " (RocketMQ 5.5.0 protocol)");
  return 0;
}

/// Gets the arguments from the program's own name on.
using Program = int (*)(int argc, char** argv);

struct Row {
  std::string_view name;
  std::string_view link;  ///< Name under which a link runs it, "" = none.
  Program program;
};

constexpr auto kPrograms = std::to_array<Row>({
#ifdef OGIVE_HAVE_NAMESRV
    {"namesrv", "mqnamesrv", ogive::run_name_server},
#endif
#ifdef OGIVE_HAVE_BROKER
    {"broker", "mqbroker", ogive::run_broker},
#endif
#ifdef OGIVE_HAVE_ADMIN
    {"admin", "mqadmin", ogive::run_admin},
#endif
#ifdef OGIVE_HAVE_BENCH
    {"bench", "", ogive::run_bench},
#endif
#ifdef OGIVE_HAVE_STORE
    {"store", "", ogive::run_store},
#endif
    {"version", "", print_version},
});

/// Exceptions that nobody caught say what the system refused (a thread, memory) instead of only aborting. Nothing is
/// unwound: a store is left as by `kill -9`, which it is made for.
[[noreturn]] void end_with_cause() {
  try {
    if (const std::exception_ptr error = std::current_exception()) std::rethrow_exception(error);
    std::fputs("ogive: terminated\n", stderr);
  } catch (const std::system_error& error) {
    const bool threads = error.code() == std::errc::resource_unavailable_try_again;
    std::fprintf(stderr, "ogive cannot go on: %s%s\n", error.what(),
                 threads ? " (no thread could be started: raise `ulimit -u` or the limit of the container)" : "");
    std::fflush(stderr);
    ::_exit(kCannotRun);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "ogive cannot go on: %s\n", error.what());
  } catch (...) {
    std::fputs("ogive cannot go on: an exception of unknown type\n", stderr);
  }
  std::fflush(stderr);
  std::abort();
}

int usage() {
  std::fputs("usage: ogive <program> [options]\nprograms:", stderr);
  for (const Row& row : kPrograms) std::fprintf(stderr, " %.*s", static_cast<int>(row.name.size()), row.name.data());
  std::fputc('\n', stderr);
  return kUsageError;
}

}  // namespace

int main(int argc, char** argv) {
  ogive::release_code_of_initializers();
  std::set_terminate(&end_with_cause);
  std::string_view self = argc > 0 ? argv[0] : "";
  self.remove_prefix(self.rfind('/') == std::string_view::npos ? 0 : self.rfind('/') + 1);
  for (const Row& row : kPrograms) {
    if (!row.link.empty() && row.link == self) return row.program(argc, argv);
  }
  if (argc < 2) return usage();
  const std::string_view wanted = argv[1];
  if (wanted == "--version") return print_version(argc, argv);
  for (const Row& row : kPrograms) {
    if (row.name == wanted) return row.program(argc - 1, argv + 1);
  }
  return usage();
}
