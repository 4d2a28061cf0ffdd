#include "base/thread_name.h"

#include <pthread.h>
#include <unistd.h>

namespace ogive {
namespace {
thread_local std::string t_name;
}  // namespace

void set_thread_name(std::string name) {
  ::pthread_setname_np(::pthread_self(), name.substr(0, 15).c_str());
  t_name = std::move(name);
}

std::string_view thread_name() {
  if (t_name.empty()) t_name = ::gettid() == ::getpid() ? "main" : "thread";
  return t_name;
}

}  // namespace ogive
