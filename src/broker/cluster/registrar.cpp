#include "broker/cluster/registrar.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/log.h"
#include "client/address.h"
#include "protocol/bodies/lists.h"
#include "protocol/headers/namesrv.h"

namespace ogive::broker {
namespace {

constexpr Milliseconds kLookUpAgain{5'000};
constexpr Milliseconds kFarewell{1'000};  ///< For a name server that left the list.

}  // namespace

Registrar::Registrar(io::Network& network, io::Executor& executor, TopicTable& topics, const BrokerIdentity& identity,
                     RegistrarOptions options)
    : network_(network),
      executor_(executor),
      topics_(topics),
      options_(std::move(options)),
      registration_(topics, identity),
      client_(network, executor, options_.client),
      look_ups_logged_(executor.clock()) {
  client_.set_close_listener([this](const io::Endpoint& remote) {
    const auto link = links_.find(remote.to_string());
    if (link != links_.end()) link->second->on_disconnected();
    count_registered();
  });
}

Registrar::~Registrar() {
  *alive_ = false;
  for (const io::TimerId timer : {period_timer_, beat_timer_, look_up_timer_}) executor_.cancel(timer);
}

void Registrar::start() {
  running_ = true;
  read_list();
  tick();
  beat();
}

void Registrar::read_list() {
  if (options_.name_servers.find_first_not_of("; ") == std::string::npos) return names_.clear();
  const auto servers = client::parse_address_list(options_.name_servers);
  if (!servers) {
    // The start refuses such a list; a change at run time may bring one.
    OGIVE_LOG(error, "broker", "namesrvAddr: {}; the name servers stay as they are", servers.error().message());
    return;
  }
  std::vector<Name> names;
  for (const auto& [host, port] : *servers) {
    Name name{host, port, {}, 0};
    const auto known =
        std::ranges::find_if(names_, [&](const Name& old) { return old.host == host && old.port == port; });
    if (known != names_.end()) name = *known;
    names.push_back(std::move(name));
  }
  names_ = std::move(names);
}

void Registrar::tick() {
  if (!running_) return;
  look_up_all();
  for (const auto& [address, link] : links_) link->refresh();
  period_timer_ = executor_.run_after(options_.period, [this] { tick(); });
}

void Registrar::beat() {
  if (!running_ || options_.heartbeat_period <= Milliseconds(0)) return;
  for (const auto& [address, link] : links_) link->send_heartbeat();
  beat_timer_ = executor_.run_after(options_.heartbeat_period, [this] { beat(); });
}

void Registrar::register_soon() {
  if (posted_.exchange(true, std::memory_order_acq_rel)) return;
  executor_.post([this, alive = alive_] {
    if (!*alive) return;
    posted_.store(false, std::memory_order_release);
    if (!running_) return;
    for (const auto& [address, link] : links_) link->register_now();
  });
}

void Registrar::apply(RegistrarOptions options) {
  executor_.post([this, alive = alive_, options = std::move(options)]() mutable {
    if (!*alive) return;
    options_ = std::move(options);
    if (!running_) return;
    read_list();
    reconcile();
    for (const io::TimerId timer : {period_timer_, beat_timer_}) executor_.cancel(timer);
    tick();
    beat();
  });
}

void Registrar::look_up_all() {
  for (const Name& name : names_) {
    network_.resolve(
        executor_, name.host, name.port,
        [this, alive = alive_, host = name.host, port = name.port](Result<std::vector<io::Endpoint>> found) {
          if (*alive && running_) on_looked_up(host, port, std::move(found));
        });
  }
}

void Registrar::on_looked_up(const std::string& host, std::uint16_t port, Result<std::vector<io::Endpoint>> found) {
  const auto name = std::ranges::find_if(names_, [&](const Name& one) { return one.host == host && one.port == port; });
  if (name == names_.end()) return;  // Left the list meanwhile.
  if (!found || found->empty()) {
    if (const auto times = look_ups_logged_.allow(); times > 0) {
      OGIVE_LOG(warn, "broker", "name server {}:{} cannot be looked up ({} failures since last reported): {}", host,
                port, times, found ? std::string("the name has no address") : found.error().message());
    }
    schedule_look_up();
    return;
  }
  if (name->addresses != *found) {
    name->addresses = std::move(*found);
    name->choice = 0;
  }
  reconcile();
}

void Registrar::schedule_look_up() {
  if (look_up_timer_ != io::TimerId()) return;
  look_up_timer_ = executor_.run_after(kLookUpAgain, [this] {
    look_up_timer_ = io::TimerId();
    if (running_) look_up_all();
  });
}

void Registrar::reconcile() {
  std::set<std::string> wanted;
  for (const Name& name : names_) {
    for (std::size_t i = 0; i < name.addresses.size(); ++i) {
      if (!options_.all_addresses && i != name.choice) continue;
      const std::string address = name.addresses[i].to_string();
      wanted.insert(address);
      if (!links_.contains(address)) add_link(name.addresses[i]);
    }
  }
  for (auto link = links_.begin(); link != links_.end();) {
    if (wanted.contains(link->first)) {
      ++link;
    } else {
      drop_link(*link->second);
      link = links_.erase(link);
    }
  }
  count_registered();
}

void Registrar::add_link(const io::Endpoint& server) {
  NameServerLink::Events events;
  events.registered = [this](const protocol::Frame& reply) { on_registered(reply); };
  events.failed = [this, server] { on_failed(server); };
  auto& link = links_[server.to_string()];
  link = std::make_unique<NameServerLink>(client_, executor_, registration_, options_.link, server, std::move(events));
  link->register_now();
}

void Registrar::drop_link(NameServerLink& link) {
  const io::Endpoint server = link.server();
  OGIVE_LOG(info, "broker", "name server {} is not used any more", server.to_string());
  link.unregister(kFarewell, [this, alive = alive_, server] {
    // Unless it is back in the list by now.
    if (*alive && !links_.contains(server.to_string())) client_.close(server);
  });
}

void Registrar::on_registered(const protocol::Frame& reply) {
  count_registered();
  if (on_master_) {
    if (const auto header = protocol::decode_header<protocol::RegisterBrokerResponseHeader>(reply)) {
      on_master_(std::string(header->master_addr.value_or("")), std::string(header->ha_server_addr.value_or("")));
    }
  }
  if (reply.body.empty()) return;
  // Topics for which the name server has an order configuration.
  const auto table = protocol::from_json<protocol::KVTable>(reply.body);
  if (!table) {
    OGIVE_LOG(warn, "broker", "the order configuration in a registration's answer is ignored: {}",
              table.error().message());
    return;
  }
  StringSet order_topics;
  for (const auto& [topic, configuration] : table->table) order_topics.insert(topic);
  topics_.update_order_topics(order_topics);
}

void Registrar::on_failed(const io::Endpoint& server) {
  count_registered();
  if (options_.all_addresses) return;
  bool moved = false;
  for (Name& name : names_) {
    if (name.addresses.size() < 2 || name.addresses[name.choice] != server) continue;
    name.choice = (name.choice + 1) % name.addresses.size();
    moved = true;
  }
  // Posted: the link that reports may not be destroyed inside its own call.
  if (!moved) return;
  executor_.post([this, alive = alive_] {
    if (*alive && running_) reconcile();
  });
}

void Registrar::count_registered() {
  registered_.store(static_cast<std::size_t>(
                        std::ranges::count_if(links_, [](const auto& link) { return link.second->registered(); })),
                    std::memory_order_relaxed);
}

void Registrar::unregister(Milliseconds patience, io::Task done) {
  running_ = false;
  for (const io::TimerId timer : {period_timer_, beat_timer_, look_up_timer_}) executor_.cancel(timer);
  /// Shared by the answers and the deadline; whoever comes last, or the deadline, ends it.
  struct Leaving {
    std::size_t left = 1;
    io::Task done;
    void finish() {
      if (auto task = std::exchange(done, nullptr)) task();
    }
    void one_less() {
      if (--left == 0) finish();
    }
  };
  auto leaving = std::make_shared<Leaving>();
  leaving->left += links_.size();
  leaving->done = std::move(done);
  executor_.run_after(patience, [leaving] { leaving->finish(); });
  for (const auto& [address, link] : links_) link->unregister(patience, [leaving] { leaving->one_less(); });
  leaving->one_less();
}

}  // namespace ogive::broker
