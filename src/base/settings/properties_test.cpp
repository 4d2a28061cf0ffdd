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

std::string changed(std::string_view text, std::initializer_list<std::pair<const char*, const char*>> values) {
  Properties changes;
  for (const auto& [key, value] : values) changes.set(key, value);
  return with_changes(text, changes);
}

TEST(PropertiesChanges, KeepWhatTheUserWrote) {
  EXPECT_EQ(changed("# mine\nb = 1\n\n! note\na=2 ", {{"b", "7"}}), "# mine\nb=7\n\n! note\na=2 ");
  EXPECT_EQ(changed("a=1\r\nb=2\r\n", {{"b", "3"}}), "a=1\r\nb=3\n");
  EXPECT_EQ(changed("", {{"a", "1"}}), "a=1\n");
  EXPECT_EQ(changed("a=1", {{"b", "2"}}), "a=1\nb=2\n");
}

TEST(PropertiesChanges, ReplaceTheAssignmentThatCounts) {
  EXPECT_EQ(changed("a=1\n# then\na=2\n", {{"a", "3"}}), "a=1\n# then\na=3\n");
  EXPECT_EQ(changed("#a=1\n", {{"a", "3"}}), "#a=1\na=3\n");
}

TEST(PropertiesChanges, ReplaceAllLinesOfAContinuedValue) {
  EXPECT_EQ(changed("a=1,\\\n   2,\\\n   3\nb=4\n", {{"a", "5"}}), "a=5\nb=4\n");
}

TEST(PropertiesChanges, ReadBackAsWhatTheyAre) {
  const std::string text = changed("k=old\n", {{"k", " a\\b=c\n#d"}, {"new key", "v"}});
  const Properties read = Properties::parse(text);
  EXPECT_EQ(read.find("k")->value, " a\\b=c\n#d");
  EXPECT_EQ(read.find("new key")->value, "v");
}

}  // namespace
}  // namespace ogive::settings
