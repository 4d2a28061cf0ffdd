#include "broker/produce/dead_letter_rule.h"

#include "broker/topic/names.h"
#include "protocol/codes.h"

namespace ogive::broker {

DeadLetterRule::Verdict DeadLetterRule::judge(std::string_view topic, std::int32_t reconsume_times,
                                              std::optional<std::int32_t> max_reconsume_times) {
  Verdict verdict;
  verdict.group = topic.substr(kRetryPrefix.size());
  const GroupPtr group = groups_.find(verdict.group);
  if (!group) {
    verdict.refusal = remoting::Message(protocol::response_code::kSubscriptionGroupNotExist,
                                        "subscription group not exist, " + std::string(verdict.group));
    return verdict;
  }
  verdict.dead =
      reconsume_times > max_reconsume_times.value_or(group->retry_max_times) || locks_.any_locked(verdict.group);
  return verdict;
}

}  // namespace ogive::broker
