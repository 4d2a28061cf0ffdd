#include "testing/sim_node.h"

#include <fmt/core.h>

#include "base/check.h"

namespace ogive::sim {

SimNode::SimNode(SimWorld& world, const std::string& name, const NodeOptions& options)
    : world_(world),
      name_(name),
      options_(options),
      host_(world.internet().add_host(name, options.address)),
      disk_(world.stream("disk of " + name).next(), options.disk),
      clock_(world),
      random_(world.stream("node " + name)) {
  start_process();
}

SimNode::~SimNode() = default;

SimNode::Process& SimNode::process() {
  OGIVE_CHECK_MSG(process_ != nullptr, "node {} is not running", name_);
  return *process_;
}

std::vector<io::Executor*> SimNode::reactors() {
  std::vector<io::Executor*> executors;
  for (const auto& reactor : process().reactors) executors.push_back(reactor.get());
  return executors;
}

void SimNode::start_process() {
  ++starts_;
  process_ = std::make_unique<Process>();
  const auto executor = [&](std::string_view what, unsigned number) {
    return std::make_unique<SimExecutor>(world_, clock_, fmt::format("{}#{}/{}-{}", name_, starts_, what, number));
  };
  for (unsigned i = 0; i < options_.reactors; ++i) process_->reactors.push_back(executor("reactor", i));
  process_->flusher = executor("flusher", 0);
  process_->background = executor("background", 0);
  process_->delivery = executor("delivery", 0);
  process_->main = executor("main", 0);
  std::vector<SimExecutor*> threads;
  for (unsigned i = 0; i < options_.pool_threads; ++i) {
    process_->pool.push_back(executor("pool", i));
    threads.push_back(process_->pool.back().get());
  }
  process_->tasks = std::make_unique<SimTaskPool>(world_, std::move(threads));
  process_->network = std::make_unique<SimNetwork>(world_.internet(), host_);
  process_->files = std::make_unique<SimFileSystem>(disk_, clock_, &world_);
  world_.internet().host_started(host_);
}

void SimNode::run(Program program) {
  program_ = std::move(program);
  if (!program_) return;
  reactor().post([this, process = process_.get()] { process->program = program_(*this); });
}

void SimNode::stop(bool power_lost) {
  if (process_ == nullptr) return;
  Process& dying = *process_;
  graveyard_.push_back(std::move(process_));
  dying.files->die();
  dying.network->die(power_lost);
  retire(dying);
  dying.main->retire();
  world_.when_quiet([&dying] { dying.program.reset(); });
}

void SimNode::retire(Process& process) {
  for (auto* group : {&process.reactors, &process.pool}) {
    for (auto& executor : *group) executor->retire();
  }
  for (auto* executor : {&process.flusher, &process.background, &process.delivery}) (*executor)->retire();
}

void SimNode::exit(io::Task last) {
  world_.when_quiet([this, ending = process_.get(), last = std::move(last)]() mutable {
    if (process_ == nullptr || process_.get() != ending) return;  // It was killed meanwhile.
    retire(*ending);
    ending->main->run_here(std::move(last));
    if (process_.get() == ending) kill();
  });
}

void SimNode::kill() {
  stop(false);
}

void SimNode::power_loss() {
  if (process_ == nullptr) {
    world_.internet().host_died(host_, true);
  } else {
    stop(true);
  }
  disk_.power_loss();
}

void SimNode::restart() {
  kill();
  start_process();
  if (program_) run(program_);
}

void SimNode::kill_at_disk_change(std::uint64_t changes, bool power) {
  disk_.watch([this, at = disk_.changes() + changes, power](const DiskEvent& event) {
    if (event.number != at) return;
    if (power) {
      power_loss();
    } else {
      kill();
    }
  });
}

}  // namespace ogive::sim
