#pragma once

namespace ogive {

/// Every connection and every mapped store file takes a descriptor, and a shell's usual soft limit is 1,024: raises it
/// to the hard limit, and says in the log when that is little. Once, at start.
void raise_file_limit();

}  // namespace ogive
