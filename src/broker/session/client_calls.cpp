#include "broker/session/client_calls.h"

#include <fmt/core.h>

#include <mutex>

#include "base/log.h"
#include "protocol/codes.h"

namespace ogive::broker {
namespace {

namespace code = protocol::response_code;
using remoting::Message;

Message copy_of(const protocol::Frame& frame) {
  Message message(frame.code, std::string(frame.remark));
  for (const auto& field : frame.fields) message.field(field.name, field.value);
  message.body = as_chars(frame.body);
  return message;
}

Message failure_of(const Error& error, const std::string& group, const std::string& client_id) {
  if (error.code() == Errc::kTimeout) {
    return Message(code::kConsumeMsgTimeout,
                   fmt::format("consumer <{}> <{}> Timeout: {}", group, client_id, error.message()));
  }
  return Message(code::kSystemError,
                 fmt::format("invoke consumer <{}> <{}> failed: {}", group, client_id, error.message()));
}

Error too_old(const ClientSession& session) {
  return Error(Errc::kUnsupported, fmt::format("the client does not support this feature. client={} version={}",
                                               session.client_id, session.version));
}

/// Answers of several clients, on several reactors, until the last one is in.
struct Gathering {
  std::mutex mutex;
  ClientCalls::Answers answers;
  std::size_t missing = 0;
  std::move_only_function<void(ClientCalls::Answers)> done;

  void take(const std::string& client_id, const Result<const protocol::Frame*>& reply) {
    {
      const std::lock_guard lock(mutex);
      if (reply) {
        answers.emplace(client_id, copy_of(**reply));
      } else {
        OGIVE_LOG(warn, "broker", "consumer {} did not answer: {}", client_id, reply.error().message());
      }
      if (--missing != 0) return;
    }
    done(std::move(answers));
  }
};

}  // namespace

void ClientCalls::relay(const remoting::ReplyTo& to, std::string_view group, std::string_view client_id,
                        Message request) {
  const auto member = consumers_.find_member(group, client_id);
  if (!member) {
    return server_.reply(
        to, Message(code::kSystemError, fmt::format("The Consumer <{}> <{}> not online", group, client_id)));
  }
  if (member->version < kRunningInfoSince) {
    return server_.reply(to, Message(code::kSystemError, fmt::format("The Consumer <{}> Version <{}> too low to "
                                                                     "finish, please upgrade it to V3_1_8_SNAPSHOT",
                                                                     client_id, member->version)));
  }
  server_.request(
      member->channel, std::move(request), kRelayTimeout,
      [this, to, group = std::string(group), client_id = std::string(client_id)](Result<const protocol::Frame*> reply) {
        server_.reply(to, reply ? copy_of(**reply) : failure_of(reply.error(), group, client_id));
      });
}

Result<bool> ClientCalls::tell_all(std::string_view group, const MessageFor& request_for) {
  const auto members = consumers_.members(group);
  for (const ClientSession& member : members) {
    if (member.version < kResetOffsetSince) return fail(too_old(member));
    server_.request_one_way(member.channel, request_for(member));
  }
  return !members.empty();
}

Status ClientCalls::ask_all(std::string_view group, std::string_view client_id, const Message& request,
                            std::move_only_function<void(Answers)> done) {
  auto members = consumers_.members(group);
  if (members.empty()) {
    return fail(Errc::kNotFound, fmt::format("No Any Consumer online in the consumer group: [{}]", group));
  }
  for (const ClientSession& member : members) {
    if (member.version < kResetOffsetSince) return fail(too_old(member));
  }
  if (!client_id.empty()) {
    std::erase_if(members, [&](const ClientSession& member) { return member.client_id != client_id; });
  }
  if (members.empty()) {
    done({});
    return {};
  }
  auto gathering = std::make_shared<Gathering>();  // Shared between the answers.
  gathering->missing = members.size();
  gathering->done = std::move(done);
  for (const ClientSession& member : members) {
    server_.request(member.channel, request, kStatusTimeout,
                    [gathering, client_id = member.client_id](Result<const protocol::Frame*> reply) {
                      gathering->take(client_id, reply);
                    });
  }
  return {};
}

}  // namespace ogive::broker
