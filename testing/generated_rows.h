#pragma once
// Keeps the tables in docs/ that are made from code true: a test compares, `OGIVE_WRITE_DOCS=1` writes.

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include "testing/source_dir.h"

namespace ogive::testing_support {

/// Fails unless `text` is what stands in `path` (from the repository's root) between the lines
/// `<!-- rows: … -->` and `<!-- end of rows -->`.
inline void expect_rows_in_docs(const std::string& path, std::string_view text) {
  const std::string file = source_dir() + "/" + path;
  std::ifstream in(file);
  std::stringstream content;
  content << in.rdbuf();
  const std::string page = content.str();
  const auto mark = page.find("<!-- rows: ");
  ASSERT_NE(mark, std::string::npos) << file << " has no place for rows";
  const auto begin = page.find('\n', mark) + 1;
  const auto end = page.find("<!-- end of rows -->", begin);
  ASSERT_NE(end, std::string::npos) << file << " does not say where the rows end";
  if (std::getenv("OGIVE_WRITE_DOCS") != nullptr) {
    std::ofstream(file, std::ios::trunc) << page.substr(0, begin) << text << page.substr(end);
    return;
  }
  EXPECT_EQ(page.substr(begin, end - begin), text) << path << ": run the test with OGIVE_WRITE_DOCS=1";
}

}  // namespace ogive::testing_support
