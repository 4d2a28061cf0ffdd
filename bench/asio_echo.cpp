// The echo of `ogive bench echo-server`, on Boost.Asio: what decision 0001 was measured with.
//
// asio_echo PORT: one io_context on one thread; reads what has arrived, answers every complete frame of it in one
// write. Built by `cmake --build --preset release --target asio_echo`.

#include <boost/asio.hpp>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "base/bytes.h"

namespace {

using boost::asio::ip::tcp;

constexpr std::size_t kHeadBytes = 29;  // A binary frame without remark and fields, as the generator sends it.
constexpr std::size_t kFlagAt = 17;

class Session : public std::enable_shared_from_this<Session> {
 public:
  explicit Session(tcp::socket socket) : socket_(std::move(socket)), input_(256 << 10) {
    socket_.set_option(tcp::no_delay(true));
  }
  void read() {
    socket_.async_read_some(boost::asio::buffer(input_.data() + filled_, input_.size() - filled_),
                            [self = shared_from_this()](const boost::system::error_code& error, std::size_t count) {
                              if (!error) self->on_data(count);
                            });
  }

 private:
  void on_data(std::size_t count) {
    filled_ += count;
    std::size_t used = 0;
    output_.clear();
    while (filled_ - used >= kHeadBytes + 4) {
      const std::byte* const frame = input_.data() + used;
      const std::size_t size = ogive::load_be<std::uint32_t>(frame) + 4;
      if (size > filled_ - used) break;
      const std::size_t reply = ogive::load_be<std::uint32_t>(frame + kHeadBytes);
      const std::size_t at = output_.size();
      output_.resize(at + reply);
      std::memcpy(output_.data() + at, frame, kHeadBytes);
      ogive::store_be(output_.data() + at, static_cast<std::uint32_t>(reply - 4));
      ogive::store_be(output_.data() + at + kFlagAt, std::uint32_t{1});
      std::memset(output_.data() + at + kHeadBytes, 'y', reply - kHeadBytes);
      used += size;
    }
    std::memmove(input_.data(), input_.data() + used, filled_ - used);
    filled_ -= used;
    if (output_.empty()) return read();
    boost::asio::async_write(socket_, boost::asio::buffer(output_),
                             [self = shared_from_this()](const boost::system::error_code& error, std::size_t) {
                               if (!error) self->read();
                             });
  }

  tcp::socket socket_;
  std::vector<std::byte> input_, output_;
  std::size_t filled_ = 0;
};

void accept(tcp::acceptor& acceptor) {
  acceptor.async_accept([&acceptor](const boost::system::error_code& error, tcp::socket socket) {
    if (!error) std::make_shared<Session>(std::move(socket))->read();
    accept(acceptor);
  });
}

}  // namespace

int main(int argc, char** argv) {
  boost::asio::io_context context(1);
  const auto port = static_cast<unsigned short>(argc > 1 ? std::atoi(argv[1]) : 0);
  tcp::acceptor acceptor(context, tcp::endpoint(boost::asio::ip::address_v4::loopback(), port));
  accept(acceptor);
  context.run();
}
