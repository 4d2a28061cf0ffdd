#pragma once
// Messages as a client sees them: what it sends, and what it gets back from sends and pulls.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "client/reply.h"
#include "client/unique_id.h"
#include "message/record.h"
#include "remoting/channel.h"

namespace ogive::client {

/// A message to be sent. Properties are in the travelling form (message/properties.h).
struct OutgoingMessage {
  std::string topic = {};
  std::int32_t queue_id = -1;  ///< -1 lets the broker choose.
  std::string body = {};
  std::string properties = {};
  std::string producer_group = "CLIENT_INNER_PRODUCER";
  std::int32_t flag = 0;
  std::string unique_id = {};  ///< Filled in from UNIQ_KEY when it is sent.
};

/// What became of a stored message.
enum class SendStatus : std::uint8_t { kOk, kFlushDiskTimeout, kFlushSlaveTimeout, kSlaveNotAvailable };
/// "SEND_OK", "FLUSH_DISK_TIMEOUT", …
std::string_view to_string(SendStatus status);

struct SendResult {
  SendStatus status = SendStatus::kOk;
  std::string unique_id;   ///< The producer's id (UNIQ_KEY).
  std::string message_id;  ///< The broker's: store host and physical offset.
  std::int32_t queue_id = 0;
  std::int64_t queue_offset = 0;
};

/// One look into a queue. Wait 0 answers at once; otherwise the broker may keep the request that long.
struct PullRequest {
  std::string consumer_group = "TOOLS_CONSUMER";
  std::string topic = {};
  std::int32_t queue_id = 0;
  std::int64_t offset = 0;
  std::int32_t max_messages = 32;
  std::string expression = "*";  ///< Tags, "a || b".
  Milliseconds wait{0};
  std::optional<std::int64_t> commit_offset = {};  ///< Remembered by the broker as the group's progress.
};

enum class PullStatus : std::uint8_t { kFound, kNoNewMessage, kNoMatchedMessage, kOffsetIllegal };
/// "FOUND", "NO_NEW_MSG", "NO_MATCHED_MSG", "OFFSET_ILLEGAL".
std::string_view to_string(PullStatus status);

struct PullResult {
  PullStatus status = PullStatus::kNoNewMessage;
  std::int64_t next_offset = 0;
  std::int64_t min_offset = 0;
  std::int64_t max_offset = 0;
  std::int64_t suggested_broker_id = 0;
  std::string bytes;  ///< Records end to end.

  /// The records, views into `bytes`; kCorrupt names the broken one.
  Result<std::vector<message::RecordView>> records() const;
};

/// The steps of Client::send and Client::pull, for those who hold connections of their own.
remoting::Message encode_send(OutgoingMessage& message, UniqueIds& ids, std::int64_t now_ms);
Result<SendResult> decode_send_reply(const Reply& reply, std::string unique_id);
remoting::Message encode_pull(const PullRequest& request);
Result<PullResult> decode_pull_reply(Reply reply);

/// A record's body as the producer gave it: decompressed (zlib, LZ4, ZSTD) when its flags say so. kCorrupt for bytes
/// that are not what the flags say, kLimit above `max_bytes`.
Result<std::string> plain_body(const message::RecordView& record, std::size_t max_bytes = 64u << 20);

}  // namespace ogive::client
