#include "broker/wiring/options.h"

namespace ogive::broker {

PullOptions pull_options(const settings::Settings& settings, std::int64_t memory_bytes) {
  PullOptions options;
  options.lite_pull = settings.get_bool("litePullMessageEnable");
  options.reject_pull_consumer = settings.get_bool("rejectPullConsumerEnable");
  options.long_polling = settings.get_bool("longPollingEnable");
  options.short_polling_ms = settings.get_int("shortPollingTimeMills");
  options.memory_bytes = static_cast<std::uint32_t>(settings.get_int("maxTransferBytesOnMessageInMemory"));
  options.memory_messages = static_cast<std::uint32_t>(settings.get_int("maxTransferCountOnMessageInMemory"));
  options.disk_bytes = static_cast<std::uint32_t>(settings.get_int("maxTransferBytesOnMessageInDisk"));
  options.disk_messages = static_cast<std::uint32_t>(settings.get_int("maxTransferCountOnMessageInDisk"));
  options.slow_bytes = memory_bytes / 100 * settings.get_int("accessMessageInMemoryMaxRatio");
  return options;
}

remoting::ServerOptions server_options(const settings::Settings& settings) {
  remoting::ServerOptions options;
  options.listen.backlog = static_cast<int>(settings.get_int("serverSocketBacklog"));
  options.listen.send_buffer_bytes = static_cast<int>(settings.get_int("serverSocketSndBufSize"));
  options.listen.receive_buffer_bytes = static_cast<int>(settings.get_int("serverSocketRcvBufSize"));
  options.limits.idle_timeout = Milliseconds(settings.get_int("serverChannelMaxIdleTimeSeconds") * 1'000);
  options.accept_proxy_protocol = settings.get_bool("acceptProxyProtocol");
  return options;
}

TopicTableOptions topic_options(const settings::Settings& settings) {
  TopicTableOptions options;
  options.cluster_name = settings.get_string("brokerClusterName");
  options.broker_name = settings.get_string("brokerName");
  options.auto_create_topic = settings.get_bool("autoCreateTopicEnable");
  options.default_queue_nums = static_cast<std::int32_t>(settings.get_int("defaultTopicQueueNums"));
  options.cluster_topic = settings.get_bool("clusterTopicEnable");
  options.broker_topic = settings.get_bool("brokerTopicEnable");
  if (settings.get_bool("traceTopicEnable")) options.trace_topic = settings.get_string("msgTraceTopicName");
  options.revive_queue_nums = static_cast<std::int32_t>(settings.get_int("reviveQueueNum"));
  options.mixed_message_type = settings.get_bool("enableMixedMessageType");
  options.timer_topic = settings.get_bool("timerWheelEnable");
  return options;
}

}  // namespace ogive::broker
