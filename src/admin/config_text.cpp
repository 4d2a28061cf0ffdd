#include "admin/config_text.h"

#include "admin/print.h"
#include "base/settings/properties.h"

namespace ogive::admin {

void print_properties(std::ostream& out, std::string_view text) {
  const auto properties = settings::Properties::parse(text);
  std::vector<std::string> keys;
  for (const auto& entry : properties.entries()) keys.push_back(entry.key);
  for (const std::string& key : settings::java_hash_order(std::move(keys))) {
    print(out, "{:<50}=  {}\n", key, properties.find(key)->value);
  }
}

}  // namespace ogive::admin
