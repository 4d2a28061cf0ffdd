#include "bench/report.h"

#include <fmt/format.h>

#include <iterator>

namespace ogive::bench {
namespace {

struct Figures {
  explicit Figures(const BenchReport& report)
      : requests(static_cast<double>(report.load.requests)),
        messages(static_cast<double>(report.load.messages)),
        seconds(report.load.seconds) {}
  double per_request(double amount) const { return requests == 0 ? 0 : amount / requests; }
  double per_message(double amount) const { return messages == 0 ? 0 : amount / messages; }
  double per_second(double amount) const { return seconds == 0 ? 0 : amount / seconds; }
  double requests, messages, seconds;
};

double cpu_us(const UsagePair& usage) {
  return static_cast<double>(usage.after.cpu_ns - usage.before.cpu_ns) / 1e3;
}

double us(std::uint64_t ns) {
  return static_cast<double>(ns) / 1e3;
}

void latency_text(std::string& text, std::string_view name, const Histogram& latency) {
  fmt::format_to(std::back_inserter(text),
                 "{:<10} p50 {:.1f}, p90 {:.1f}, p99 {:.1f}, p99.9 {:.1f}, p99.99 {:.1f}, max {:.1f} us\n", name,
                 us(latency.quantile(0.5)), us(latency.quantile(0.9)), us(latency.quantile(0.99)),
                 us(latency.quantile(0.999)), us(latency.quantile(0.9999)), us(latency.max()));
}

std::string latency_json(const Histogram& latency) {
  return fmt::format(R"({{"p50":{:.2f},"p90":{:.2f},"p99":{:.2f},"p99_9":{:.2f},"p99_99":{:.2f},"max":{:.2f}}})",
                     us(latency.quantile(0.5)), us(latency.quantile(0.9)), us(latency.quantile(0.99)),
                     us(latency.quantile(0.999)), us(latency.quantile(0.9999)), us(latency.max()));
}

std::string size_text(const BenchOptions& options) {
  if (options.sizes.is_fixed()) return fmt::format("{} B", options.size);
  return fmt::format("up to {} B ({:.0f} on average)", options.size, options.sizes.mean());
}

/// Replies that moved nothing.
void answers_text(std::string& text, const LoadResult& load) {
  auto out = std::back_inserter(text);
  if (load.empty != 0) fmt::format_to(out, "{:<10} {} pulls found no message and went on\n", "empty", load.empty);
  if (load.busy != 0) {
    fmt::format_to(out, "{:<10} {} replies were SYSTEM_BUSY, {}\n", "BUSY", load.busy, load.first_refusal);
  }
  if (load.refused != 0) {
    fmt::format_to(out, "{:<10} {} replies, the first with {}\n", "REFUSED", load.refused, load.first_refusal);
  }
}

/// Of mixed, those who pull.
void reads_text(std::string& text, const LoadResult& reads, unsigned consumers) {
  fmt::format_to(std::back_inserter(text), "{:<10} {:.0f} messages/s, {:.0f} pulls/s by {} connections\n", "read",
                 static_cast<double>(reads.messages) / reads.seconds,
                 static_cast<double>(reads.requests) / reads.seconds, consumers);
  latency_text(text, "pulls", reads.latency_ns);
  answers_text(text, reads);
}

std::string process_json(const UsagePair& usage, const Figures& figures) {
  const double cpu = cpu_us(usage);
  const auto voluntary = usage.after.voluntary_switches - usage.before.voluntary_switches;
  const auto involuntary = usage.after.involuntary_switches - usage.before.involuntary_switches;
  return fmt::format(
      R"({{"cpu_us_per_message":{:.4f},"cpu_us_per_request":{:.4f},"core_share":{:.4f},"core_wait":{:.4f},"resident_bytes":{},)"
      R"("voluntary_switches_per_request":{:.4f},"involuntary_switches_per_s":{:.1f}}})",
      figures.per_message(cpu), figures.per_request(cpu), figures.per_second(cpu / 1e6),
      figures.per_second(static_cast<double>(usage.after.wait_ns - usage.before.wait_ns) / 1e9),
      usage.after.resident_bytes, figures.per_request(static_cast<double>(voluntary)),
      figures.per_second(static_cast<double>(involuntary)));
}

void process_text(std::string& text, std::string_view name, const UsagePair& usage, const Figures& figures) {
  const double cpu = cpu_us(usage);
  const auto switches = usage.after.voluntary_switches - usage.before.voluntary_switches;
  fmt::format_to(
      std::back_inserter(text),
      "{:<10} {:.3f} us CPU a message ({:.3f} a request), {:.1f} % of a core (waited {:.1f} %), {:.1f} MiB resident, "
      "{:.3f} context switches a request\n",
      name, figures.per_message(cpu), figures.per_request(cpu), figures.per_second(cpu / 1e4),
      figures.per_second(static_cast<double>(usage.after.wait_ns - usage.before.wait_ns) / 1e7),
      static_cast<double>(usage.after.resident_bytes) / (1 << 20), figures.per_request(static_cast<double>(switches)));
}

}  // namespace

std::string report_text(const BenchReport& report) {
  const BenchOptions& options = report.options;
  const Figures figures(report);
  std::string text;
  auto out = std::back_inserter(text);
  fmt::format_to(out, "{} {} {}: {} connections x {} in flight, {}, {} a request, {:.2f} s\n", task_name(options.task),
                 options.server.to_string(), options.header == protocol::Serialization::kJson ? "JSON" : "ROCKETMQ",
                 options.connections, options.in_flight, size_text(options), report.messages_per_request,
                 figures.seconds);
  fmt::format_to(out, "{:<10} {:.0f} messages/s, {:.0f} requests/s of {:.0f} B, replies of {:.0f} B\n", "rate",
                 figures.per_second(figures.messages), figures.per_second(figures.requests),
                 figures.per_request(static_cast<double>(report.load.sent_bytes)),
                 figures.per_request(static_cast<double>(report.load.received_bytes)));
  if (options.one_way) {
    text += "one-way    no replies: whether messages were stored is not known\n";
  } else {
    latency_text(text, "latency", report.load.latency_ns);
  }
  if (report.reads) reads_text(text, *report.reads, options.consumers);
  if (report.deliveries) {
    const auto count = static_cast<double>(report.deliveries->messages);
    fmt::format_to(out, "{:<10} {:.0f} messages/s to {} groups", "delivered", figures.per_second(count),
                   options.groups);
    if (report.server && count > 0) fmt::format_to(out, ", {:.3f} us server CPU each", cpu_us(*report.server) / count);
    text += '\n';
    latency_text(text, "end to end", report.deliveries->latency_ns);
  }
  if (report.load.backlog != 0) {
    fmt::format_to(out, "{:<10} {} requests were due and not sent at the end: the server is slower than --rate\n",
                   "BEHIND", report.load.backlog);
  }
  if (report.server) process_text(text, "server", *report.server, figures);
  process_text(text, "generator", report.generator, figures);
  answers_text(text, report.load);
  return text;
}

std::string report_json(const BenchReport& report) {
  const BenchOptions& options = report.options;
  const Figures figures(report);
  std::string text = fmt::format(
      R"({{"task":"{}","header":"{}","connections":{},"in_flight":{},"size":{},"batch":{},"seconds":{:.3f},)"
      R"("requests":{},"messages":{},"empty":{},"busy":{},"refused":{},"messages_per_s":{:.1f},"requests_per_s":{:.1f},"request_bytes":{:.1f},)"
      R"("reply_bytes":{:.1f},"latency_us":{},"backlog":{},"generator":{})",
      task_name(options.task), options.header == protocol::Serialization::kJson ? "JSON" : "ROCKETMQ",
      options.connections, options.in_flight, options.size, report.messages_per_request, figures.seconds,
      report.load.requests, report.load.messages, report.load.empty, report.load.busy, report.load.refused,
      figures.per_second(figures.messages), figures.per_second(figures.requests),
      figures.per_request(static_cast<double>(report.load.sent_bytes)),
      figures.per_request(static_cast<double>(report.load.received_bytes)), latency_json(report.load.latency_ns),
      report.load.backlog, process_json(report.generator, figures));
  if (report.deliveries) {
    text += fmt::format(R"(,"deliveries":{{"groups":{},"messages_per_s":{:.1f},"latency_us":{}}})", options.groups,
                        figures.per_second(static_cast<double>(report.deliveries->messages)),
                        latency_json(report.deliveries->latency_ns));
  }
  if (report.reads) {
    const LoadResult& reads = *report.reads;
    text += fmt::format(
        R"(,"reads":{{"consumers":{},"messages_per_s":{:.1f},"requests":{},"empty":{},"busy":{},"refused":{},"latency_us":{}}})",
        options.consumers, static_cast<double>(reads.messages) / reads.seconds, reads.requests, reads.empty, reads.busy,
        reads.refused, latency_json(reads.latency_ns));
  }
  if (report.server) text += R"(,"server":)" + process_json(*report.server, figures);
  return text + "}\n";
}

}  // namespace ogive::bench
