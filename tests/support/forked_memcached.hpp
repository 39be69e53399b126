#pragma once
// A real memcached as a child process on a free port of 127.0.0.1 or on a UNIX socket, for tests
// and tools. POSIX.

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace memring::testing {

/// A memcached of one thread and 64 MB, ready for connections when the constructor returns.
///
/// The program is the one in the environment variable MEMRING_MEMCACHED, else `memcached` from the
/// path. A missing program or one that does not come up throws `std::runtime_error`. The
/// destructor ends the process, and on Linux it ends with the thread that started it, whatever
/// happens to that. Thread-safety: none.
class forked_memcached {
public:
    /// `extra_arguments` come last and so override: `{"-m", "128"}`. `port` 0 picks a free one.
    explicit forked_memcached(std::vector<std::string> extra_arguments = {},
                              std::uint16_t port = 0);
    /// On the UNIX socket `path` and no port. What stands there as a socket is replaced.
    [[nodiscard]] static forked_memcached on_unix_socket(
        std::string path, const std::vector<std::string>& extra_arguments = {});
    /// With TLS on `port()`, without on `plain_port()`. The extra arguments name the certificate:
    /// `{"-o", "ssl_chain_cert=...,ssl_key=..."}`.
    [[nodiscard]] static forked_memcached with_tls(const std::vector<std::string>& extra_arguments,
                                                   std::uint16_t port = 0);
    forked_memcached(forked_memcached&& other) noexcept
        : x_pid(std::exchange(other.x_pid, -1)),
          x_port(other.x_port),
          x_plain_port(other.x_plain_port),
          x_path(other.x_path) {}
    forked_memcached& operator=(forked_memcached&& other) noexcept;
    /// By SIGKILL: nothing is worth a second's wait, which is how often memcached looks for SIGTERM.
    ~forked_memcached() { kill(); }

    /// 0 for a UNIX socket.
    [[nodiscard]] std::uint16_t port() const noexcept { return x_port; }
    /// The port without TLS: the same, unless there is one with TLS.
    [[nodiscard]] std::uint16_t plain_port() const noexcept { return x_plain_port; }
    /// Of the UNIX socket, else empty.
    [[nodiscard]] const std::string& path() const noexcept { return x_path; }
    /// -1 once it has ended.
    [[nodiscard]] pid_t pid() const noexcept { return x_pid; }
    [[nodiscard]] bool is_running() const noexcept { return x_pid > 0; }

    /// SIGKILL; returns when the process is gone.
    void kill() noexcept;
    /// SIGTERM, and SIGKILL if that takes over 2 s; returns when the process is gone.
    void stop() noexcept;
    /// SIGSTOP, and waits until it has stopped: connections stay open and nothing is answered,
    /// until `proceed()`.
    void pause() noexcept;
    void proceed() noexcept;

private:
    struct not_started {};
    explicit forked_memcached(not_started) noexcept {}

    void bring_up(const std::vector<std::string>& extra_arguments, std::uint16_t port,
                  bool with_tls);
    void start(const std::vector<std::string>& extra_arguments);
    [[nodiscard]] bool has_ended(int options = WNOHANG) noexcept;
    [[nodiscard]] bool comes_up();
    [[nodiscard]] bool answers() const;

    pid_t x_pid = -1;
    std::uint16_t x_port = 0;
    std::uint16_t x_plain_port = 0;
    std::string x_path;
    int x_exit_status = -1;  // of the last process; -1 for none, or a signal
    bool x_wants_login = false;
};

/// The memcached to start: a path, or a name to look up in the path.
[[nodiscard]] inline std::string memcached_program() {
    const char* const named = std::getenv("MEMRING_MEMCACHED");
    return named != nullptr && *named != '\0' ? named : "memcached";
}

namespace detail {

/// A socket of this process, closed at the end of the scope.
class scoped_socket {
public:
    explicit scoped_socket(int family = AF_INET)
        : x_handle(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
    scoped_socket(const scoped_socket&) = delete;
    scoped_socket& operator=(const scoped_socket&) = delete;
    ~scoped_socket() { ::close(x_handle); }

    [[nodiscard]] int handle() const noexcept { return x_handle; }

private:
    int x_handle;
};

[[nodiscard]] inline sockaddr_in loopback_address(std::uint16_t port) noexcept {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

[[nodiscard]] inline sockaddr_un local_address(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) {
        throw std::runtime_error("too long for a UNIX socket: " + path);
    }
    path.copy(address.sun_path, path.size());
    return address;
}

// Free at this moment: somebody may take it before memcached does, so the caller tries again.
[[nodiscard]] inline std::uint16_t free_port() {
    const scoped_socket probe;
    auto address = loopback_address(0);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(probe.handle(), generic, size) != 0 ||
        ::getsockname(probe.handle(), generic, &size) != 0) {
        throw std::system_error(errno, std::generic_category(), "no free port on 127.0.0.1");
    }
    return ntohs(address.sin_port);
}

// Runs in the child between fork and exec: system calls only. Tells the errno of a failed exec.
[[noreturn]] inline void become(char* const* arguments, int failure_pipe, pid_t parent) noexcept {
#ifdef __linux__
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
    if (::getppid() != parent) ::_exit(127);  // the parent was gone before that took effect
    ::execvp(arguments[0], arguments);
    const int error = errno;
    [[maybe_unused]] const auto written = ::write(failure_pipe, &error, sizeof error);
    ::_exit(127);
}

// Starts a process; throws if the program cannot be run.
[[nodiscard]] inline pid_t spawn(const std::vector<std::string>& command) {
    std::vector<char*> arguments;
    for (const auto& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    int failure[2];
    if (::pipe2(failure, O_CLOEXEC) != 0) {
        throw std::system_error(errno, std::generic_category(), "pipe");
    }
    const pid_t parent = ::getpid();
    const pid_t child = ::fork();
    if (child == 0) become(arguments.data(), failure[1], parent);
    ::close(failure[1]);
    int error = child < 0 ? errno : 0;
    // exec closes the pipe: the end of it is the good news
    const bool has_failed = child < 0 || ::read(failure[0], &error, sizeof error) > 0;
    ::close(failure[0]);
    if (!has_failed) return child;
    if (child > 0) ::waitpid(child, nullptr, 0);
    throw std::runtime_error("cannot start \"" + command.front() +
                             "\": " + std::generic_category().message(error) +
                             " (install memcached, or name the program in MEMRING_MEMCACHED)");
}

}  // namespace detail

inline forked_memcached::forked_memcached(std::vector<std::string> extra_arguments,
                                          std::uint16_t port) {
    bring_up(extra_arguments, port, false);
}

inline forked_memcached forked_memcached::on_unix_socket(
    std::string path, const std::vector<std::string>& extra_arguments) {
    forked_memcached server{not_started()};
    server.x_path = std::move(path);
    server.start(extra_arguments);
    if (server.comes_up()) return server;
    server.stop();
    throw std::runtime_error("memcached does not come up on " + server.x_path + ", exit status " +
                             std::to_string(server.x_exit_status));
}

inline forked_memcached forked_memcached::with_tls(const std::vector<std::string>& extra_arguments,
                                                   std::uint16_t port) {
    forked_memcached server{not_started()};
    server.bring_up(extra_arguments, port, true);
    return server;
}

inline void forked_memcached::bring_up(const std::vector<std::string>& extra_arguments,
                                       std::uint16_t port, bool with_tls) {
    constexpr int most_tries = 20;
    for (int attempt = 0; attempt < most_tries; ++attempt) {
        x_port = port != 0 ? port : detail::free_port();
        x_plain_port = with_tls ? detail::free_port() : x_port;
        start(extra_arguments);
        if (comes_up()) return;
        const bool is_port_taken = !is_running() && x_exit_status == EX_OSERR;
        stop();
        if (!is_port_taken || port != 0) break;
    }
    throw std::runtime_error("memcached does not come up on 127.0.0.1:" + std::to_string(x_port) +
                             ", exit status " + std::to_string(x_exit_status));
}

inline forked_memcached& forked_memcached::operator=(forked_memcached&& other) noexcept {
    if (this == &other) return *this;
    stop();
    x_pid = std::exchange(other.x_pid, -1);
    x_port = other.x_port;
    x_plain_port = other.x_plain_port;
    x_path = other.x_path;
    return *this;
}

inline void forked_memcached::start(const std::vector<std::string>& extra_arguments) {
    const auto at = [](std::uint16_t port) { return "127.0.0.1:" + std::to_string(port); };
    std::vector<std::string> command{memcached_program(), "-U", "0", "-m", "64", "-t", "1"};
    if (!x_path.empty()) {
        command.insert(command.end(), {"-s", x_path});
    } else if (x_plain_port != x_port) {
        command.insert(command.end(), {"-Z", "-l", at(x_port) + ",notls:" + at(x_plain_port)});
    } else {
        command.insert(command.end(), {"-l", "127.0.0.1", "-p", std::to_string(x_port)});
    }
    // As root it wants to be told whom to become. Any change of user would clear the signal that
    // ends it with its parent.
    if (::geteuid() == 0) command.insert(command.end(), {"-u", "root"});
    command.insert(command.end(), extra_arguments.begin(), extra_arguments.end());
    x_wants_login = std::ranges::find(extra_arguments, "-S") != extra_arguments.end() ||
                    std::ranges::find(extra_arguments, "-Y") != extra_arguments.end();
    x_pid = detail::spawn(command);
}

// Connecting is refused at once until it listens, so the loop is a poll of the process, too.
inline bool forked_memcached::comes_up() {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (std::chrono::steady_clock::now() < deadline && !has_ended()) {
        if (answers()) return true;
        ::poll(nullptr, 0, 2);
    }
    return false;
}

inline bool forked_memcached::answers() const {
    const detail::scoped_socket probe(x_path.empty() ? AF_INET : AF_UNIX);
    const auto connect_to = [&](const auto& address) {
        const auto* const generic = reinterpret_cast<const sockaddr*>(&address);
        return ::connect(probe.handle(), generic, sizeof address) == 0;
    };
    const bool is_connected = x_path.empty() ? connect_to(detail::loopback_address(x_plain_port))
                                             : connect_to(detail::local_address(x_path));
    if (!is_connected) return false;
    // Another memcached may have the port: it would answer, with another process id.
    // One that wants a login over SASL looks at nothing shorter than a frame of 24 bytes.
    const std::string_view request(x_wants_login ? "stats\r\nstats\r\nstats\r\nstats\r\n"
                                                 : "stats\r\n");
    if (::send(probe.handle(), request.data(), request.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(request.size())) {
        return false;
    }
    pollfd readable{probe.handle(), POLLIN, 0};
    if (::poll(&readable, 1, 1000) != 1) return false;
    char reply[4096] = {};
    const auto size = ::recv(probe.handle(), reply, sizeof reply, 0);
    const std::string_view answer(reply, size > 0 ? static_cast<std::size_t>(size) : 0);
    // Before a login text is refused, and by a server with SASL not understood at all.
    if (x_wants_login) return size == 0 || answer.starts_with("CLIENT_ERROR unauthenticated");
    return answer.starts_with("STAT pid " + std::to_string(x_pid) + "\r\n");
}

inline bool forked_memcached::has_ended(int options) noexcept {
    if (x_pid <= 0) return true;
    pid_t waited = 0;
    int status = 0;
    do {
        waited = ::waitpid(x_pid, &status, options);
    } while (waited < 0 && errno == EINTR);
    if (waited == x_pid) x_exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    if (waited != 0) x_pid = -1;
    return x_pid <= 0;
}

inline void forked_memcached::kill() noexcept {
    if (x_pid <= 0) return;
    ::kill(x_pid, SIGKILL);
    (void)has_ended(0);
}

inline void forked_memcached::stop() noexcept {
    if (x_pid <= 0) return;
    ::kill(x_pid, SIGTERM);
    ::kill(x_pid, SIGCONT);  // a paused process would not notice
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(2);
    while (!has_ended()) {
        if (std::chrono::steady_clock::now() > deadline) return kill();
        ::poll(nullptr, 0, 1);
    }
}

// A signal takes its time: until the process has stopped it may go on answering.
inline void forked_memcached::pause() noexcept {
    if (x_pid <= 0) return;
    ::kill(x_pid, SIGSTOP);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(2);
    siginfo_t stopped{};
    while (::waitid(P_PID, static_cast<id_t>(x_pid), &stopped, WSTOPPED | WNOHANG) == 0 &&
           stopped.si_pid != x_pid && std::chrono::steady_clock::now() < deadline) {
        ::poll(nullptr, 0, 1);
    }
}

inline void forked_memcached::proceed() noexcept {
    if (x_pid > 0) ::kill(x_pid, SIGCONT);
}

}  // namespace memring::testing
