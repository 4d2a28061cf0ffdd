#pragma once
// Topic and group attributes: which exist, how a request changes them ("+key=value", "-key").

#include <map>
#include <string>
#include <string_view>

#include "base/error.h"

namespace ogive::broker {

using Attributes = std::map<std::string, std::string>;

struct AttributeRules {
  bool for_topics = true;           ///< Groups accept attributes but none are defined.
  bool mixed_message_type = false;  ///< enableMixedMessageType: message.type=MIXED is allowed.
};

/// What a request header says: "+a=b,-c" becomes {"+a": "b", "-c": ""}. kInvalidArgument for what cannot be read and
/// for a key named twice.
Result<Attributes> parse_attribute_changes(std::string_view text);

/// `changes` (keys with their sign) applied to `current`. When `creating`, only '+' is allowed. kInvalidArgument names
/// the key and what is wrong with it, as the original words it.
Result<Attributes> apply_attribute_changes(bool creating, const Attributes& current, const Attributes& changes,
                                           const AttributeRules& rules);

}  // namespace ogive::broker
