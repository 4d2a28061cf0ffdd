#pragma once
// Connections we close because of what the peer does: counted, and said once a minute per cause.

#include <cstdint>

#include "base/error.h"
#include "io/network.h"

namespace ogive::remoting {

/// Counts the close of the connection to `remote` and logs it unless its cause (the code of `error`) was logged within
/// the last minute; the next line then says how many there were. Any thread.
void note_misbehaviour(const io::Endpoint& remote, const Error& error);

/// How many connections of this process were closed so.
std::uint64_t misbehaved_connections();

}  // namespace ogive::remoting
