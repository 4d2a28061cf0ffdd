// Pairs as they travel, against a reader that looks at one byte after the other.

#include "message/properties.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace ogive::message {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

Pairs read_slowly(std::string_view text) {
  Pairs pairs;
  std::string name, value;
  bool in_value = false;
  for (char c : text) {
    if (!in_value && c == kNameEnd) {
      in_value = true;
    } else if (c == kValueEnd) {
      if (in_value) pairs.emplace_back(name, value);
      name.clear();
      value.clear();
      in_value = false;
    } else {
      (in_value ? value : name) += c;
    }
  }
  if (in_value) pairs.emplace_back(name, value);
  return pairs;
}

TEST(Properties, AreSplitAlikeWhateverTheirLengths) {
  std::mt19937 random(20'261'124);
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (std::size_t left = random() % 60; left > 0; --left) {
      const auto dice = random() % 12;
      text += dice == 0 ? kNameEnd : dice == 1 ? kValueEnd : dice == 2 ? '\x03' : static_cast<char>('a' + dice);
    }
    Pairs pairs;
    for_each_property(text, [&](std::string_view name, std::string_view value) {
      pairs.emplace_back(name, value);
      return true;
    });
    ASSERT_EQ(pairs, read_slowly(text)) << ::testing::PrintToString(text);
  }
}

TEST(Properties, TheVisitorEndsTheVisit) {
  int seen = 0;
  for_each_property(
      "a\x01"
      "1\x02"
      "b\x01"
      "2\x02",
      [&](std::string_view, std::string_view) { return ++seen < 1; });
  EXPECT_EQ(seen, 1);
}

}  // namespace
}  // namespace ogive::message
