#pragma once
// `ogive namesrv`: the name server on real threads, sockets and files.

namespace ogive {

/// Runs until SIGTERM or SIGINT; a second signal ends the process at once. Returns the exit status of mqnamesrv.
int run_name_server(int argc, char** argv);

}  // namespace ogive
