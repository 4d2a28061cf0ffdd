#include <gtest/gtest.h>
#include <stdlib.h>

#include "store/checkpoint.h"
#include "store/sim_store_for_test.h"

namespace ogive::store {
namespace {

StoreOptions index_options() {
  StoreOptions options = SimStore::small_options();
  options.segment_bytes = 4 << 20;
  options.prewrite_bytes = 256 << 10;
  options.consume_queue_file_bytes = 20 * 10'000;
  options.index_shape = {5'000, 20'000};
  return options;
}

std::string properties_of(std::string_view unique, std::string_view keys = {}, std::string_view tags = {}) {
  std::string text;
  if (!unique.empty()) message::append_property(text, "UNIQ_KEY", unique);
  if (!keys.empty()) message::append_property(text, "KEYS", keys);
  if (!tags.empty()) message::append_property(text, "TAGS", tags);
  return text;
}

std::vector<std::string> bodies(SimStore& process, const KeyQuery& query) {
  auto found = process.store->find_by_key(query);
  EXPECT_TRUE(found) << found.error().message();
  std::vector<std::string> texts;
  if (!found) return texts;
  for (const auto& record : found->records) texts.emplace_back(as_chars(message::decode_record(record)->body));
  return texts;
}

using Texts = std::vector<std::string>;

TEST(Index, FindsByEveryKindOfKeyAtOnce) {
  sim::SimDisk disk(1);
  SimStore process(disk);
  ASSERT_TRUE(process.open(index_options()));
  ASSERT_TRUE(process.append({.body = "one", .properties = properties_of("U1", "a b", "red")}));
  ASSERT_TRUE(process.append({.body = "two", .properties = properties_of("U2", "b  c ", "red")}));
  ASSERT_TRUE(process.append({.topic = "TopicB", .body = "other", .properties = properties_of("U3", "a b", "red")}));
  EXPECT_EQ(bodies(process, {.topic = "TopicA", .key = "U1"}), Texts{"one"});
  EXPECT_EQ(bodies(process, {.topic = "TopicA", .key = "a"}), Texts{"one"});
  EXPECT_EQ(bodies(process, {.topic = "TopicA", .key = "b"}), (Texts{"two", "one"}));
  EXPECT_EQ(bodies(process, {.topic = "TopicA", .key = "b", .max_messages = 1}), Texts{"two"});
  EXPECT_EQ(bodies(process, {.topic = "TopicA", .key = "c"}), Texts{"two"});
  EXPECT_EQ(bodies(process, {.topic = "TopicA", .key = "red", .kind = KeyKind::kTag}), (Texts{"two", "one"}));
  EXPECT_EQ(bodies(process, {.topic = "TopicA", .key = "red"}), Texts{});
  EXPECT_EQ(bodies(process, {.topic = "TopicA", .key = ""}), Texts{});
}

TEST(Index, KeysOfOneHashAreToldApart) {
  sim::SimDisk disk(1);
  SimStore process(disk);
  ASSERT_TRUE(process.open(index_options()));
  // "Aa" and "BB" have the same Java hash.
  ASSERT_TRUE(process.append({.body = "first", .properties = properties_of("", "Aa")}));
  ASSERT_TRUE(process.append({.body = "second", .properties = properties_of("", "BB")}));
  EXPECT_EQ(bodies(process, {.topic = "TopicA", .key = "Aa"}), Texts{"first"});
  EXPECT_EQ(bodies(process, {.topic = "TopicA", .key = "BB"}), Texts{"second"});
}

TEST(Index, TimesAreExactToTheMillisecond) {
  sim::SimDisk disk(1);
  SimStore process(disk);
  ASSERT_TRUE(process.open(index_options()));
  std::vector<std::int64_t> times;
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(process.append({.body = std::to_string(i), .properties = properties_of("", "k")}));
    times.push_back(*process.store->store_time(process.store->queue("TopicA", QueueId(0)), QueueOffset(i)));
    process.world.run_for(Milliseconds(137));
  }
  for (int from = 0; from < 20; ++from) {
    for (int to = from; to < 20; ++to) {
      Texts expected;
      for (int i = to; i >= from; --i) expected.push_back(std::to_string(i));
      const KeyQuery query{.topic = "TopicA", .key = "k", .begin_ms = times[from], .end_ms = times[to]};
      ASSERT_EQ(bodies(process, query), expected);
    }
    const KeyQuery between{.topic = "TopicA", .key = "k", .begin_ms = times[from] + 1, .end_ms = times[from] + 136};
    ASSERT_EQ(bodies(process, between), Texts{});
  }
}

TEST(Index, RollbackRecordsHaveNoKeys) {
  sim::SimDisk disk(1);
  SimStore process(disk);
  ASSERT_TRUE(process.open(index_options()));
  ASSERT_TRUE(process.append({.body = "gone", .properties = properties_of("U", "k"), .sys_flag = 0xC}));
  ASSERT_TRUE(process.append({.body = "half", .properties = properties_of("U", "k"), .sys_flag = 0x4}));
  EXPECT_EQ(bodies(process, {.topic = "TopicA", .key = "k"}), Texts{"half"});
}

/// A store whose messages have a random key and a random unique key each.
class RandomKeys : public ::testing::Test {
 protected:
  void send(SimStore& process, int messages) {
    for (int sent = 0; sent < messages;) {
      std::vector<SimMessage> batch;
      for (int i = 0; i < 200; ++i, ++sent) {
        keys_.push_back(std::to_string(random_.next()));
        batch.push_back(
            {.queue = i % 4, .body = keys_.back(), .properties = properties_of(unique(keys_.back()), keys_.back())});
      }
      ASSERT_TRUE(process.append_all(batch));
      process.world.run_for(Milliseconds(1));
    }
  }
  /// Every `step`th message is found by either of its keys, and nothing else is.
  void expect_keys(SimStore& process, std::size_t step) {
    for (int waited = 0; !process.store->find_by_key({.topic = "TopicA", .key = keys_.front()})->complete; ++waited) {
      ASSERT_LT(waited, 10'000);
      process.world.run_for(Milliseconds(100));
    }
    for (std::size_t i = 0; i < keys_.size(); i += step) {
      ASSERT_EQ(bodies(process, {.topic = "TopicA", .key = keys_[i]}), Texts{keys_[i]});
      ASSERT_EQ(bodies(process, {.topic = "TopicA", .key = unique(keys_[i])}), Texts{keys_[i]});
    }
  }
  static std::string unique(const std::string& key) { return "U" + key; }

  Random random_{5};
  std::vector<std::string> keys_;
};

/// With OGIVE_FULL_TESTS=1 a million messages, otherwise a sample.
TEST_F(RandomKeys, AreAllFoundWhateverHappenedInBetween) {
  const bool full = ::getenv("OGIVE_FULL_TESTS") != nullptr;
  const int count = full ? 1'000'000 : 40'000;
  StoreOptions options = index_options();
  if (full) options.index_shape = {200'000, 400'000};  // Several files in any case.
  sim::SimDisk disk(1);
  {
    SimStore process(disk);
    ASSERT_TRUE(process.open(options));
    send(process, count / 4);
    expect_keys(process, 7);
    ASSERT_TRUE(process.close());
  }
  {
    SimStore process(disk);  // After an orderly stop; killed.
    ASSERT_TRUE(process.open(options));
    send(process, count / 4);
  }
  {
    SimStore process(disk);  // After kill -9; loses power.
    ASSERT_TRUE(process.open(options));
    expect_keys(process, 7);
    send(process, count / 2);
    ASSERT_TRUE(process.flush());
  }
  disk.power_loss();
  SimStore process(disk);
  ASSERT_TRUE(process.open(options));
  ASSERT_EQ(static_cast<int>(keys_.size()), count);
  expect_keys(process, 1);
  send(process, count / 10);
  expect_keys(process, 7);
  EXPECT_GT(process.files.list("/store/index")->size(), 2U);
}

TEST(Index, IsCompleteAfterAnOrderlyStop) {
  sim::SimDisk disk(1);
  SimStore process(disk);
  ASSERT_TRUE(process.open(index_options()));
  ASSERT_TRUE(process.append({.body = "first", .properties = properties_of("", "indexed in the background")}));
  process.world.run_for(Milliseconds(1'000));
  ASSERT_TRUE(process.append({.body = "second", .properties = properties_of("", "indexed by the stop")}));
  ASSERT_TRUE(process.close());
  const auto checkpoint = load_checkpoint(process.files, "/store/checkpoint");
  ASSERT_TRUE(checkpoint);
  EXPECT_EQ(checkpoint->index_safe_offset, checkpoint->safe_offset);
}

/// What is looked at in the cache and what is read from files are the same keys.
TEST(Index, MadeAnewFromTheLogItIsTheSame) {
  sim::SimDisk disk(1);
  Random random(9);
  const auto index_of = [](SimStore& process) {
    const auto listed = process.files.list("/store/index");
    EXPECT_EQ(listed->size(), 1U);
    return *io::read_file(process.files, "/store/index/" + listed->front().name, 1 << 20);
  };
  std::string noted;
  {
    SimStore process(disk);
    ASSERT_TRUE(process.open(index_options()));
    for (int i = 0; i < 60; ++i) {
      std::vector<SimMessage> batch;
      for (std::uint64_t n = random.below(40) + 1; n > 0; --n) {
        SimMessage message{.queue = static_cast<std::int32_t>(random.below(3)), .body = "x"};
        message.body.assign(random.below(900), 'b');
        if (random.chance(20)) message.topic = std::string(150, 't');  // Another form of record.
        if (random.chance(70))
          message.properties = properties_of(std::to_string(random.next()), "k  \xc3\xa4 l", "red");
        message.v6_hosts = random.chance(30);
        message.sys_flag = random.chance(10) ? 0x4 : random.chance(10) ? 0xC : 0;
        batch.push_back(std::move(message));
      }
      ASSERT_TRUE(process.append_all(batch));
      process.world.run_for(Milliseconds(static_cast<std::int64_t>(random.below(120))));
    }
    ASSERT_TRUE(process.close());
    noted = index_of(process);
  }
  SimStore process(disk);
  const auto listed = process.files.list("/store/index");
  for (const auto& info : *listed) ASSERT_TRUE(process.files.remove("/store/index/" + info.name));
  ASSERT_TRUE(process.open(index_options()));
  ASSERT_TRUE(process.close());
  EXPECT_GT(noted.size(), 20'040U + 20 * 1'000);
  EXPECT_TRUE(index_of(process) == noted);
}

TEST(Index, IsMadeAnewWhenItIsMissingOrGarbled) {
  sim::SimDisk disk(1);
  {
    SimStore process(disk);
    ASSERT_TRUE(process.open(index_options()));
    for (int i = 0; i < 500; ++i) {
      ASSERT_TRUE(process.append({.body = std::to_string(i), .properties = properties_of("U" + std::to_string(i))}));
    }
    ASSERT_TRUE(process.close());
  }
  for (const int damage : {0, 1, 2, 3}) {
    SCOPED_TRACE(damage);
    SimStore process(disk);
    const auto listed = process.files.list("/store/index");
    ASSERT_EQ(listed->size(), 1U);
    const std::string path = "/store/index/" + listed->front().name;
    if (damage == 0) {
      ASSERT_TRUE(process.files.remove(path));
    } else {
      auto file = process.files.open(path, io::OpenMode::kReadWrite);
      if (damage == 1) {
        ASSERT_TRUE((*file)->truncate(100));
      }
      if (damage == 2) {
        ASSERT_TRUE((*file)->write_at(30, as_bytes(std::string(20, 'g'))));
      }
      if (damage == 3) {
        ASSERT_TRUE((*file)->truncate(0));
      }
    }
    ASSERT_TRUE(process.open(index_options()));
    for (int i = 0; i < 500; i += 7) {
      ASSERT_EQ(bodies(process, {.topic = "TopicA", .key = "U" + std::to_string(i)}), Texts{std::to_string(i)});
    }
    ASSERT_TRUE(process.close());
  }
}

TEST(Index, GarbageInItsFilesNeverShowsWrongMessages) {
  sim::SimDisk disk(1);
  {
    SimStore process(disk);
    ASSERT_TRUE(process.open(index_options()));
    for (int i = 0; i < 300; ++i) {
      ASSERT_TRUE(process.append({.body = std::to_string(i), .properties = properties_of("U" + std::to_string(i))}));
    }
    ASSERT_TRUE(process.close());
  }
  Random random(3);
  for (int round = 0; round < 100; ++round) {
    const auto copy = disk.clone(static_cast<std::uint64_t>(round));
    SimStore process(*copy);
    const auto listed = process.files.list("/store/index");
    auto file = process.files.open("/store/index/" + listed->front().name, io::OpenMode::kReadWrite);
    for (int i = 0; i < 50; ++i) {
      std::string garbage(8, '\0');
      for (char& c : garbage) c = static_cast<char>(random.next());
      // Slots, or the entries in use.
      const std::uint64_t at = random.chance(50) ? 40 + random.below(20'000) : 20'040 + random.below(6'000);
      ASSERT_TRUE((*file)->write_at(at, as_bytes(garbage)));
    }
    ASSERT_TRUE(process.open(index_options()));
    for (int i = 0; i < 300; ++i) {
      auto found = process.store->find_by_key({.topic = "TopicA", .key = "U" + std::to_string(i)});
      if (!found) continue;
      for (const auto& record : found->records) {
        ASSERT_EQ(as_chars(message::decode_record(record)->body), std::to_string(i));
      }
    }
  }
}

TEST(OffsetByTime, IsExactAtBothBoundaries) {
  sim::SimDisk disk(1);
  SimStore process(disk);
  ASSERT_TRUE(process.open());
  std::vector<std::int64_t> times;
  for (int i = 0; i < 120; ++i) {
    ASSERT_TRUE(process.append({.body = std::to_string(i)}));
    times.push_back(*process.store->store_time(process.store->queue("TopicA", QueueId(0)), QueueOffset(i)));
    process.world.run_for(Milliseconds(i % 4 == 0 ? 3 : 0));  // Some share a millisecond.
  }
  ConsumeQueue& queue = process.store->queue("TopicA", QueueId(0));
  for (std::int64_t at = times.front() - 2; at <= times.back() + 2; ++at) {
    const auto lower = std::ranges::lower_bound(times, at) - times.begin();
    const auto upper = std::max<std::ptrdiff_t>(0, std::ranges::upper_bound(times, at) - times.begin() - 1);
    EXPECT_EQ(process.store->offset_by_time(queue, at, false)->value(), lower) << at;
    EXPECT_EQ(process.store->offset_by_time(queue, at, true)->value(), upper) << at;
  }
}

}  // namespace
}  // namespace ogive::store
