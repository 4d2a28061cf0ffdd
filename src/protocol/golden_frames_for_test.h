#pragma once
// Reads recorded frames for tests: the full recording beside the repository when it is there, else the small set in
// tests/golden/frames.

#include <simdjson.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "io/out_buffer.h"
#include "protocol/codes.h"
#include "testing/source_dir.h"

namespace ogive::protocol {

struct GoldenFrame {
  std::string where;  ///< File and line.
  std::string raw;
  std::string serialization;
  std::string kind;
  std::string language;
  std::string remark;
  std::int32_t code = 0;
  std::int32_t request_code = 0;
  std::int32_t opaque = 0;
  std::int32_t flag = 0;
  std::int32_t version = 0;
  std::map<std::string, std::string> fields;
  std::size_t body_bytes = 0;
};

inline std::string golden_frame_directories() {
  return source_dir() + "/../shared/golden/frames or " + source_dir() + "/tests/golden/frames";
}

inline std::vector<std::filesystem::path> golden_frame_files() {
  const std::filesystem::path source = source_dir();
  for (const auto& directory : {source / "../shared/golden/frames", source / "tests/golden/frames"}) {
    std::vector<std::filesystem::path> files;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
      if (entry.path().extension() == ".jsonl") files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    if (!files.empty()) return files;
  }
  return {};
}

inline std::string from_hex(std::string_view hex) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<char>(digit(hex[i]) << 4 | digit(hex[i + 1])));
  }
  return bytes;
}

inline std::string flatten(const io::OutBuffer& out) {
  std::vector<ByteView> pieces(64);
  pieces.resize(out.peek(pieces));
  std::string bytes;
  for (ByteView piece : pieces) bytes += as_chars(piece);
  return bytes;
}

inline GoldenFrame read_golden_frame(const simdjson::dom::element& line) {
  const auto text = [&line](const char* name) {
    std::string_view value;
    return line[name].get(value) == simdjson::SUCCESS ? std::string(value) : std::string();
  };
  const auto number = [&line](const char* name) {
    std::int64_t value = 0;
    return line[name].get(value) == simdjson::SUCCESS ? static_cast<std::int32_t>(value) : 0;
  };
  GoldenFrame frame;
  frame.raw = from_hex(text("raw_hex"));
  frame.serialization = text("serialize");
  frame.kind = text("kind");
  frame.language = text("language");
  if (frame.language.empty()) frame.language = language_name(number("language"));
  frame.remark = text("remark");
  frame.code = number("code");
  frame.request_code = number("request_code");
  frame.opaque = number("opaque");
  frame.flag = number("flag");
  frame.version = number("version");
  frame.body_bytes = static_cast<std::size_t>(number("body_len"));
  simdjson::dom::object fields;
  if (line["ext_fields"].get(fields) == simdjson::SUCCESS) {
    for (const auto& [name, value] : fields) {
      std::string_view content;
      if (value.get(content) == simdjson::SUCCESS) frame.fields[std::string(name)] = content;
    }
  }
  return frame;
}

/// Visits every recorded frame.
inline void for_each_golden_frame(const std::function<void(const GoldenFrame&)>& visit) {
  simdjson::dom::parser parser;
  for (const auto& file : golden_frame_files()) {
    simdjson::dom::document_stream lines;
    simdjson::padded_string content;
    if (simdjson::padded_string::load(file.string()).get(content) != simdjson::SUCCESS) continue;
    if (parser.parse_many(content, 4u << 20).get(lines) != simdjson::SUCCESS) continue;
    int line_number = 0;
    for (auto line : lines) {
      simdjson::dom::element element;
      ++line_number;
      if (line.get(element) != simdjson::SUCCESS) continue;
      GoldenFrame frame = read_golden_frame(element);
      frame.where = file.filename().string() + ":" + std::to_string(line_number);
      visit(frame);
    }
  }
}

}  // namespace ogive::protocol
