#include "bench/html_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bench/progress.h"
#include "bench/svg_plot.h"

namespace ogive::bench {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::vector<std::string> labels(const std::vector<PlotTick>& ticks) {
  std::vector<std::string> found;
  for (const PlotTick& tick : ticks) found.push_back(tick.label);
  return found;
}

std::size_t count(const std::string& text, std::string_view what) {
  std::size_t found = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
  return found;
}

TEST(SvgPlot, TicksAreRound) {
  EXPECT_THAT(labels(nice_ticks(0, 1'050'000, false)),
              ::testing::ElementsAre("0", "200k", "400k", "600k", "800k", "1M"));
  EXPECT_THAT(labels(nice_ticks(0, 7, false)), ::testing::ElementsAre("0", "1", "2", "3", "4", "5", "6", "7"));
  EXPECT_THAT(labels(nice_ticks(30, 700, true)), ::testing::ElementsAre("50", "100", "200", "500"));
  EXPECT_THAT(labels(nice_ticks(0.5, 300'000, true)), ::testing::ElementsAre("1", "10", "100", "1000", "10k", "100k"));
  EXPECT_TRUE(nice_ticks(3, 3, false).empty());
  EXPECT_TRUE(nice_ticks(0, 10, true).empty()) << "a logarithmic axis has no zero";
}

TEST(SvgPlot, LinesGoThroughTheirPoints) {
  Plot plot;
  plot.title = "a < b & c";
  plot.x_ticks = {{0, "zero"}, {10, "ten"}};
  plot.series = {{"one", {{0, 0}, {5, 50}, {10, 100}}}, {"two", {{0, 10}}}};
  const std::string svg = svg_of(plot);
  EXPECT_THAT(svg, HasSubstr("a &lt; b &amp; c"));
  EXPECT_THAT(svg, HasSubstr("class=\"line s0\" d=\"M78.0 252.0L411.0 148.2L744.0 44.4\""));
  EXPECT_THAT(svg, HasSubstr("class=\"line s1\""));
  EXPECT_THAT(svg, HasSubstr(">ten</text>"));
}

TEST(SvgPlot, WhatALogarithmCannotShowIsLeftOut) {
  Plot plot;
  plot.log_y = true;
  plot.x_ticks = {{0, "0"}, {2, "2"}};
  plot.series = {{"one", {{0, 0}, {1, 10}, {2, 1'000}}}};
  const std::string svg = svg_of(plot);
  EXPECT_EQ(count(svg, "nan") + count(svg, "inf"), 0u) << svg;
  EXPECT_THAT(svg, HasSubstr("class=\"line s0\" d=\"M411.0")) << "the line begins at its second point";
  EXPECT_EQ(count(svg_of({}), "nan"), 0u) << "nothing to draw";
}

BenchReport a_report() {
  BenchReport report;
  report.options.server = *io::Endpoint::parse("127.0.0.1:1");
  report.load.requests = report.load.messages = 1'000;
  report.load.seconds = 2;
  for (std::uint64_t i = 1; i <= 1'000; ++i) report.load.latency_ns.record(i * 1'000);
  report.load.slices = {{1.0, 400, 100'000, 900'000, 1'000'000}, {2.0, 600, 110'000, 800'000, 990'000}};
  report.ended_wall_ms = 1'735'689'600'000;
  return report;
}

TEST(HtmlReport, IsOnePageWithoutAnythingFromElsewhere) {
  const std::string page = report_html(a_report());
  EXPECT_THAT(page, ::testing::StartsWith("<!DOCTYPE html>"));
  EXPECT_THAT(page, ::testing::EndsWith("</html>\n"));
  for (const char* foreign : {"http:", "https:", "<script", "<link", "<img", "@import", "url("}) {
    EXPECT_THAT(page, Not(HasSubstr(foreign)));
  }
  EXPECT_THAT(page, HasSubstr("2025-01-01 00:00:00 UTC"));
  EXPECT_THAT(page, HasSubstr("500 messages/s"));
  EXPECT_THAT(page, HasSubstr("&quot;messages_per_s&quot;:500.0"));
  EXPECT_EQ(count(page, "<svg"), 3u);
  EXPECT_EQ(count(page, "<svg"), count(page, "</svg>"));
}

TEST(HtmlReport, AOneWayLoadHasNoLatencies) {
  BenchReport report = a_report();
  report.options.one_way = true;
  report.load.latency_ns.clear();
  const std::string page = report_html(report);
  EXPECT_THAT(page, HasSubstr("whether messages were stored is not known"));
  EXPECT_THAT(page, Not(HasSubstr("Latency over time")));
}

TEST(HtmlReport, AMixedLoadShowsBothSides) {
  BenchReport report = a_report();
  report.options.task = Task::kMixed;
  report.options.consumers = 7;
  report.reads = report.load;
  report.reads->messages = 4'000;
  EXPECT_THAT(report_text(report), HasSubstr("2000 messages/s, 500 pulls/s by 7 connections"));
  EXPECT_THAT(report_json(report), HasSubstr(R"("reads":{"consumers":7,"messages_per_s":2000.0,)"));
  const std::string page = report_html(report);
  EXPECT_THAT(page, HasSubstr(">pulls</text>"));
  EXPECT_THAT(page, HasSubstr(">read</text>"));
}

TEST(Report, SeveralSizesAreToldByTheirLargestAndTheirMean) {
  BenchReport report = a_report();
  EXPECT_THAT(report_text(report), HasSubstr(" 128 B, 1 a request"));
  report.options.sizes = *SizeMix::parse("100:3,900:1", 1, 1'000);
  report.options.size = report.options.sizes.largest();
  EXPECT_THAT(report_text(report), HasSubstr(" up to 900 B (300 on average), 1 a request"));
}

TEST(Progress, ALineASecond) {
  Progress progress(10);
  EXPECT_EQ(progress.take({0.5, 100, 0, 2'000'000, 0}), std::nullopt);
  EXPECT_EQ(progress.take({1.0, 300, 0, 1'000'000, 0}), "1 of 10 s: 400 messages/s, p99 up to 2000.0 us");
  EXPECT_EQ(progress.take({1.9, 0, 0, 0, 0}), std::nullopt);
  EXPECT_EQ(progress.take({3.0, 100, 0, 5'000, 0}), "3 of 10 s: 50 messages/s, p99 up to 5.0 us");
}

}  // namespace
}  // namespace ogive::bench
