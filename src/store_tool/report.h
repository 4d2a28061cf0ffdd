#pragma once
// What a look at a store found: counts, and sentences about what is wrong.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ogive::store_tool {

enum class Severity : std::uint8_t {
  kNote,     ///< Worth knowing; nothing is wrong.
  kRepairs,  ///< The next start of a broker puts it right.
  kLoss,     ///< Messages or metadata are damaged or missing.
};
std::string_view to_string(Severity severity);

struct Finding {
  Severity severity = Severity::kNote;
  std::string where;
  std::string what;
};

/// Keeps the first kMaxFindings of a severity and counts the rest.
class Report {
 public:
  static constexpr std::size_t kMaxFindings = 200;

  void count(const std::string& name, std::int64_t by = 1) { counts_[name] += by; }
  void add(Severity severity, std::string where, std::string what);

  Severity worst() const { return worst_; }
  std::int64_t found(Severity severity) const { return totals_[static_cast<std::size_t>(severity)]; }
  const std::vector<Finding>& findings() const { return findings_; }
  const std::map<std::string, std::int64_t>& counts() const { return counts_; }

  std::string text() const;
  std::string json() const;

 private:
  std::map<std::string, std::int64_t> counts_;
  std::vector<Finding> findings_;
  std::int64_t totals_[3] = {};
  Severity worst_ = Severity::kNote;
};

}  // namespace ogive::store_tool
