#pragma once
// Line plots as SVG text that any page can hold: no script, no external resource.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ogive::bench {

struct PlotSeries {
  std::string name;
  std::vector<std::pair<double, double>> points;  ///< In order of x.
};

struct PlotTick {
  double value = 0;
  std::string label;
};

struct Plot {
  std::string title;
  std::string x_title;
  std::string y_title;
  std::vector<PlotTick> x_ticks;  ///< None: made by nice_ticks().
  bool log_y = false;             ///< Powers of ten at equal distances; points at or below 0 are then left out.
  std::vector<PlotSeries> series;
};

/// One <svg> element; of a plot without points, axes only. Its lines have the classes s0, s1 and so on.
std::string svg_of(const Plot& plot);

/// Round values from `low` to `high`, at most about eight; of a logarithmic axis powers of ten, and in between 2 and 5
/// where there are few.
std::vector<PlotTick> nice_ticks(double low, double high, bool log);

/// `text` with what HTML would take for its own replaced.
std::string html_escaped(std::string_view text);

}  // namespace ogive::bench
