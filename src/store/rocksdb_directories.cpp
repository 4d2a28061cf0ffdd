#include "store/rocksdb_directories.h"

namespace ogive::store {

bool is_rocksdb(io::FileSystem& files, const std::string& path) {
  return files.info(path + "/CURRENT").has_value();
}

std::vector<std::string> find_rocksdb(io::FileSystem& files, const std::string& root, RocksdbContent content) {
  std::vector<std::string> found;
  for (const RocksdbDirectory& directory : kRocksdbDirectories) {
    std::string path = root + "/" + directory.name;
    if (directory.content == content && is_rocksdb(files, path)) found.push_back(std::move(path));
  }
  return found;
}

}  // namespace ogive::store
