// cleanExpiredCQ, cleanUnusedTopic and deleteExpiredCommitLog: makes brokers tidy up now (306, 316, 329).
#include "admin/brokers.h"
#include "admin/commands/commands.h"
#include "protocol/codes.h"

namespace ogive::admin {
namespace {

/// The brokers meant: -b, -c, or every one of every cluster.
Result<std::vector<std::string>> addresses(Context& context) {
  if (context.has("b") || context.has("c")) return brokers_by_options(context, Members::kAll);
  const auto info = context.cluster.info();
  if (!info) return fail(info.error());
  std::vector<std::string> all;
  for (const auto& [name, broker] : info->broker_addr_table) {
    for (const auto& [id, address] : broker.broker_addrs) all.push_back(address);
  }
  return all;
}

Status clean(Context& context, std::int32_t code) {
  const auto targets = addresses(context);
  if (!targets) return fail(targets.error());
  for (const std::string& address : *targets) OGIVE_TRY(context.cluster.ask(address, remoting::Message(code)));
  context.out << "success";
  return {};
}

Status clean_queues(Context& context) {
  return clean(context, protocol::request_code::kCleanExpiredConsumequeue);
}

Status clean_topics(Context& context) {
  return clean(context, protocol::request_code::kCleanUnusedTopic);
}

Status remove_expired(Context& context) {
  return clean(context, protocol::request_code::kDeleteExpiredCommitlog);
}

void queue_options(settings::Options& options) {
  options.add(optional("b", "brokerAddr", "Broker address")).add(optional("c", "cluster", "clustername"));
}

void log_options(settings::Options& options) {
  queue_options(options);
  options.add(optional("n", "namesrvAddr", "Name server address"));  // Worded differently here.
}

void topic_options(settings::Options& options) {
  options.add(optional("b", "brokerAddr", "Broker address")).add(optional("c", "cluster", "cluster name"));
}

}  // namespace

Command clean_expired_cq() {
  return {"cleanExpiredCQ", "Clean expired ConsumeQueue on broker.", queue_options, clean_queues};
}

Command clean_unused_topic() {
  return {"cleanUnusedTopic", "Clean unused topic on broker.", topic_options, clean_topics};
}

Command delete_expired_commit_log() {
  return {"deleteExpiredCommitLog", "Delete expired CommitLog files.", log_options, remove_expired};
}

}  // namespace ogive::admin
