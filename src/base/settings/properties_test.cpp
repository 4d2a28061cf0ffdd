#include "base/settings/properties.h"

#include <gtest/gtest.h>

namespace ogive::settings {
namespace {

std::string value_of(const Properties& properties, std::string_view key) {
  const Property* found = properties.find(key);
  return found == nullptr ? "(none)" : found->value;
}

TEST(Properties, SeparatorsAndBlanks) {
  const auto p = Properties::parse("a=1\nb : 2\nc 3\n  d\t=\t4 \ne\nf==5\ng:=6\n");
  EXPECT_EQ(value_of(p, "a"), "1");
  EXPECT_EQ(value_of(p, "b"), "2");
  EXPECT_EQ(value_of(p, "c"), "3");
  EXPECT_EQ(value_of(p, "d"), "4 ");
  EXPECT_EQ(value_of(p, "e"), "");
  EXPECT_EQ(value_of(p, "f"), "=5");
  EXPECT_EQ(value_of(p, "g"), "=6");
}

TEST(Properties, CommentsContinuationsAndLineEnds) {
  const auto p = Properties::parse("# c=1\r\n! d=1\r\n\r\nlist=a,\\\r\n   b,\\\n\tc\nnext=1\\\\\nlast=2\\");
  EXPECT_EQ(p.entries().size(), 3u);
  EXPECT_EQ(value_of(p, "list"), "a,b,c");
  EXPECT_EQ(p.find("list")->line, 4);
  EXPECT_EQ(value_of(p, "next"), "1\\");
  EXPECT_EQ(p.find("next")->line, 7);
  EXPECT_EQ(value_of(p, "last"), "2");
}

TEST(Properties, Escapes) {
  const auto p = Properties::parse("a\\ b\\=c=x\\ty\\u00e9\\u4E2D\\uD83D\\uDE00\\q\nbad=\\u12");
  EXPECT_EQ(value_of(p, "a b=c"), "x\ty\u00e9\u4e2d\U0001F600q");
  EXPECT_EQ(value_of(p, "bad"), "\\u12");
}

TEST(Properties, XmlCommentIsNoKey) {
  const auto p = Properties::parse("<!--\n  Licensed to = nobody\n-->\nbrokerName = a\n<!-- one line -->\nb=2\n");
  EXPECT_EQ(p.entries().size(), 2u);
  EXPECT_EQ(p.find("brokerName")->line, 4);
}

TEST(Properties, LastAssignmentCounts) {
  const auto p = Properties::parse("a=1\nb=2\na=3\n");
  ASSERT_EQ(p.entries().size(), 2u);
  EXPECT_EQ(value_of(p, "a"), "3");
  EXPECT_EQ(p.find("a")->line, 3);
}

TEST(Properties, AnyTextIsRead) {
  for (const char* text : {"", "\\", "\\u", "=", ":", " ", "\n\\\n", "a\\", "<!--", "\\\r", "k\\u00"}) {
    (void)Properties::parse(text);
  }
}

TEST(Properties, WrittenLinesReadBack) {
  for (const std::string value : {"", " lead", "back\\slash", "two\nlines", "a=b:c#d!", "trail ", "\ttab"}) {
    for (const std::string key : {"key", "with space", "#hash", "a=b"}) {
      EXPECT_EQ(value_of(Properties::parse(property_line(key, value)), key), value);
    }
  }
}

TEST(Properties, JavaHashOrder) {
  EXPECT_EQ(java_hash_order({"a", "b", "A"}), (std::vector<std::string>{"a", "A", "b"}));
}

}  // namespace
}  // namespace ogive::settings
