#pragma once
// What a server answers: one row per request code. Documentation and metrics are made from the same rows.

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "remoting/channel.h"

namespace ogive::remoting {

/// Where a handler runs.
enum class Lane : std::uint8_t {
  kReactor,   ///< On the connection's thread; must neither block nor scan.
  kBlocking,  ///< On the blocking pool, with a copy of the request; may read disks and take its time.
};

/// A request on its way through a handler; valid during the call only.
struct Request {
  const protocol::Frame& frame;
  ReplyTo reply_to;
  const io::Endpoint& remote;
  const io::Endpoint& local;
  Channel* channel;  ///< Null in the blocking lane: the connection may be gone by then.
};

/// Answers at once.
using Answer = std::function<Message(const Request&)>;
/// Answers by itself, now (through request.channel) or later (Server::reply with request.reply_to). Reactor lane only.
using AnswerLater = std::function<void(const Request&)>;

struct HandlerRow {
  std::int32_t code = 0;
  std::string_view name;  ///< As the protocol names it ("SEND_MESSAGE_V2"); static storage.
  Lane lane = Lane::kReactor;
  std::variant<Answer, AnswerLater> handler;
  // For the table in docs/protocol; static storage.
  std::string_view callers = {};  ///< "clients", "operators", "slaves"…
  std::string_view summary = {};  ///< What it does, in Markdown.
};

/// The rows as a Markdown table, by code; rows without a summary are left out.
std::string markdown_table(const std::vector<HandlerRow>& rows);

/// Built once before the server starts, then only read.
class HandlerTable {
 public:
  void add(HandlerRow row);
  const HandlerRow* find(std::int32_t code) const;
  const std::vector<HandlerRow>& rows() const { return rows_; }

 private:
  std::vector<HandlerRow> rows_;
  absl::flat_hash_map<std::int32_t, std::size_t> index_;
};

}  // namespace ogive::remoting
