#pragma once
// What simulated clients did and were told, and what the nemesis did to the brokers: the evidence that check.h judges.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "message/record.h"

namespace ogive::sim {

/// Which disaster an acknowledgement promised to survive.
enum class Durability : std::uint8_t {
  kProcess,  ///< ASYNC_FLUSH, or a sender that did not wait: survives kill -9.
  kPower,    ///< SYNC_FLUSH: survives power loss.
};

struct QueueName {
  std::string broker;
  std::string topic;
  std::int32_t id = 0;
  auto operator<=>(const QueueName&) const = default;
  std::string text() const;
};

struct SentMessage {
  std::uint64_t id = 0;
  std::string topic;
  std::string tag;
  std::string body;
  std::int64_t delay_ms = 0;                 ///< Of its delay level; 0: delivered at once.
  std::int64_t born_ms = 0;                  ///< Wall clock.
  std::map<std::string, unsigned> attempts;  ///< By broker: copies that may exist there.

  struct Ack {
    QueueName queue;
    std::int64_t offset = 0;  ///< For delayed messages of no meaning to their reader.
    std::int64_t at_ms = 0;
    Durability durability = Durability::kProcess;
  };
  std::optional<Ack> ack;
};

struct SendBack {
  std::uint64_t id = 0;
  std::string group;
  std::string broker;
  std::int64_t at_ms = 0;
};

struct Crash {
  std::int64_t at_ms = 0;
  bool power = false;
};

/// A time in which the log of a broker could not be made durable, from the first fault to the next start.
struct BadDisk {
  std::int64_t from_ms = 0;
  std::int64_t to_ms = INT64_MAX;
};

/// When a question about an offset was asked and answered, and by which node.
struct OffsetAnswer {
  std::int64_t asked_ms = 0;
  std::int64_t at_ms = 0;
  std::string node;  ///< Host.
};

struct Consumed {
  std::uint64_t message = 0;
  std::uint64_t hash = 0;  ///< Of the record's bytes.
  std::int64_t at_ms = 0;
};

/// One world's, one thread. Times are virtual milliseconds of the world.
class History {
 public:
  using ConsumedKey = std::pair<std::string, QueueName>;  ///< Group, queue.

  explicit History(std::uint64_t seed) : seed_(seed) {}

  /// A new message with a body of at least `body_bytes` bytes that no other message has.
  SentMessage& create(const std::string& topic, const std::string& tag, std::size_t body_bytes);
  SentMessage& message(std::uint64_t id) { return messages_[static_cast<std::size_t>(id - 1)]; }
  /// The message a body belongs to; null when its bytes are not exactly those of a message sent.
  const SentMessage* identify(std::string_view body) const;
  const std::vector<SentMessage>& messages() const { return messages_; }

  void consumed(const std::string& group, const QueueName& queue, const message::RecordView& record, ByteView bytes,
                std::int64_t now_ms);
  /// Whether `group` has had the message in any queue (retries included).
  bool has_consumed(const std::string& group, std::uint64_t id) const { return seen_.contains({group, id}); }
  const std::map<ConsumedKey, std::map<std::int64_t, Consumed>>& consumed_records() const { return consumed_; }

  void sent_back(SendBack what) { send_backs_.push_back(std::move(what)); }
  const std::vector<SendBack>& send_backs() const { return send_backs_; }

  /// A commit was acknowledged.
  void committed(const std::string& group, const QueueName& queue, std::int64_t offset, OffsetAnswer answer);
  /// A group's offset was read at its start. It goes on from there: commits that were higher bind nobody any more.
  void offset_read(const std::string& group, const QueueName& queue, std::int64_t offset, const OffsetAnswer& answer);
  /// The broker told the group to go back: earlier commits bind nobody any more.
  void offset_moved(const std::string& group, const QueueName& queue) { commits_.erase({group, queue}); }
  /// Where a group's next pull of a queue begins.
  void positioned(const std::string& group, const QueueName& queue, std::int64_t next) {
    positions_[{group, queue}] = next;
  }
  /// How long before a crash a commit must have been acknowledged to be expected after it.
  void set_offset_save_ms(std::int64_t ms) { offset_save_ms_ = ms; }
  /// Whether the nodes of a broker name may have forgotten what was committed when one of them is asked.
  using MayForget =
      std::function<bool(const std::string& broker, const OffsetAnswer& committed, const OffsetAnswer& read)>;
  /// Another rule than the one of a single broker; then also no message may come again that was committed since the
  /// group's offset was read.
  void set_offset_rule(MayForget may_forget) { may_forget_ = std::move(may_forget); }
  /// Messages that a group had more than once, and how many of them could be told to lie behind no binding commit.
  struct Repeats {
    std::uint64_t all = 0;
    std::uint64_t judged = 0;  ///< Of the reads of an offset and repeats: those with a commit that binds.
  };
  const Repeats& repeats() const { return repeats_; }

  void crashed(const std::string& broker, bool power, std::int64_t now_ms);
  void disk_went_bad(const std::string& broker, std::int64_t now_ms);
  void started(const std::string& broker, std::int64_t now_ms);
  const std::vector<Crash>& crashes(const std::string& broker) const;
  /// Whether something the broker held at `at_ms` with that durability may be gone by now.
  bool may_be_lost(const std::string& broker, std::int64_t at_ms, Durability durability) const;
  bool power_lost_after(const std::string& broker, std::int64_t at_ms) const;
  /// The furthest a group stood in a queue when the broker lost power; 0 when it never did.
  std::int64_t position_at_power_loss(const std::string& group, const QueueName& queue) const;

  /// A breach seen at once; the run goes on.
  void violation(std::string text);
  const std::vector<std::string>& violations() const { return violations_; }

 private:
  std::string make_body(std::uint64_t id, std::size_t bytes) const;
  struct Commit {
    std::int64_t offset = 0;
    OffsetAnswer answer;
  };
  bool may_forget(const std::string& broker, const OffsetAnswer& committed, const OffsetAnswer& read) const;
  /// The highest commit of a group that binds its broker when it is asked; null: none.
  const Commit* binding_commit(const ConsumedKey& key, const OffsetAnswer& read) const;

  const std::uint64_t seed_;
  std::vector<SentMessage> messages_;
  std::map<ConsumedKey, std::map<std::int64_t, Consumed>> consumed_;
  std::map<std::pair<std::string, std::uint64_t>, bool> seen_;
  std::vector<SendBack> send_backs_;
  std::map<ConsumedKey, std::vector<Commit>> commits_;
  std::map<std::string, std::vector<Crash>> crashes_;
  std::map<std::string, std::vector<BadDisk>> bad_disks_;
  std::map<ConsumedKey, std::int64_t> positions_;
  std::map<ConsumedKey, std::int64_t> power_positions_;
  std::int64_t offset_save_ms_ = 6'000;
  MayForget may_forget_;
  Repeats repeats_;
  std::vector<std::string> violations_;
};

}  // namespace ogive::sim
