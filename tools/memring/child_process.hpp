#pragma once
// A child process that runs this same program and has a control channel as its third handle.

#include <sys/types.h>

#include <string>
#include <vector>

namespace memring::tool {

/// The handle on which a child finds its end of the control channel.
inline constexpr int child_channel_handle = 3;

/// This program with other arguments. The destructor ends it: SIGTERM, and SIGKILL if that takes
/// more than two seconds.
class child_process {
public:
    /// Throws `std::system_error` if it cannot be started.
    explicit child_process(const std::vector<std::string>& arguments);
    child_process(const child_process&) = delete;
    child_process& operator=(const child_process&) = delete;
    ~child_process();

    /// This process's end of the channel, to be taken over once.
    [[nodiscard]] int take_channel_handle() noexcept;
    /// Waits up to two seconds for its end. The exit status as a shell tells it (128 + signal
    /// number); -1 if it is still running.
    [[nodiscard]] int wait() noexcept;

private:
    [[nodiscard]] bool has_ended() noexcept;

    pid_t x_pid = -1;
    int x_channel = -1;
    int x_status = -1;
};

/// For the child, first thing: ends it when its parent ends, leaves Ctrl-C to the parent, and
/// closes what else it has inherited.
void become_child();

}  // namespace memring::tool
