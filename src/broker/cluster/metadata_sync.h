#pragma once
// Keeps a slave's topics, groups and offsets like its master's: GET_ALL_TOPIC_CONFIG (21),
// GET_ALL_SUBSCRIPTIONGROUP_CONFIG (201), GET_ALL_CONSUMER_OFFSET (43), GET_ALL_DELAY_OFFSET (45), and from masters of
// Ogive what was deleted (20295).
// docs/internals/replication.md.

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/rate_limit.h"
#include "broker/cluster/adopted_topics.h"
#include "broker/cluster/deletions.h"
#include "broker/cluster/offset_handover.h"
#include "broker/cluster/topic_removal.h"
#include "broker/delay/delay_service.h"
#include "broker/group/group_table.h"
#include "broker/offset/offset_table.h"
#include "broker/topic/topic_table.h"
#include "client/client.h"
#include "io/task_pool.h"
#include "store/message_store.h"

namespace ogive::broker {

/// The tables that follow the master's.
struct MetadataPorts {
  TopicTable& topics;
  GroupTable& groups;
  OffsetTable& offsets;
  OffsetHandover& handover;
  DelayService& delay;
  const store::MessageStore& store;
  AdoptedTopics& adopted;
  Deletions& deletions;
  TopicRemoval& removal;
};

/// Name of the request and answer field by which Ogive nodes spare each other bodies that have not changed. Others
/// neither send nor mind it.
inline constexpr std::string_view kSyncTokenField = "ogiveSyncToken";
/// Name of an answer's field: the end of the log behind everything that the body speaks of. Until our copy has come
/// that far the body is not taken.
inline constexpr std::string_view kSyncLogEndField = "ogiveLogEnd";
/// Name of an answer's field: where the log ended before the table was read. Every record in front of it was appended
/// when its topic was in the table.
inline constexpr std::string_view kSyncTableEndField = "ogiveTableEnd";

/// Name of a field of UPDATE_CONSUMER_OFFSET (15), by which Ogive commits only while this is what was committed; -1:
/// nothing. So a slave that tells its master an offset does not overwrite what was committed there since it looked.
inline constexpr std::string_view kExpectedOffsetField = "ogiveExpectedOffset";

/// Lives on one executor; calls there unless said otherwise. Absence on the master never deletes anything here, only a
/// deletion there does.
class MetadataSync {
 public:
  struct Options {
    Milliseconds period{500};              ///< With a master that answers sync tokens.
    Milliseconds original_period{60'000};  ///< With one that does not: the original's.
    Milliseconds retry{1'000};
  };

  MetadataSync(io::Network& network, io::Executor& executor, io::TaskPool& blocking, const MetadataPorts& ports,
               const Options& options);
  ~MetadataSync();

  /// "host:port" of the master's main port. Any thread.
  void set_master(const std::string& address);
  /// Told each time master_answers() changes. On the executor; set before the first set_master().
  void set_listener(std::function<void()> listener) { listener_ = std::move(listener); }
  /// Told whenever a round has ended, well or not. On the executor; set before the first set_master().
  void set_round_listener(std::function<void()> listener) { round_listener_ = std::move(listener); }
  /// Whether the last round got its answers. On the executor.
  bool master_answers() const { return answers_; }
  /// Asks at once: the master is back. Any thread.
  void sync_soon();
  void stop();
  /// The master's first offset, by its runtime information (28).
  void ask_log_begin(std::move_only_function<void(Result<std::int64_t>)> done);

  /// Rounds in which every table was brought up to date. Any thread.
  std::uint64_t rounds() const { return rounds_.load(std::memory_order_acquire); }

 private:
  struct Item {
    std::int32_t code;
    Status (MetadataSync::*apply)(const std::string& body);
    std::string token;       ///< Of what we have.
    bool ours_only = false;  ///< Asked of masters of Ogive only.
  };
  struct Round;

  void schedule(Milliseconds delay);
  void begin_round();
  void ask(std::size_t index, std::shared_ptr<Round> round);
  void on_reply(std::size_t index, std::shared_ptr<Round> round, Result<client::Reply> reply);
  void finish(std::shared_ptr<Round> round, const Status& status);
  void make_unknown_groups(const std::set<std::string>& names);
  void tell_ahead();
  bool must_compare_offsets() const;

  // In the blocking lane, one at a time.
  Status take_topics(const std::string& body);
  Status take_groups(const std::string& body);
  Status take_offsets(const std::string& body);
  Status take_delay(const std::string& body);
  Status take_deletions(const std::string& body);
  Status delete_topic(const protocol::Deletion& deletion, bool made_anew);
  Status delete_group(const protocol::Deletion& deletion, bool made_anew);

  io::Executor& executor_;
  io::TaskPool& blocking_;
  const MetadataPorts ports_;
  const Options options_;
  client::Client client_;
  std::vector<AheadOffset> ahead_;        ///< Found by the running round; to be told to the master.
  std::uint64_t compared_commits_ = 0;    ///< OffsetTable::commits() at the last comparison with the master's offsets.
  bool untold_ = false;                   ///< It found some to tell.
  std::set<std::string> unknown_groups_;  ///< The master refused their offsets since the running round began.
  std::set<std::string> hurried_groups_;  ///< For which a round was begun at once, and that is not told yet.
  /// Kind and name of deletions that our log has not come to.
  std::set<std::pair<std::string, std::string>> late_deletions_;
  std::string master_;
  std::array<Item, 5> items_;
  std::int64_t table_end_ = 0;     ///< Of the topics that the running round has got.
  bool master_restarted_ = false;  ///< Since the table that is being taken was asked for before.
  std::function<void()> listener_ = [] {};
  std::function<void()> round_listener_ = [] {};
  bool answers_ = false;
  bool running_ = false;  ///< A round is under way.
  bool again_ = false;
  bool stopped_ = false;
  io::TimerId timer_;
  RateLimit failures_logged_;
  std::atomic<std::uint64_t> rounds_{0};
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  ///< Shared with work that may end after us.
};

}  // namespace ogive::broker
