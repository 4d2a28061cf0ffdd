#include "protocol/json.h"

#include <gtest/gtest.h>

namespace ogive::protocol {
namespace {

enum class Color : std::uint8_t { kRed, kGreen };

}  // namespace

template <>
inline constexpr std::array<std::string_view, 2> kEnumNames<Color> = {"RED", "GREEN"};

namespace {

struct Point {
  std::int32_t y_position = 0;
  std::int32_t x_position = 0;
  auto operator<=>(const Point&) const = default;
};
BOOST_DESCRIBE_STRUCT(Point, (), (y_position, x_position))

struct Drawing {
  std::string title = "none";
  std::map<Point, double> weights;
  std::map<std::int64_t, std::string> names;
  std::vector<Point> line;
  std::optional<std::string> note;
  Color color = Color::kRed;
  bool visible = true;
};
BOOST_DESCRIBE_STRUCT(Drawing, (), (title, weights, names, line, note, color, visible))

TEST(Json, WritesMembersSortedAndFastjsonKeys) {
  Drawing drawing;
  drawing.title = "a\"b\n\x01";
  drawing.weights[{1, 2}] = 0;
  drawing.weights[{1, 3}] = 1e10;
  drawing.names[7] = "x";
  drawing.line.push_back({});
  drawing.color = Color::kGreen;
  EXPECT_EQ(
      to_json(drawing),
      R"({"color":"GREEN","line":[{"xPosition":0,"yPosition":0}],"names":{7:"x"},"title":"a\"b\n\u0001","visible":true,)"
      R"("weights":{{"xPosition":2,"yPosition":1}:0.0,{"xPosition":3,"yPosition":1}:1.0E10}})");
}

TEST(Json, StrictStyleQuotesNumbersAndStaysAscii) {
  Drawing drawing;
  drawing.names[-1] = "\xc3\xbc\xf0\x9f\x9a\x80";
  const std::string text = to_json(drawing, kStrictJson);
  EXPECT_NE(text.find(R"("names":{"-1":"\u00fc\ud83d\ude80"})"), std::string::npos) << text;
}

TEST(Json, ReadsWhatItWrites) {
  Drawing drawing;
  drawing.weights[{1, 2}] = 0.25;
  drawing.names[7] = "\xf0\x9f\x9a\x80\\";
  drawing.note = "";
  for (const JsonStyle style : {JsonStyle{}, kStrictJson, JsonStyle{.pretty = true}}) {
    const auto again = from_json<Drawing>(to_json(drawing, style));
    ASSERT_TRUE(again.has_value()) << again.error().message();
    EXPECT_EQ(again->weights, drawing.weights);
    EXPECT_EQ(again->names, drawing.names);
    EXPECT_EQ(again->note, drawing.note);
  }
}

TEST(Json, IsTolerant) {
  const auto drawing = from_json<Drawing>(
      R"( {unknown:{"a":[1,{2:3}],{"k":1}:null}, title : null,"names":{"1":"a",2:"b"},"color":1,"visible":"false",
          "weights":{"{\"xPosition\":5}":"2"}} )");
  ASSERT_TRUE(drawing.has_value()) << drawing.error().message();
  EXPECT_EQ(drawing->title, "none");
  EXPECT_EQ(drawing->names.at(1), "a");
  EXPECT_EQ(drawing->names.at(2), "b");
  EXPECT_EQ(drawing->color, Color::kGreen);
  EXPECT_FALSE(drawing->visible);
  EXPECT_EQ(drawing->weights.at({0, 5}), 2);
}

TEST(Json, EnumsWithUnknownNamesKeepTheirDefault) {
  EXPECT_EQ(from_json<Drawing>(R"({"color":"BLUE"})")->color, Color::kRed);
}

TEST(Json, RefusesMalformedTextsAndSaysWhere) {
  for (const std::string_view text : {"", "{", "[]", "{\"title\":}", "{\"title\":\"x}", "{\"title\":\"\\q\"}",
                                      "{\"line\":{}}", "{\"names\":{\"x\":\"1\"}}", "{} x", "{\"visible\":1}",
                                      "{\"line\":[{\"xPosition\":99999999999}]}", "{\"title\":\"x\" \"note\":1}", "{,}",
                                      "{\"title\":\"x\",}", "{\"line\":[{\"xPosition\":1.5}]}", "{\"title\":\"\\"}) {
    const auto drawing = from_json<Drawing>(text);
    ASSERT_FALSE(drawing.has_value()) << text;
    EXPECT_EQ(drawing.error().code(), Errc::kCorrupt);
    EXPECT_NE(drawing.error().message().find("at byte"), std::string::npos) << drawing.error().message();
  }
}

TEST(Json, NestingIsBounded) {
  std::string deep = "{\"unknown\":";
  deep.append(100'000, '[');
  EXPECT_FALSE(from_json<Drawing>(deep).has_value());
}

TEST(Json, DoublesLookAsInJava) {
  const std::pair<double, std::string_view> cases[] = {
      {0, "0.0"},       {-1.5, "-1.5"},     {0.5, "0.5"},         {9999999, "9999999.0"},     {1e7, "1.0E7"},
      {0.001, "0.001"}, {0.0001, "1.0E-4"}, {1.25e-7, "1.25E-7"}, {123456.789, "123456.789"}, {1.0 / 0.0, "null"},
  };
  for (const auto& [value, text] : cases) EXPECT_EQ(to_json(value), text);
}

}  // namespace
}  // namespace ogive::protocol
