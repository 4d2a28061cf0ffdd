#include "bench/svg_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <limits>

namespace ogive::bench {
namespace {

constexpr double kWidth = 760, kHeight = 300;
constexpr double kLeft = 78, kRight = 16, kTop = 34, kBottom = 48;
constexpr double kMostTicks = 8;

struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
  void take(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  bool empty() const { return low > high; }
};

std::string label_of(double value) {
  if (std::abs(value) >= 1e6) return fmt::format("{:g}M", value / 1e6);
  if (std::abs(value) >= 1e4) return fmt::format("{:g}k", value / 1e3);
  return fmt::format("{:g}", value);
}

/// Where values of one axis are on the page.
struct Axis {
  double low, high, begin, end;
  bool log;
  double at(double value) const {
    const double share = log ? std::log(value / low) / std::log(high / low) : (value - low) / (high - low);
    return begin + share * (end - begin);
  }
};

bool shown(const Plot& plot, double y) {
  return std::isfinite(y) && (!plot.log_y || y > 0);
}

std::pair<Axis, Axis> axes_of(const Plot& plot) {
  Range xs, ys;
  for (const PlotSeries& series : plot.series) {
    for (const auto& [x, y] : series.points) {
      if (!shown(plot, y)) continue;
      xs.take(x);
      ys.take(y);
    }
  }
  for (const PlotTick& tick : plot.x_ticks) xs.take(tick.value);
  if (xs.empty()) xs = {0, 1};
  if (ys.empty()) ys = {plot.log_y ? 1.0 : 0.0, 10};
  if (!plot.log_y) ys.low = std::min(ys.low, 0.0);
  if (xs.high <= xs.low) xs.high = xs.low + 1;
  if (ys.high <= ys.low) ys.high = plot.log_y ? ys.low * 10 : ys.low + 1;
  ys.high *= plot.log_y ? 1.2 : 1.05;  // Air above the highest line.
  return {{xs.low, xs.high, kLeft, kWidth - kRight, false}, {ys.low, ys.high, kHeight - kBottom, kTop, plot.log_y}};
}

void draw_axes(std::string& svg, const Plot& plot, const Axis& x, const Axis& y) {
  auto out = std::back_inserter(svg);
  for (const PlotTick& tick : nice_ticks(y.low, y.high, y.log)) {
    const double at = y.at(tick.value);
    fmt::format_to(out, "<path class=\"grid\" d=\"M{:.1f} {:.1f}H{:.1f}\"/>", x.begin, at, x.end);
    fmt::format_to(out, "<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>\n", x.begin - 6, at + 4,
                   html_escaped(tick.label));
  }
  for (const PlotTick& tick : plot.x_ticks.empty() ? nice_ticks(x.low, x.high, false) : plot.x_ticks) {
    const double at = x.at(tick.value);
    fmt::format_to(out, "<path class=\"grid\" d=\"M{:.1f} {:.1f}V{:.1f}\"/>", at, y.begin, y.end);
    fmt::format_to(out, "<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}</text>\n", at, y.begin + 16,
                   html_escaped(tick.label));
  }
  fmt::format_to(out, "<path class=\"axis\" d=\"M{:.1f} {:.1f}V{:.1f}H{:.1f}\"/>\n", x.begin, y.end, y.begin, x.end);
  fmt::format_to(out, "<text class=\"title\" x=\"{:.1f}\" y=\"16\">{}</text>\n", x.begin, html_escaped(plot.title));
  fmt::format_to(out, "<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}</text>\n", (x.begin + x.end) / 2,
                 kHeight - 10, html_escaped(plot.x_title));
  fmt::format_to(out, "<text transform=\"translate(14 {:.1f}) rotate(-90)\" text-anchor=\"middle\">{}</text>\n",
                 (y.begin + y.end) / 2, html_escaped(plot.y_title));
}

void draw_series(std::string& svg, const Plot& plot, const Axis& x, const Axis& y) {
  auto out = std::back_inserter(svg);
  double legend = x.end;
  for (std::size_t i = plot.series.size(); i-- > 0;) {
    const PlotSeries& series = plot.series[i];
    fmt::format_to(out, "<path class=\"line s{}\" d=\"", i);
    char command = 'M';
    for (const auto& [px, py] : series.points) {
      if (!shown(plot, py)) continue;
      fmt::format_to(out, "{}{:.1f} {:.1f}", command, x.at(px), y.at(py));
      command = 'L';
    }
    svg += "\"/>\n";
    fmt::format_to(out, "<text class=\"name s{}\" x=\"{:.1f}\" y=\"16\" text-anchor=\"end\">{}</text>\n", i, legend,
                   html_escaped(series.name));
    legend -= 8.0 * static_cast<double>(series.name.size()) + 16;
  }
}

}  // namespace

std::string html_escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::vector<PlotTick> nice_ticks(double low, double high, bool log) {
  std::vector<PlotTick> ticks;
  if (!(high > low) || !std::isfinite(high - low)) return ticks;
  if (log) {
    if (low <= 0) return ticks;
    const bool few = std::log10(high / low) < 3;
    for (double power = std::pow(10, std::floor(std::log10(low))); power <= high; power *= 10) {
      for (const double step : {1.0, 2.0, 5.0}) {
        const double value = power * step;
        if (value >= low && value <= high && (few || step == 1)) ticks.push_back({value, label_of(value)});
      }
    }
    return ticks;
  }
  const double rough = (high - low) / kMostTicks;
  const double power = std::pow(10, std::floor(std::log10(rough)));
  constexpr std::array<double, 3> kSteps{1, 2, 5};
  const auto* step = std::ranges::find_if(kSteps, [&](double one) { return one * power >= rough; });
  const double distance = (step == kSteps.end() ? 10 : *step) * power;
  for (double number = std::ceil(low / distance); number * distance <= high; ++number) {
    ticks.push_back({number * distance, label_of(number * distance)});
  }
  return ticks;
}

std::string svg_of(const Plot& plot) {
  const auto [x, y] = axes_of(plot);
  std::string svg = fmt::format("<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">\n", kWidth, kHeight,
                                html_escaped(plot.title));
  draw_axes(svg, plot, x, y);
  draw_series(svg, plot, x, y);
  return svg + "</svg>\n";
}

}  // namespace ogive::bench
