#include "bench/size_mix.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <string>

namespace ogive::bench {
namespace {

constexpr std::string_view kRange = "..";
constexpr unsigned kMostWeight = 1'000'000;

bool read(std::string_view text, unsigned low, unsigned high, unsigned& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size() && out >= low && out <= high;
}

std::unexpected<Error> refusal(std::string_view text, unsigned low, unsigned high) {
  return fail(Errc::kInvalidArgument,
              fmt::format("--size '{}' is neither a number from {} to {}, nor a range such as 128..4096, nor a list "
                          "of sizes and weights such as 128:70,1024:30",
                          text, low, high));
}

}  // namespace

Result<SizeMix> SizeMix::parse(std::string_view text, unsigned low, unsigned high) {
  if (const std::size_t dots = text.find(kRange); dots != std::string_view::npos) {
    Part part{0, 0, 1};
    if (!read(text.substr(0, dots), low, high, part.low) ||
        !read(text.substr(dots + kRange.size()), part.low, high, part.high)) {
      return refusal(text, low, high);
    }
    return SizeMix({part});
  }
  std::vector<Part> parts;
  std::uint64_t sum = 0;
  for (std::string_view rest = text;;) {
    const std::size_t comma = rest.find(',');
    const std::string_view item = rest.substr(0, comma);
    const std::size_t colon = item.find(':');
    unsigned size = 0, weight = 1;
    if (!read(item.substr(0, colon), low, high, size) ||
        (colon != std::string_view::npos && !read(item.substr(colon + 1), 1, kMostWeight, weight))) {
      return refusal(text, low, high);
    }
    parts.push_back({size, size, sum += weight});
    if (comma == std::string_view::npos) return SizeMix(std::move(parts));
    rest.remove_prefix(comma + 1);
  }
}

unsigned SizeMix::draw(Random& random) const {
  const Part* part = parts_.data();
  if (parts_.size() > 1) {
    for (const std::uint64_t at = random.below(parts_.back().weight); part->weight <= at;) ++part;
  }
  if (part->low == part->high) return part->low;
  return part->low + static_cast<unsigned>(random.below(part->high - part->low + 1));
}

unsigned SizeMix::largest() const {
  return std::ranges::max_element(parts_, {}, &Part::high)->high;
}

double SizeMix::mean() const {
  double sum = 0;
  std::uint64_t before = 0;
  for (const Part& part : parts_) {
    sum += (static_cast<double>(part.low) + part.high) / 2 * static_cast<double>(part.weight - before);
    before = part.weight;
  }
  return sum / static_cast<double>(before);
}

}  // namespace ogive::bench
