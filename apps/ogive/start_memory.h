#pragma once

namespace ogive {

/// Lets go of the code that only ran before main(): the tables RocksDB makes of its options at every start touch 7 MB
/// of it, which would count as this process's memory for as long as it lives, in a name server too. What is needed
/// again comes back from the page cache by itself. First thing in main(); does nothing where the system refuses.
void release_code_of_initializers();

}  // namespace ogive
