// Makes system calls of a process fail when told to: a library for LD_PRELOAD.
//
// OGIVE_FAULT_CONTROL names a file of at least sizeof(Control) bytes that the library and the test (faults.py) both
// map. While `armed` is 1, every call whose name, thread and path fit is counted down by `skip`, and then `times` of
// them fail: with an error number, or by doing only a part of what was asked. Nothing else about a call is changed. The
// path of a socket is "socket".
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

constexpr int kShort = -1;  // Control::error: do a part of it.

/// Shared with faults.py, which knows this layout.
struct Control {
  std::atomic<std::uint32_t> armed;
  std::int32_t error;
  std::atomic<std::int32_t> skip;
  std::atomic<std::int32_t> times;
  std::atomic<std::uint32_t> fired;
  char call[32];
  char thread[32];
  char path[188];
  char victim[256];  ///< Path of the call that failed last.
};
static_assert(sizeof(Control) == 528);

Control* g_control = nullptr;

/// Makes `real` the function of the next library that has it.
#define ORIGINAL(name)                                                 \
  static std::atomic<void*> found{nullptr};                            \
  if (found.load() == nullptr) found.store(::dlsym(RTLD_NEXT, #name)); \
  auto* real = reinterpret_cast<decltype(&::name)>(found.load())

__attribute__((constructor)) void attach() {
  const char* file = std::getenv("OGIVE_FAULT_CONTROL");
  if (file == nullptr) return;
  ORIGINAL(open);
  const int fd = real(file, O_RDWR | O_CLOEXEC);
  if (fd < 0) return;
  void* at = ::mmap(nullptr, sizeof(Control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  ::close(fd);
  if (at != MAP_FAILED) g_control = static_cast<Control*>(at);
}

bool on_thread(const char* wanted) {
  if (*wanted == '\0') return true;
  char name[16] = {};
  ::prctl(PR_GET_NAME, name);
  return std::strstr(name, wanted) != nullptr;
}

/// 0: let the call pass. kShort or an error number: it is to fail, and errno is set.
int strike(const char* call, const char* path) {
  Control& control = *g_control;
  if (std::strcmp(control.call, call) != 0 || std::strstr(path, control.path) == nullptr || !on_thread(control.thread))
    return 0;
  if (control.skip.fetch_sub(1) > 0) return 0;
  if (control.times.fetch_sub(1) <= 0) return 0;
  std::strncpy(control.victim, path, sizeof control.victim - 1);
  control.fired.fetch_add(1);
  if (control.error > 0) errno = control.error;
  return control.error;
}

bool armed() {
  return g_control != nullptr && g_control->armed.load(std::memory_order_acquire) == 1;
}

int strike_path(const char* call, const char* path) {
  return armed() ? strike(call, path) : 0;
}

int strike_fd(const char* call, int fd) {
  if (!armed() || std::strcmp(g_control->call, call) != 0) return 0;
  char link[40];
  char path[256] = {};
  std::snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  if (::readlink(link, path, sizeof path - 1) < 0) return 0;
  return strike(call, std::strncmp(path, "socket:", 7) == 0 ? "socket" : path);
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  std::va_list rest;
  va_start(rest, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  ORIGINAL(open);
  return strike_path("open", path) != 0 ? -1 : real(path, flags, mode);
}

int close(int fd) {
  ORIGINAL(close);
  const int struck = strike_fd("close", fd);
  const int done = real(fd);  // Linux has let go of the descriptor even when it reports an error.
  if (struck == 0) return done;
  errno = struck;
  return -1;
}

ssize_t pread(int fd, void* to, size_t count, off_t offset) {
  ORIGINAL(pread);
  const int struck = strike_fd("pread", fd);
  if (struck == kShort) return real(fd, to, std::max<size_t>(1, count / 2), offset);
  return struck != 0 ? -1 : real(fd, to, count, offset);
}

// Where reads are to fail, the page cache has nothing: whoever may not wait is sent to those that do.
ssize_t preadv2(int fd, const iovec* pieces, int count, off_t offset, int flags) {
  ORIGINAL(preadv2);
  if (armed() && std::strcmp(g_control->call, "pread") == 0) {
    errno = EAGAIN;
    return -1;
  }
  const int struck = strike_fd("preadv2", fd);
  if (struck == kShort) {
    const iovec half{pieces[0].iov_base, std::max<size_t>(1, pieces[0].iov_len / 2)};
    return real(fd, &half, 1, offset, flags);
  }
  return struck != 0 ? -1 : real(fd, pieces, count, offset, flags);
}

ssize_t pwritev(int fd, const iovec* pieces, int count, off_t offset) {
  ORIGINAL(pwritev);
  const int struck = strike_fd("pwritev", fd);
  if (struck == kShort) {
    const iovec half{pieces[0].iov_base, std::max<size_t>(1, pieces[0].iov_len / 2)};
    return real(fd, &half, 1, offset);
  }
  return struck != 0 ? -1 : real(fd, pieces, count, offset);
}

ssize_t write(int fd, const void* data, size_t count) {
  ORIGINAL(write);
  const int struck = strike_fd("write", fd);
  if (struck == kShort) return real(fd, data, std::max<size_t>(1, count / 2));
  return struck != 0 ? -1 : real(fd, data, count);
}

int fdatasync(int fd) {
  ORIGINAL(fdatasync);
  return strike_fd("fdatasync", fd) != 0 ? -1 : real(fd);
}

int fsync(int fd) {
  ORIGINAL(fsync);
  return strike_fd("fsync", fd) != 0 ? -1 : real(fd);
}

int ftruncate(int fd, off_t size) noexcept {
  ORIGINAL(ftruncate);
  return strike_fd("ftruncate", fd) != 0 ? -1 : real(fd, size);
}

int fallocate(int fd, int mode, off_t offset, off_t count) {
  ORIGINAL(fallocate);
  return strike_fd("fallocate", fd) != 0 ? -1 : real(fd, mode, offset, count);
}

int rename(const char* from, const char* to) noexcept {
  ORIGINAL(rename);
  return strike_path("rename", to) != 0 ? -1 : real(from, to);
}

int remove(const char* path) noexcept {
  ORIGINAL(remove);
  return strike_path("remove", path) != 0 ? -1 : real(path);
}

int mkdir(const char* path, mode_t mode) noexcept {
  ORIGINAL(mkdir);
  return strike_path("mkdir", path) != 0 ? -1 : real(path, mode);
}

DIR* opendir(const char* path) {
  ORIGINAL(opendir);
  return strike_path("opendir", path) != 0 ? nullptr : real(path);
}

int fstat(int fd, struct stat* info) noexcept {
  ORIGINAL(fstat);
  return strike_fd("fstat", fd) != 0 ? -1 : real(fd, info);
}

int stat(const char* path, struct stat* info) noexcept {
  ORIGINAL(stat);
  return strike_path("stat", path) != 0 ? -1 : real(path, info);
}

int statvfs(const char* path, struct statvfs* info) noexcept {
  ORIGINAL(statvfs);
  return strike_path("statvfs", path) != 0 ? -1 : real(path, info);
}

int accept4(int fd, sockaddr* address, socklen_t* length, int flags) {
  ORIGINAL(accept4);
  return strike_fd("accept4", fd) != 0 ? -1 : real(fd, address, length, flags);
}

int socket(int domain, int type, int protocol) noexcept {
  ORIGINAL(socket);
  return strike_path("socket", "socket") != 0 ? -1 : real(domain, type, protocol);
}

int bind(int fd, const sockaddr* address, socklen_t length) noexcept {
  ORIGINAL(bind);
  return strike_fd("bind", fd) != 0 ? -1 : real(fd, address, length);
}

int listen(int fd, int backlog) noexcept {
  ORIGINAL(listen);
  return strike_fd("listen", fd) != 0 ? -1 : real(fd, backlog);
}

int connect(int fd, const sockaddr* address, socklen_t length) {
  ORIGINAL(connect);
  return strike_fd("connect", fd) != 0 ? -1 : real(fd, address, length);
}

ssize_t recv(int fd, void* to, size_t count, int flags) {
  ORIGINAL(recv);
  const int struck = strike_fd("recv", fd);
  if (struck == kShort) return real(fd, to, 1, flags);
  return struck != 0 ? -1 : real(fd, to, count, flags);
}

ssize_t send(int fd, const void* data, size_t count, int flags) {
  ORIGINAL(send);
  const int struck = strike_fd("send", fd);
  if (struck == kShort) return real(fd, data, std::max<size_t>(1, count / 2), flags);
  return struck != 0 ? -1 : real(fd, data, count, flags);
}

ssize_t sendmsg(int fd, const msghdr* message, int flags) {
  ORIGINAL(sendmsg);
  const int struck = strike_fd("sendmsg", fd);
  if (struck == kShort) {
    iovec half{message->msg_iov[0].iov_base, std::max<size_t>(1, message->msg_iov[0].iov_len / 2)};
    msghdr part = *message;
    part.msg_iov = &half;
    part.msg_iovlen = 1;
    return real(fd, &part, flags);
  }
  return struck != 0 ? -1 : real(fd, message, flags);
}

int epoll_wait(int fd, epoll_event* events, int count, int timeout) {
  ORIGINAL(epoll_wait);
  return strike_path("epoll_wait", "epoll") != 0 ? -1 : real(fd, events, count, timeout);
}

int epoll_ctl(int fd, int operation, int target, epoll_event* event) noexcept {
  ORIGINAL(epoll_ctl);
  // Only what the kernel may refuse: taking a descriptor in.
  return operation == EPOLL_CTL_ADD && strike_fd("epoll_ctl", target) != 0 ? -1 : real(fd, operation, target, event);
}

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*run)(void*), void* argument) noexcept {
  ORIGINAL(pthread_create);
  const int struck = strike_path("pthread_create", "thread");
  return struck != 0 ? struck : real(thread, attributes, run, argument);
}

}  // extern "C"
