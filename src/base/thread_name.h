#pragma once
// The name of a thread, as it stands in log lines and in `top -H`.

#include <string>
#include <string_view>

namespace ogive {

/// Names the calling thread. The kernel keeps the first 15 bytes, log lines the whole.
void set_thread_name(std::string name);

/// The calling thread's name; "main" for the process's first thread, "thread" for one never named. Valid while it runs.
std::string_view thread_name();

}  // namespace ogive
