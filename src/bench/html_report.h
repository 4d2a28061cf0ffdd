#pragma once
// A run as one page that shows itself anywhere.

#include <string>

#include "bench/report.h"

namespace ogive::bench {

/// A whole HTML document without script or external resource: latency by percentile, throughput and latency over
/// time, the text of report_text() and, for programs, the line of report_json().
std::string report_html(const BenchReport& report);

}  // namespace ogive::bench
