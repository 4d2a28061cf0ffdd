#pragma once
// What a subcommand of mqadmin is: one file in commands/, one row in command_table.cpp.

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

#include "admin/cluster.h"
#include "base/error.h"
#include "base/settings/options.h"
#include "io/file.h"

namespace ogive::admin {

/// Everything a running subcommand sees. Lives as long as the call.
class Context {
 public:
  Context(const settings::CommandLine& line, Cluster& cluster_to_ask, io::FileSystem& file_system, std::ostream& output,
          std::ostream& errors)
      : cluster(cluster_to_ask), files(file_system), out(output), line_(line), errors_(errors) {}

  Cluster& cluster;
  io::FileSystem& files;
  std::ostream& out;

  bool has(std::string_view option) const { return line_.has(option); }
  /// The option's value without surrounding blanks; "" when it was not given.
  std::string text(std::string_view option) const;
  /// The same, or nothing.
  std::optional<std::string> given(std::string_view option) const;
  /// Java's Boolean.parseBoolean: "true" in any case.
  bool is_true(std::string_view option) const;
  /// A whole number; `otherwise` when it was not given; kInvalidArgument names option and value.
  Result<std::int64_t> number(std::string_view option, std::int64_t otherwise) const;
  /// The same within 32 bits.
  Result<std::int32_t> small_number(std::string_view option, std::int32_t otherwise) const;

  /// Reports something that went wrong while the command goes on: a line on stderr, and the command fails in the end.
  void report(const Error& error);
  bool reported() const { return reported_; }

 private:
  const settings::CommandLine& line_;
  std::ostream& errors_;
  bool reported_ = false;
};

/// Runs `once`, and where `option` gives a number of seconds again and again with that pause, until it fails.
Status repeat_by_interval(Context& context, std::string_view option, Status (*once)(Context&));

/// A subcommand. Its options come on top of -h and -n, which all have. `run` prints to the context; what it returns as
/// an error becomes the one line on stderr.
struct Command {
  std::string_view name;
  std::string_view description;
  void (*add_options)(settings::Options&) = nullptr;
  Status (*run)(Context&) = nullptr;
};

/// Shorthand for tables of options.
inline settings::Option flag(std::string name, std::string long_name, std::string description) {
  return {std::move(name), std::move(long_name), false, std::move(description), false};
}
inline settings::Option optional(std::string name, std::string long_name, std::string description) {
  return {std::move(name), std::move(long_name), true, std::move(description), false};
}
inline settings::Option required(std::string name, std::string long_name, std::string description) {
  return {std::move(name), std::move(long_name), true, std::move(description), true};
}

}  // namespace ogive::admin
