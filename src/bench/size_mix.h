#pragma once
// Sizes of messages: one, a range, or several with weights.

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"

namespace ogive::bench {

/// A distribution of body sizes. Immutable; any thread.
class SizeMix {
 public:
  /// "1024"; "128..4096", every size as likely as the other; "128:70,1024:25,65536:5", sizes with weights. All within
  /// `low` to `high`. kInvalidArgument names the text and what may stand there.
  static Result<SizeMix> parse(std::string_view text, unsigned low, unsigned high);
  static SizeMix fixed(unsigned size) { return SizeMix({{size, size, 1}}); }

  unsigned draw(Random& random) const;
  unsigned largest() const;
  bool is_fixed() const { return parts_.size() == 1 && parts_[0].low == parts_[0].high; }
  double mean() const;

 private:
  struct Part {
    unsigned low;
    unsigned high;
    std::uint64_t weight;  ///< With those of the parts before.
  };
  explicit SizeMix(std::vector<Part> parts) : parts_(std::move(parts)) {}

  std::vector<Part> parts_;  ///< At least one.
};

}  // namespace ogive::bench
