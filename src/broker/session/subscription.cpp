#include <algorithm>

#include "broker/session/consumer_registry.h"
#include "message/record.h"

namespace ogive::broker {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto blank = [](char c) { return static_cast<unsigned char>(c) <= ' '; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace

SubscriptionPtr make_subscription(protocol::SubscriptionData data) {
  auto subscription = std::make_shared<Subscription>();
  subscription->is_tag = data.expression_type.empty() || data.expression_type == "TAG";
  std::string_view expression = trimmed(data.sub_string);
  if (subscription->is_tag && !expression.empty() && expression != "*") {
    while (!expression.empty()) {
      const std::size_t end = expression.find("||");
      const std::string_view tag = trimmed(expression.substr(0, end));
      if (!tag.empty()) subscription->tag_codes.push_back(message::java_string_hash(tag));
      expression.remove_prefix(end == std::string_view::npos ? expression.size() : end + 2);
    }
    std::sort(subscription->tag_codes.begin(), subscription->tag_codes.end());
    subscription->tag_codes.erase(std::unique(subscription->tag_codes.begin(), subscription->tag_codes.end()),
                                  subscription->tag_codes.end());
  }
  subscription->data = std::move(data);
  return subscription;
}

}  // namespace ogive::broker
