#include "broker/produce/message_properties.h"

#include <charconv>

#include "message/properties.h"

namespace ogive::broker {

PropertyScan scan_properties(std::string_view properties) {
  namespace property = message::property;
  PropertyScan scan;
  message::for_each_property(properties, [&scan](std::string_view name, std::string_view value) {
    if (name.empty()) return true;
    switch (name.front()) {
      case 'U':
        if (name == property::kUniqueKey) scan.unique_key = value;
        break;
      case 'W':
        if (name == property::kWait) scan.wait = value != "false";
        break;
      case 'T':
        if (name == property::kTags) {
          scan.tags = value;
        } else if (name == property::kTransactionPrepared) {
          scan.transaction = value == "true";
        } else if (name == property::kTimerDelaySec || name == property::kTimerDelayMs ||
                   name == property::kTimerDeliverMs) {
          scan.timer = true;
        } else if (name == property::kTraceOn) {
          scan.has_server_pairs = true;
        }
        break;
      case 'M':
        if (name == property::kRegion) scan.has_server_pairs = true;
        break;
      case 'D':
        if (name == property::kDelay) std::from_chars(value.data(), value.data() + value.size(), scan.delay_level);
        break;
      case 'K':
        if (name == property::kKeys) scan.has_keys = !value.empty();
        break;
      case 'C':
        if (name == property::kCluster) scan.has_server_pairs = true;
        break;
      case 'I':
        if (name == property::kInnerNum) scan.has_inner_count = true;
        break;
      case 'P':
        if (name == property::kPopCheckpoint) scan.has_pop_checkpoint = true;
        break;
      default:
        break;
    }
    return true;
  });
  return scan;
}

}  // namespace ogive::broker
