#include "file_limit.h"

#include <sys/resource.h>

#include <cerrno>
#include <cstring>

#include "base/log.h"

namespace ogive {
namespace {

constexpr rlim_t kWanted = 65'536;

}  // namespace

void raise_file_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  if (limit.rlim_cur < limit.rlim_max) {
    rlimit raised = limit;
    raised.rlim_cur = limit.rlim_max;
    if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) {
      limit = raised;
    } else {
      OGIVE_LOG(warn, "main", "the limit of open files stays at {}: {}", limit.rlim_cur, std::strerror(errno));
    }
  }
  if (limit.rlim_cur >= kWanted) return;
  OGIVE_LOG(warn, "main",
            "at most {} files and connections can be open at once; raise the hard limit (ulimit -Hn, LimitNOFILE=) for "
            "more",
            limit.rlim_cur);
}

}  // namespace ogive
