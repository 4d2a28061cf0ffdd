#pragma once
// What a broker tells name servers about itself. REGISTER_BROKER (103), UNREGISTER_BROKER (104), QUERY_DATA_VERSION
// (322), BROKER_HEARTBEAT (904). docs/protocol/name-server.md.

#include <cstdint>
#include <memory>
#include <string>

#include "broker/identity.h"
#include "broker/topic/topic_table.h"
#include "remoting/channel.h"

namespace ogive::broker {

/// The parts of a registration that come from the configuration.
struct RegistrationOptions {
  std::string ha_address;             ///< brokerIP2:haListenPort
  bool compressed = false;            ///< compressedRegister
  bool enable_acting_master = false;  ///< enableSlaveActingMaster
  std::int64_t not_active_timeout_ms =
      0;  ///< Silence after which the broker counts as gone; 0 leaves it to the name server.
};

/// Makes the messages. The body of the last registration is kept: all name servers, and later periods without a change,
/// share it. One executor's thread.
class Registration {
 public:
  /// Both must outlive it.
  Registration(const TopicTable& topics, const BrokerIdentity& identity) : topics_(topics), identity_(identity) {}

  remoting::Message registration(const RegistrationOptions& options);
  remoting::Message unregistration() const;
  /// Asks whether a name server still has our topics as they are.
  remoting::Message version_query() const;
  remoting::Message heartbeat(const RegistrationOptions& options) const;

 private:
  void refresh_body(bool compressed);

  const TopicTable& topics_;
  const BrokerIdentity& identity_;
  std::shared_ptr<const std::string> body_;  ///< Shared with the frames that carry it.
  std::uint64_t body_generation_ = 0;
  std::int32_t body_permission_ = 0;
  bool body_compressed_ = false;
  std::int32_t body_crc_ = 0;
};

}  // namespace ogive::broker
