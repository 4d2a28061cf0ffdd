#include "bench/html_report.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cmath>

#include "bench/svg_plot.h"

namespace ogive::bench {
namespace {

constexpr std::string_view kStyle = R"(
:root{--ink:#1c2530;--paper:#fff;--faint:#d9dee5;--s0:#1769aa;--s1:#c2410c;--s2:#15803d}
@media(prefers-color-scheme:dark){:root{--ink:#e4e9ef;--paper:#14181d;--faint:#333b45;--s0:#6cb6f5;--s1:#fb923c;--s2:#4ade80}}
body{color:var(--ink);background:var(--paper);font:15px/1.5 system-ui,sans-serif;max-width:60em;margin:2em auto;padding:0 1em}
h1{font-size:1.4em}pre{overflow-x:auto;border:1px solid var(--faint);padding:.8em;font-size:13px}
svg{width:100%;height:auto;margin:.6em 0}svg text{font-size:12px;fill:var(--ink)}svg .title{font-weight:600}
.grid{stroke:var(--faint);fill:none}.axis{stroke:var(--ink);fill:none}.line{fill:none;stroke-width:1.6}
.line.s0{stroke:var(--s0)}.line.s1{stroke:var(--s1)}.line.s2{stroke:var(--s2)}
svg .name.s0{fill:var(--s0)}svg .name.s1{fill:var(--s1)}svg .name.s2{fill:var(--s2)}
)";

/// Where a percentile stands on an axis on which every further nine takes as much room as the one before.
double nines(double share) {
  return -std::log10(1 - share);
}

PlotSeries percentiles(std::string name, const Histogram& latency) {
  PlotSeries series{std::move(name), {}};
  constexpr double kMostNines = 5, kStep = 0.05;
  for (double at = 0; at <= kMostNines + kStep / 2; at += kStep) {
    const double share = 1 - std::pow(10, -at);
    // Beyond the rarest value there is only the maximum.
    if (at > 0 && (1 - share) * static_cast<double>(latency.count()) < 1) break;
    series.points.emplace_back(at, static_cast<double>(latency.quantile(share)) / 1e3);
  }
  return series;
}

Plot percentile_plot(const BenchReport& report) {
  Plot plot{.title = "Latency by percentile",
            .x_title = "percentile",
            .y_title = "us",
            .x_ticks = {},
            .log_y = true,
            .series = {}};
  for (const auto& [share, label] : std::array<std::pair<double, const char*>, 6>{
           {{0, "0"}, {0.5, "50"}, {0.9, "90"}, {0.99, "99"}, {0.999, "99.9"}, {0.9999, "99.99"}}}) {
    plot.x_ticks.push_back({nines(share), label});
  }
  if (report.load.latency_ns.count() > 0) plot.series.push_back(percentiles("requests", report.load.latency_ns));
  if (report.deliveries) plot.series.push_back(percentiles("end to end", report.deliveries->latency_ns));
  if (report.reads) plot.series.push_back(percentiles("pulls", report.reads->latency_ns));
  return plot;
}

PlotSeries rate_of(std::string name, const LoadResult& load) {
  PlotSeries series{std::move(name), {}};
  double before = 0;
  for (const LoadSlice& slice : load.slices) {
    if (slice.until_s > before) {
      series.points.emplace_back(slice.until_s, static_cast<double>(slice.messages) / (slice.until_s - before));
    }
    before = slice.until_s;
  }
  return series;
}

Plot rate_plot(const BenchReport& report) {
  Plot plot{.title = "Messages a second",
            .x_title = "seconds",
            .y_title = "messages/s",
            .x_ticks = {},
            .log_y = false,
            .series = {}};
  plot.series.push_back(rate_of(report.reads ? "produced" : "messages", report.load));
  if (report.reads) plot.series.push_back(rate_of("read", *report.reads));
  return plot;
}

Plot latency_plot(const LoadResult& load) {
  Plot plot{.title = "Latency over time",
            .x_title = "seconds",
            .y_title = "us",
            .x_ticks = {},
            .log_y = true,
            .series = {{"p50", {}}, {"p99", {}}, {"max", {}}}};
  for (const LoadSlice& slice : load.slices) {
    plot.series[0].points.emplace_back(slice.until_s, static_cast<double>(slice.p50_ns) / 1e3);
    plot.series[1].points.emplace_back(slice.until_s, static_cast<double>(slice.p99_ns) / 1e3);
    plot.series[2].points.emplace_back(slice.until_s, static_cast<double>(slice.max_ns) / 1e3);
  }
  return plot;
}

std::string utc(std::int64_t wall_ms) {
  const std::chrono::sys_time<std::chrono::seconds> when{std::chrono::seconds(wall_ms / 1000)};
  const std::chrono::sys_days day = std::chrono::floor<std::chrono::days>(when);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{when - day};
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02} UTC", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), time.hours().count(),
                     time.minutes().count(), time.seconds().count());
}

}  // namespace

std::string report_html(const BenchReport& report) {
  const std::string title =
      html_escaped(fmt::format("ogive bench {} {}", task_name(report.options.task), report.options.server.to_string()));
  std::string page = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{0}</title>\n<style>{1}</style></head>\n"
      "<body><h1>{0}</h1>\n<p>Ended {2}.</p>\n<pre>{3}</pre>\n",
      title, kStyle, utc(report.ended_wall_ms), html_escaped(report_text(report)));
  page += svg_of(percentile_plot(report));
  page += svg_of(rate_plot(report));
  if (report.load.latency_ns.count() > 0) page += svg_of(latency_plot(report.load));
  page += "<h2>For programs</h2>\n<pre>" + html_escaped(report_json(report)) + "</pre>\n</body></html>\n";
  return page;
}

}  // namespace ogive::bench
