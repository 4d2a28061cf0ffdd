#include "store_tool/report.h"

#include <fmt/core.h>

#include <algorithm>

#include "protocol/json_writer.h"

namespace ogive::store_tool {

std::string_view to_string(Severity severity) {
  switch (severity) {
    case Severity::kNote:
      return "note";
    case Severity::kRepairs:
      return "repairable";
    case Severity::kLoss:
      return "loss";
  }
  return "note";
}

void Report::add(Severity severity, std::string where, std::string what) {
  worst_ = std::max(worst_, severity);
  if (++totals_[static_cast<std::size_t>(severity)] > static_cast<std::int64_t>(kMaxFindings)) return;
  findings_.push_back({severity, std::move(where), std::move(what)});
}

std::string Report::text() const {
  std::string out;
  for (const auto& [name, value] : counts_) out += fmt::format("{:<28} {}\n", name, value);
  for (const Finding& finding : findings_) {
    out += fmt::format("{}: {}: {}\n", to_string(finding.severity), finding.where, finding.what);
  }
  for (const Severity severity : {Severity::kNote, Severity::kRepairs, Severity::kLoss}) {
    const std::int64_t more = found(severity) - static_cast<std::int64_t>(kMaxFindings);
    if (more > 0) out += fmt::format("{}: and {} more\n", to_string(severity), more);
  }
  out += worst_ == Severity::kLoss ? "messages or metadata are damaged or missing\n"
         : worst_ == Severity::kRepairs
             ? "no message is missing; the next start, or repair --write, puts the rest right\n"
             : "sound\n";
  return out;
}

std::string Report::json() const {
  std::string out;
  protocol::JsonWriter writer(out, {.pretty = true});
  writer.begin_object();
  writer.key("counts");
  writer.begin_object();
  for (const auto& [name, value] : counts_) {
    writer.key(name);
    writer.integer(value);
  }
  writer.end_object();
  writer.key("findings");
  writer.begin_array();
  for (const Finding& finding : findings_) {
    writer.element();
    writer.begin_object();
    writer.key("severity");
    writer.string(to_string(finding.severity));
    writer.key("what");
    writer.string(finding.what);
    writer.key("where");
    writer.string(finding.where);
    writer.end_object();
  }
  writer.end_array();
  for (const Severity severity : {Severity::kNote, Severity::kRepairs, Severity::kLoss}) {
    writer.key(to_string(severity));
    writer.integer(found(severity));
  }
  writer.key("worst");
  writer.string(to_string(worst_));
  writer.end_object();
  return out + "\n";
}

}  // namespace ogive::store_tool
