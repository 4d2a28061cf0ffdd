// A slave's wiring: who its master is comes from the name servers, its log by the link, its metadata by requests.

#include <fmt/core.h>

#include "broker/broker.h"

namespace ogive::broker {
namespace {

// How often a slave without its master asks the name servers who that is.
constexpr Milliseconds kLookForMaster{3'000};

}  // namespace

void Broker::follow_master() {
  io::Executor& control = *environment_.reactors.front();
  adopted_topics_ = std::make_unique<AdoptedTopics>(*topics_, *store_);
  adopted_topics_->look_at_store(*deletions_);
  metadata_sync_ =
      std::make_unique<MetadataSync>(environment_.network, control, environment_.blocking,
                                     MetadataPorts{*topics_, *groups_, *offsets_, *offset_handover_, *delay_, *store_,
                                                   *adopted_topics_, *deletions_, *topic_removal_},
                                     MetadataSync::Options{});
  // The topics first, if they can be had: what kind of queues a record enters, and whether its topic was deleted long
  // ago, is not in the log.
  replication_->hold();
  metadata_sync_->set_round_listener([this] { replication_->release(); });
  if (const auto fixed = io::Endpoint::parse(settings_.get_string("haMasterAddress"))) {
    // Where no name server names the master: its ports are neighbours unless it was told otherwise.
    metadata_sync_->set_master(fmt::format("{}:{}", fixed->host(), fixed->port - 1));
  } else if (!settings_.get_string("haMasterAddress").empty()) {
    replication_->release();  // A name: where the metadata is, the name servers say, or nobody.
  }
  metadata_sync_->set_listener([this] { note_master(); });
  replication::MasterLink& link = *replication_->link();
  adopted_topics_->set_master([this] { metadata_sync_->sync_soon(); }, [&link] { link.topics_known(); });
  link.set_knows_topic(
      [this](std::string_view topic, PhysicalOffset place) { return adopted_topics_->knows(topic, place); });
  link.set_record_listener(
      [this](std::span<const store::AppendBatch::Entry> entries) { adopted_topics_->look(entries); });
  link.set_listener([this, &control](replication::LinkState state) {
    if (state == replication::LinkState::kFollowing) metadata_sync_->sync_soon();
    control.post([this] { note_master(); });
  });
  io::Executor& replication = *environment_.reactors.back();
  link.set_ask_begin([this, &control, &replication](std::move_only_function<void(Result<std::int64_t>)> done) {
    control.post([this, &replication, done = std::move(done)]() mutable {
      metadata_sync_->ask_log_begin([&replication, done = std::move(done)](Result<std::int64_t> begin) mutable {
        replication.post([done = std::move(done), begin = std::move(begin)]() mutable { done(std::move(begin)); });
      });
    });
  });
  registrar_->set_master_listener([this](const std::string& address, const std::string& ha_address) {
    replication_->learn_master(ha_address);
    if (!address.empty()) {
      metadata_sync_->set_master(address);
    } else if (!ha_address.empty()) {
      replication_->release();
    }
  });
}

bool Broker::following() const {
  return replication_->is_slave() && replication_->link()->following();
}

// A slave that cannot follow (its history is another, its disk is broken) must not keep consumers from a master that is
// there: they would never see what comes now.
void Broker::note_master() {
  const replication::LinkState state = replication_->link()->status().state;
  const bool cannot_follow = state == replication::LinkState::kDiverged || state == replication::LinkState::kFailed;
  const bool reachable =
      state == replication::LinkState::kFollowing || (cannot_follow && metadata_sync_->master_answers());
  identity_.master_reachable.store(reachable, std::memory_order_relaxed);
}

void Broker::look_for_master() {
  master_timer_ = environment_.reactors.front()->run_after(kLookForMaster, [this] {
    if (!following()) registrar_->register_soon();
    look_for_master();
  });
}

}  // namespace ogive::broker
