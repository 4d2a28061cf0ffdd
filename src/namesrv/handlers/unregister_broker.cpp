#include "namesrv/handlers/answers.h"
#include "namesrv/handlers/handlers.h"
#include "namesrv/names.h"
#include "protocol/headers/namesrv.h"

namespace ogive::namesrv {

remoting::HandlerRow unregister_broker(Services& services) {
  const auto later = [&services](const remoting::Request& request) {
    const auto header = protocol::decode_header<protocol::UnRegisterBrokerRequestHeader>(request.frame);
    if (!header) return services.reply(request.reply_to, bad_header(header.error()));
    if (const auto named = check_broker(header->cluster_name, header->broker_name, header->broker_addr); !named) {
      return services.reply(request.reply_to, invalid(named.error()));
    }
    Unregistration departure{.key = {std::string(header->cluster_name), std::string(header->broker_addr)},
                             .broker_name = std::string(header->broker_name),
                             .broker_id = header->broker_id,
                             .channel = request.reply_to.channel};
    if (services.unregister(std::move(departure), request.reply_to)) return;
    services.reply(request.reply_to,
                   remoting::Message(protocol::response_code::kSystemError,
                                     "too many brokers are leaving at once (unRegisterBrokerQueueCapacity); retry"));
  };
  return {protocol::request_code::kUnregisterBroker,
          "UNREGISTER_BROKER",
          remoting::Lane::kReactor,
          remoting::AnswerLater(later),
          "brokers",
          "removes the broker; answered when it is gone"};
}

}  // namespace ogive::namesrv
