#include "child_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include <cerrno>
#include <chrono>
#include <system_error>
#include <utility>

extern "C" char** environ;  // NOLINT(readability-redundant-declaration)

namespace memring::tool {

namespace {

constexpr auto patience = std::chrono::seconds(2);
constexpr int most_inherited_handles = 1024;

[[noreturn]] void fail(int error, const char* what) {
    throw std::system_error(error, std::generic_category(), what);
}

// A child's end of a pair, closed once the child has its own.
class end_of_pair {
public:
    explicit end_of_pair(int handle) noexcept : x_handle(handle) {}
    end_of_pair(const end_of_pair&) = delete;
    end_of_pair& operator=(const end_of_pair&) = delete;
    ~end_of_pair() { ::close(x_handle); }

private:
    int x_handle;
};

pid_t spawn(const std::vector<std::string>& words, int channel) {
    std::vector<char*> arguments;
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    if (const int error = ::posix_spawn_file_actions_init(&actions)) fail(error, "posix_spawn");
    ::posix_spawn_file_actions_adddup2(&actions, channel, child_channel_handle);
    pid_t pid = -1;
    const int error =
        ::posix_spawnp(&pid, words.front().c_str(), &actions, nullptr, arguments.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    if (error != 0) fail(error, words.front().c_str());
    return pid;
}

}  // namespace

child_process::child_process(const std::vector<std::string>& arguments) {
    int pair[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0) fail(errno, "socketpair");
    const end_of_pair theirs(pair[1]);
    x_channel = pair[0];
    ::fcntl(pair[0], F_SETFD, FD_CLOEXEC);
    ::fcntl(pair[1], F_SETFD, FD_CLOEXEC);
    try {
        x_pid = spawn(arguments, pair[1]);
    } catch (...) {
        ::close(x_channel);
        throw;
    }
}

child_process::~child_process() {
    if (x_channel >= 0) ::close(x_channel);
    if (x_status >= 0 || x_pid <= 0) return;
    ::kill(x_pid, SIGTERM);
    if (wait() >= 0) return;
    ::kill(x_pid, SIGKILL);
    (void)wait();
}

int child_process::take_channel_handle() noexcept { return std::exchange(x_channel, -1); }

int child_process::wait() noexcept {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!has_ended() && std::chrono::steady_clock::now() < deadline) ::poll(nullptr, 0, 2);
    return x_status;
}

bool child_process::has_ended() noexcept {
    if (x_status >= 0) return true;
    int status = 0;
    if (::waitpid(x_pid, &status, WNOHANG) != x_pid) return false;
    x_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return true;
}

void become_child() {
    ::signal(SIGINT, SIG_IGN);
#ifdef __linux__
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
#endif
    ::fcntl(child_channel_handle, F_SETFD, FD_CLOEXEC);
    // A listening socket of the parent's that stayed open here would go on taking connections
    // after the parent has closed it.
    for (int handle = child_channel_handle + 1; handle < most_inherited_handles; ++handle) {
        ::close(handle);
    }
}

}  // namespace memring::tool
