// `ogive store`: looks at a store directory that no broker uses, and repairs it.

#include <string>
#include <vector>

#include "store_tool/commands.h"

namespace ogive {

int run_store(int argc, char** argv) {
  return store_tool::run(std::vector<std::string>(argv, argv + argc));
}

}  // namespace ogive
