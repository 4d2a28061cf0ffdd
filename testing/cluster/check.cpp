#include "testing/cluster/check.h"

#include <fmt/core.h>

#include <algorithm>

namespace ogive::sim {
namespace {

struct Place {
  QueueName queue;
  std::int64_t offset = 0;
  std::int64_t store_ms = 0;
};
using Copies = std::map<std::uint64_t, std::vector<Place>>;

bool is_plain(const std::string& topic) {
  return !topic.starts_with('%');
}

Copies index(const History& history, const Reading& reading, std::vector<std::string>& breaches) {
  Copies copies;
  for (const auto& [queue, records] : reading.records) {
    std::int64_t last_physical = -1;
    std::int64_t last_store_ms = -1;
    for (std::size_t i = 0; i < records.size(); ++i) {
      const auto record = message::decode_record(as_bytes(records[i]));
      const SentMessage* sent = record ? history.identify(as_chars(record->body)) : nullptr;
      if (sent == nullptr) {
        breaches.push_back(fmt::format("{} offset {} holds a message that nobody sent", queue.text(), i));
        continue;
      }
      if (is_plain(queue.topic) && sent->topic != queue.topic) {
        breaches.push_back(fmt::format("message {} of {} lies in {}", sent->id, sent->topic, queue.text()));
      }
      if (record->physical_offset <= last_physical || record->store_timestamp_ms < last_store_ms) {
        breaches.push_back(fmt::format("{} offset {} was stored before its predecessor", queue.text(), i));
      }
      last_physical = record->physical_offset;
      last_store_ms = record->store_timestamp_ms;
      copies[sent->id].push_back({queue, static_cast<std::int64_t>(i), record->store_timestamp_ms});
    }
  }
  return copies;
}

void check_message(const History& history, const SentMessage& sent, const std::vector<Place>& places,
                   std::vector<std::string>& breaches) {
  std::map<std::string, unsigned> plain;
  for (const Place& place : places) {
    if (!is_plain(place.queue.topic)) continue;
    ++plain[place.queue.broker];
    if (place.store_ms < sent.born_ms + sent.delay_ms) {
      breaches.push_back(
          fmt::format("message {} was delivered {} ms early", sent.id, sent.born_ms + sent.delay_ms - place.store_ms));
    }
  }
  for (const auto& [broker, count] : plain) {
    const auto attempts = sent.attempts.find(broker);
    auto allowed = attempts == sent.attempts.end() ? 0U : attempts->second;
    // A delivery whose progress was not saved is done again.
    if (sent.delay_ms > 0) allowed *= static_cast<unsigned>(1 + history.crashes(broker).size());
    if (count > allowed) {
      breaches.push_back(fmt::format("message {} is there {} times on {}, sent {} times", sent.id, count, broker,
                                     attempts == sent.attempts.end() ? 0U : attempts->second));
    }
  }
  if (!sent.ack) return;
  const auto& ack = *sent.ack;
  if (history.may_be_lost(ack.queue.broker, ack.at_ms, ack.durability)) return;
  const bool there = std::ranges::any_of(places, [&](const Place& place) {
    if (sent.delay_ms > 0) return place.queue.broker == ack.queue.broker && place.queue.topic == sent.topic;
    return place.queue == ack.queue && place.offset == ack.offset;
  });
  if (!there) {
    breaches.push_back(
        fmt::format("message {} ({}, delay {} ms), acknowledged at {} ms as {} offset {}, survives {}: it is not there",
                    sent.id, sent.topic, sent.delay_ms, ack.at_ms, ack.queue.text(), ack.offset,
                    ack.durability == Durability::kPower ? "power loss" : "kill -9"));
  }
}

}  // namespace

std::vector<std::string> check_stored(const History& history, const Reading& reading) {
  std::vector<std::string> breaches = reading.problems;
  const Copies copies = index(history, reading, breaches);
  static const std::vector<Place> nowhere;
  for (const SentMessage& sent : history.messages()) {
    const auto found = copies.find(sent.id);
    check_message(history, sent, found == copies.end() ? nowhere : found->second, breaches);
  }
  for (const SendBack& back : history.send_backs()) {
    if (history.may_be_lost(back.broker, back.at_ms, Durability::kProcess)) continue;
    const auto found = copies.find(back.id);
    const bool there = found != copies.end() && std::ranges::any_of(found->second, [&](const Place& place) {
                         return place.queue.broker == back.broker && place.queue.topic == "%RETRY%" + back.group;
                       });
    if (!there) {
      breaches.push_back(fmt::format("message {} was sent back by {} to {} at {} ms and did not come again", back.id,
                                     back.group, back.broker, back.at_ms));
    }
  }
  return breaches;
}

std::vector<std::string> check_consumed(const History& history, const Reading& reading, const GroupPromise& promise) {
  std::vector<std::string> missing;
  const std::string retry_topic = "%RETRY%" + promise.group;
  for (const auto& [queue, records] : reading.records) {
    const auto tags = promise.tags.find(queue.topic);
    if (queue.topic != retry_topic && tags == promise.tags.end()) continue;
    const auto found = history.consumed_records().find({promise.group, queue});
    const std::int64_t position = history.position_at_power_loss(promise.group, queue);
    for (std::size_t i = 0; i < records.size(); ++i) {
      const auto record = message::decode_record(as_bytes(records[i]));
      const SentMessage* sent = record ? history.identify(as_chars(record->body)) : nullptr;
      if (sent == nullptr) continue;  // check_stored has said so.
      if (queue.topic != retry_topic && !tags->second.empty() &&
          std::ranges::find(tags->second, sent->tag) == tags->second.end()) {
        continue;
      }
      const auto offset = static_cast<std::int64_t>(i);
      // Power took what the group had read here; what came after in its place may be skipped (see simulation.md).
      if (offset < position) continue;
      const bool had = found != history.consumed_records().end() && found->second.contains(offset) &&
                       found->second.at(offset).message == sent->id;
      if (!had) {
        missing.push_back(
            fmt::format("{} has not had message {} of {} offset {}", promise.group, sent->id, queue.text(), offset));
      }
    }
  }
  return missing;
}

}  // namespace ogive::sim
