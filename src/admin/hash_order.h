#pragma once
// The order in which the original prints what it keeps in hash tables: bucket by bucket. People compare the two outputs
// line by line, so rows come in the same order here.

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "message/record.h"
#include "protocol/bodies/message_queue.h"

namespace ogive::admin {

/// Java's hashCode of a text and of a queue.
inline std::uint32_t java_hash(const std::string& text) {
  return static_cast<std::uint32_t>(message::java_string_hash(text));
}
inline std::uint32_t java_hash(const protocol::MessageQueue& queue) {
  std::uint32_t hash = 31 + java_hash(queue.broker_name);
  hash = 31 * hash + static_cast<std::uint32_t>(queue.queue_id);
  return 31 * hash + java_hash(queue.topic);
}

/// Sorts `items` by the bucket of `key(item)` in a table that began with `buckets` (a power of two) and grew as Java's
/// do; items of one bucket keep their order.
template <class Item, class Key = std::identity>
void sort_by_java_hash(std::vector<Item>& items, Key key = {}, std::size_t buckets = 16) {
  while (items.size() > buckets * 3 / 4) buckets *= 2;
  std::ranges::stable_sort(items, {}, [&](const Item& item) {
    const std::uint32_t hash = java_hash(std::invoke(key, item));
    return (hash ^ (hash >> 16)) & (buckets - 1);
  });
}

/// The elements of a set or the entries of a map in that order.
template <class Container, class Key = std::identity>
std::vector<typename Container::value_type> in_java_order(const Container& container, Key key = {},
                                                          std::size_t buckets = 16) {
  std::vector<typename Container::value_type> items(container.begin(), container.end());
  // Entries of maps have const keys and cannot be moved about: sort pointers instead.
  std::vector<const typename Container::value_type*> order;
  for (const auto& item : items) order.push_back(&item);
  sort_by_java_hash(order, [&](const auto* item) -> const auto& { return std::invoke(key, *item); }, buckets);
  std::vector<typename Container::value_type> sorted;
  for (const auto* item : order) sorted.push_back(*item);
  return sorted;
}

}  // namespace ogive::admin
