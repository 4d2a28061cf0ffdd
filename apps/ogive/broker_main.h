#pragma once
// The broker as a process: real threads, sockets, files and signals around broker::Broker.

namespace ogive {

/// `ogive broker …`: serves until SIGTERM or SIGINT, then returns the exit status of the process.
int run_broker(int argc, char** argv);

}  // namespace ogive
