#pragma once
// The accepted connections of one reactor and the dispatch of their requests.

#include <cstdint>
#include <memory>
#include <vector>

#include "remoting/channel.h"
#include "remoting/handler_table.h"
#include "remoting/owed_answers.h"
#include "remoting/server.h"

namespace ogive::remoting {

/// Everything on the reactor's own thread.
class ReactorChannels final : public ChannelOwner {
 public:
  ReactorChannels(Server& server, std::uint32_t reactor);
  ~ReactorChannels() override;

  void add(std::unique_ptr<io::Stream> stream, const HandlerTable& table);
  Channel* find(ChannelId id);
  void close_all();
  OwedAnswers& owed() { return owed_; }

  void on_request(Channel& channel, const protocol::Frame& frame) override;
  void on_channel_closed(Channel& channel, const Error& reason) override;
  protocol::Frame& scratch_frame() override { return scratch_; }

 private:
  struct Slot {
    std::unique_ptr<Channel> channel;
    const HandlerTable* table = nullptr;
  };

  void run_blocking(const HandlerRow& row, Channel& channel, const protocol::Frame& frame, const ReplyTo& to);
  /// Closes what has been silent for the idle timeout; runs while there are connections.
  void sweep_idle();
  void schedule_sweep();

  Server& server_;
  const std::uint32_t reactor_;
  io::Executor& executor_;
  OwedAnswers owed_;
  protocol::Frame scratch_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
  std::uint64_t next_generation_ = 1;
  io::TimerId sweep_timer_;
};

}  // namespace ogive::remoting
