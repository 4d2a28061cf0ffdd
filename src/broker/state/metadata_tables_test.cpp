// Topics, groups and offsets: rules of creation, and what survives on the disk.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "broker/group/group_table.h"
#include "broker/offset/offset_table.h"
#include "broker/topic/attributes.h"
#include "broker/topic/names.h"
#include "broker/topic/topic_table.h"
#include "broker/topic/unsaved_topics.h"
#include "testing/sim_disk.h"
#include "testing/sim_file_system.h"
#include "testing/sim_node.h"

namespace ogive::broker {
namespace {

/// Runs every task at once: saves happen inside the call that asks for them.
class InlinePool final : public io::TaskPool {
 public:
  Status post(io::Task task) override {
    ++tasks;
    task();
    return {};
  }
  int tasks = 0;
};

struct World {
  sim::SimDisk disk{1};
  sim::SimFileSystem files{disk, system_clock()};
  InlinePool pool;

  StateFile file(const std::string& name) { return StateFile(files, pool, "/store/config/" + name); }
  std::string read(const std::string& name) {
    auto content = io::read_file(files, "/store/config/" + name, 1 << 20);
    return content ? *content : "";
  }
  void write(const std::string& name, std::string_view content) {
    ASSERT_TRUE(files.create_directories("/store/config"));
    auto opened = files.open("/store/config/" + name, io::OpenMode::kCreate);
    ASSERT_TRUE(opened.has_value());
    ASSERT_TRUE((*opened)->truncate(0));
    if (!content.empty()) {
      ASSERT_TRUE((*opened)->write_at(0, as_bytes(content)));
    }
  }
};

TopicTableOptions names_only() {
  TopicTableOptions options;
  options.cluster_name = "DefaultCluster";
  options.broker_name = "broker-a";
  return options;
}

protocol::TopicConfig config(std::string name, std::int32_t queues) {
  protocol::TopicConfig topic;
  topic.topic_name = std::move(name);
  topic.read_queue_nums = queues;
  topic.write_queue_nums = queues;
  return topic;
}

TEST(Names, NothingThatCouldLeaveADirectoryIsATopicOrAGroup) {
  for (const std::string_view name : {"../x", "a/b", "a.b", "", "  ", "a\nb", "a b", "\xc3\xa9"}) {
    EXPECT_TRUE(topic_name_error(name)) << name;
    EXPECT_TRUE(group_name_error(name)) << name;
  }
  EXPECT_TRUE(topic_name_error(std::string_view("a\0b", 3)));
  EXPECT_FALSE(topic_name_error("%RETRY%group_1|x-y"));
}

TEST(Names, LengthsAreThoseOfTheOriginal) {
  EXPECT_FALSE(topic_name_error(std::string(127, 't')));
  EXPECT_TRUE(topic_name_error(std::string(128, 't')));
  EXPECT_FALSE(topic_name_error("%RETRY%" + std::string(248, 't')));
  EXPECT_TRUE(topic_name_error("%DLQ%" + std::string(251, 't')));
  EXPECT_FALSE(group_name_error(std::string(120, 'g')));
  EXPECT_TRUE(group_name_error(std::string(121, 'g')));
}

TEST(Attributes, ChangesFollowTheSignsAndTheRules) {
  const AttributeRules rules;
  const auto changes = parse_attribute_changes("+message.type=FIFO,+queue.type=BatchCQ");
  ASSERT_TRUE(changes.has_value());
  const auto created = apply_attribute_changes(true, {}, *changes, rules);
  ASSERT_TRUE(created.has_value());
  EXPECT_EQ(created->at("message.type"), "FIFO");
  EXPECT_FALSE(apply_attribute_changes(false, *created, {{"+queue.type", "SimpleCQ"}}, rules).has_value());
  EXPECT_FALSE(apply_attribute_changes(true, {}, {{"-message.type", ""}}, rules).has_value());
  EXPECT_FALSE(apply_attribute_changes(true, {}, {{"+message.type", "MIXED"}}, rules).has_value());
  EXPECT_FALSE(apply_attribute_changes(true, {}, {{"+no.such", "x"}}, rules).has_value());
  const auto removed = apply_attribute_changes(false, *created, {{"-message.type", ""}}, rules);
  ASSERT_TRUE(removed.has_value());
  EXPECT_FALSE(removed->contains("message.type"));
  EXPECT_FALSE(parse_attribute_changes("message.type=FIFO").has_value());
}

TEST(TopicTable, HasTheBuiltInTopicsOfItsClusterAndBroker) {
  World world;
  TopicTable topics(names_only(), system_clock(), world.file("topics.json"));
  ASSERT_TRUE(topics.find("TBW102"));
  EXPECT_EQ(topics.find("TBW102")->perm, 7);
  EXPECT_EQ(topics.find("SCHEDULE_TOPIC_XXXX")->write_queue_nums, 18);
  EXPECT_EQ(topics.find("rmq_sys_REVIVE_LOG_DefaultCluster")->read_queue_nums, 8);
  EXPECT_TRUE(topics.find("broker-a"));
  EXPECT_TRUE(topics.is_system_topic("DefaultCluster"));
  EXPECT_FALSE(topics.is_system_topic("orders"));
}

TEST(TopicTable, AutoCreationTakesTheSmallerQueueCountAndTellsTheListenerOnce) {
  World world;
  TopicTable topics(names_only(), system_clock(), world.file("topics.json"));
  std::vector<std::string> told;
  topics.set_change_listener([&](std::span<const TopicPtr> changed) {
    for (const auto& topic : changed) told.push_back(topic->topic_name);
  });
  const auto before = topics.generation();
  const TopicPtr made =
      topics.create_for_send({.topic = "orders", .default_topic = "TBW102", .client_queue_nums = 4, .remote = "x"});
  ASSERT_TRUE(made);
  EXPECT_EQ(made->write_queue_nums, 4);
  EXPECT_EQ(made->perm, 6);
  EXPECT_GT(topics.generation(), before);
  topics.create_for_send({.topic = "orders", .default_topic = "TBW102", .client_queue_nums = 16, .remote = "x"});
  EXPECT_EQ(told, std::vector<std::string>{"orders"});
  EXPECT_EQ(
      topics.create_for_send({.topic = "wide", .default_topic = "TBW102", .client_queue_nums = 99, .remote = "x"})
          ->write_queue_nums,
      8);
  EXPECT_FALSE(topics.create_for_send({.topic = "../x", .default_topic = "TBW102", .remote = "x"}));
  EXPECT_FALSE(topics.create_for_send({.topic = "y", .default_topic = "BenchmarkTest", .remote = "x"}));
}

TEST(TopicTable, TheSameConfigurationAgainChangesNothing) {
  World world;
  TopicTable topics(names_only(), system_clock(), world.file("topics.json"));
  ASSERT_TRUE(topics.create_or_update(config("orders", 4)));
  const auto version = topics.data_version();
  const auto saves = world.pool.tasks;
  ASSERT_TRUE(topics.create_or_update(config("orders", 4)));
  EXPECT_EQ(topics.data_version().counter, version.counter);
  EXPECT_EQ(world.pool.tasks, saves);
  ASSERT_TRUE(topics.create_or_update(config("orders", 5)));
  EXPECT_EQ(topics.data_version().counter, version.counter + 1);
}

TEST(TopicTable, AListWithOneBadTopicCreatesNone) {
  World world;
  TopicTable topics(names_only(), system_clock(), world.file("topics.json"));
  const Status refused = topics.create_or_update_all({config("good", 4), config("bad/name", 4)});
  EXPECT_FALSE(refused.has_value());
  EXPECT_FALSE(topics.find("good"));
}

TEST(TopicTable, ComesBackFromItsFileAndFromTheBackup) {
  World world;
  {
    TopicTable topics(names_only(), system_clock(), world.file("topics.json"));
    ASSERT_TRUE(topics.create_or_update(config("first", 3)));
    ASSERT_TRUE(topics.create_or_update(config("second", 3)));
  }
  EXPECT_NE(world.read("topics.json").find("\n\t\t\"second\":{\n"), std::string::npos);
  {
    TopicTable topics(names_only(), system_clock(), world.file("topics.json"));
    ASSERT_TRUE(topics.load());
    EXPECT_TRUE(topics.find("second"));
    EXPECT_EQ(topics.data_version().counter, 2);
  }
  world.write("topics.json", "");  // What a power failure left of the original's files.
  TopicTable topics(names_only(), system_clock(), world.file("topics.json"));
  ASSERT_TRUE(topics.load());
  EXPECT_TRUE(topics.find("first"));
  EXPECT_FALSE(topics.find("second"));
}

TEST(TopicTable, RefusesToStartOnlyWhenFileAndBackupAreBroken) {
  World world;
  world.write("topics.json", "{\"topicConfigTable\":");
  world.write("topics.json.bak", "");
  TopicTable topics(names_only(), system_clock(), world.file("topics.json"));
  const Status loaded = topics.load();
  ASSERT_FALSE(loaded.has_value());
  EXPECT_EQ(loaded.error().code(), Errc::kCorrupt);
}

TEST(GroupTable, CreatesOnFirstUseWhereThatIsAllowed) {
  World world;
  GroupTable open({}, system_clock(), world.file("subscriptionGroup.json"));
  EXPECT_TRUE(open.find("TOOLS_CONSUMER"));
  EXPECT_FALSE(open.find("fresh"));
  EXPECT_TRUE(open.find_or_create("fresh"));
  EXPECT_FALSE(open.find_or_create("not/allowed"));
  GroupTable closed({.auto_create_group = false}, system_clock(), world.file("other.json"));
  EXPECT_FALSE(closed.find_or_create("fresh"));
  EXPECT_TRUE(closed.find_or_create("CID_RMQ_SYS_x"));
}

TEST(GroupTable, BansSurviveARestartAndGoWithTheGroup) {
  World world;
  {
    GroupTable groups({}, system_clock(), world.file("subscriptionGroup.json"));
    groups.find_or_create("g");
    groups.forbid_read("g", "t", true);
  }
  GroupTable groups({}, system_clock(), world.file("subscriptionGroup.json"));
  ASSERT_TRUE(groups.load());
  EXPECT_TRUE(groups.read_forbidden("g", "t"));
  EXPECT_FALSE(groups.read_forbidden("g", "other"));
  EXPECT_TRUE(groups.remove("g"));
  EXPECT_FALSE(groups.read_forbidden("g", "t"));
}

TEST(OffsetTable, SavesOnlyWhenDirtyAndComesBack) {
  World world;
  {
    OffsetTable offsets(system_clock(), world.file("consumerOffset.json"));
    EXPECT_FALSE(offsets.save_if_dirty());
    EXPECT_TRUE(offsets.commit("g", "t", 0, 12));
    EXPECT_TRUE(offsets.commit("g", "t", 3, 7));
    EXPECT_TRUE(offsets.save_if_dirty());
    EXPECT_FALSE(offsets.save_if_dirty());
  }
  EXPECT_NE(world.read("consumerOffset.json").find("\"t@g\":{\n\t\t\t0:12,\n\t\t\t3:7\n"), std::string::npos);
  OffsetTable offsets(system_clock(), world.file("consumerOffset.json"));
  ASSERT_TRUE(offsets.load());
  EXPECT_EQ(offsets.committed("g", "t", 0), 12);
  EXPECT_EQ(offsets.committed("g", "t", 3), 7);
  EXPECT_EQ(offsets.committed("g", "t", 1), kNoOffset);
  EXPECT_EQ(offsets.groups_of_topic("t"), std::vector<std::string>{"g"});
}

TEST(OffsetTable, AResetSwallowsCommitsUntilAPullTakesIt) {
  World world;
  OffsetTable offsets(system_clock(), world.file("consumerOffset.json"));
  const QueueOffsetsPtr entry = offsets.entry("g", "t");
  ASSERT_TRUE(entry->commit(0, 100));
  entry->assign_reset(0, 40);
  EXPECT_TRUE(entry->has_reset());
  EXPECT_FALSE(entry->commit(0, 101));
  EXPECT_TRUE(entry->commit(1, 5)) << "other queues are not concerned";
  EXPECT_EQ(entry->committed(0), 40);
  EXPECT_EQ(entry->take_reset(0), 40);
  EXPECT_FALSE(entry->take_reset(0).has_value());
  EXPECT_FALSE(entry->has_reset());
  EXPECT_TRUE(entry->commit(0, 41));
  EXPECT_EQ(entry->committed(0), 41);
}

TEST(OffsetTable, ADeletedTopicsEntryTakesNoMoreCommits) {
  World world;
  OffsetTable offsets(system_clock(), world.file("consumerOffset.json"));
  const QueueOffsetsPtr cached = offsets.entry("g", "t");
  ASSERT_TRUE(cached->commit(0, 1));
  offsets.remove_topic("t");
  EXPECT_FALSE(cached->attached());
  EXPECT_FALSE(cached->commit(0, 2));
  EXPECT_EQ(offsets.committed("g", "t", 0), kNoOffset);
  EXPECT_TRUE(offsets.commit("g", "t", 0, 9));
  EXPECT_EQ(offsets.committed("g", "t", 0), 9);
}

TEST(Topics, CreationBySendsFollowsItsSwitch) {
  World world;
  TopicTableOptions options = names_only();
  options.auto_create_topic = false;
  TopicTable topics(options, system_clock(), world.file("topics.json"));
  const CreateForSend send{.topic = "fresh", .default_topic = system_topic::kAutoCreate, .remote = {}};
  EXPECT_EQ(topics.create_for_send(send), nullptr);
  topics.set_auto_create(true);
  EXPECT_NE(topics.create_for_send(send), nullptr);
  topics.set_auto_create(false);
  EXPECT_EQ(topics.create_for_send({.topic = "other", .default_topic = system_topic::kAutoCreate, .remote = {}}),
            nullptr);
}

TEST(Groups, CreationByUseFollowsItsSwitch) {
  World world;
  GroupTable groups({.auto_create_group = true}, system_clock(), world.file("groups.json"));
  groups.set_auto_create(false);
  EXPECT_EQ(groups.find_or_create("g1"), nullptr);
  groups.set_auto_create(true);
  EXPECT_NE(groups.find_or_create("g1"), nullptr);
}

TEST(OffsetTable, ALimitTakesBackWhatLiesBehindItsQueuesEnd) {
  World world;
  OffsetTable offsets(system_clock(), world.file("consumerOffset.json"));
  offsets.commit("g", "T", 0, 10);
  offsets.commit("g", "T", 1, 3);
  offsets.commit("g", "Other", 0, 99);
  const auto repairs = offsets.limit(
      [](std::string_view topic, std::int32_t queue) -> std::int64_t { return topic == "T" ? 5 + queue : INT64_MAX; });
  EXPECT_EQ(repairs.size(), 1u);
  EXPECT_EQ(offsets.committed("g", "T", 0), 5);
  EXPECT_EQ(offsets.committed("g", "T", 1), 3);
  EXPECT_EQ(offsets.committed("g", "Other", 0), 99);
  EXPECT_TRUE(offsets.save_if_dirty());
}

TEST(UnsavedTopics, AWaiterHearsOfTheSaveThatHoldsItsTopic) {
  sim::SimWorld world(1);
  auto& executor = world.add_node("a").reactor();
  UnsavedTopics topics;
  std::vector<std::string> told;
  const auto wait = [&](const std::string& topic) {
    return topics.wait(topic, executor,
                       [&told, topic](const Status& status) { told.push_back(topic + (status ? " ok" : " failed")); });
  };
  EXPECT_TRUE(topics.none());
  topics.add("A");
  const std::uint64_t first = topics.latest();
  topics.add("B");
  EXPECT_FALSE(wait("A"));
  EXPECT_FALSE(wait("B"));
  EXPECT_FALSE(wait("C"));  // Saved long ago.
  topics.settle(first, {});
  world.run_for(Milliseconds(1));
  EXPECT_EQ(told, (std::vector<std::string>{"C ok", "A ok"}));
  EXPECT_FALSE(topics.contains("A"));
  EXPECT_TRUE(topics.contains("B"));
  topics.settle(topics.latest(), fail(Errc::kIo, "no"));
  world.run_for(Milliseconds(1));
  EXPECT_EQ(told.back(), "B failed");
  EXPECT_TRUE(topics.contains("B"));
  EXPECT_TRUE(wait("B"));  // The caller must ask for another save.
  topics.settle(topics.latest(), {});
  world.run_for(Milliseconds(1));
  EXPECT_EQ(told.back(), "B ok");
  EXPECT_TRUE(topics.none());
}

}  // namespace
}  // namespace ogive::broker
