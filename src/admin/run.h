#pragma once
// mqadmin without process and network: words in, text and exit status out.

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "admin/cluster.h"
#include "io/file.h"

namespace ogive::admin {

/// What a run needs from outside.
struct Environment {
  io::FileSystem& files;
  std::string name_servers;  ///< NAMESRV_ADDR; -n goes before it.
  std::ostream& out;
  std::ostream& err;
  /// Runs `use` with a cluster whose client knows these name servers; called at most once.
  std::function<int(std::vector<client::HostPort> name_servers, const std::function<int(Cluster&)>& use)> with_cluster;
};

inline constexpr int kFailed = 1;  ///< Exit status of everything that did not do what was asked.

/// Runs one subcommand; `words` without the program's name. Returns the exit status: 0 when it did all it was asked,
/// else kFailed after one line on `err` (and the help text on `out` when the command line was wrong, as the original
/// has it).
int run(const std::vector<std::string>& words, const Environment& environment);

}  // namespace ogive::admin
