#pragma once
// What a test server does wrong on purpose.

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace memring::testing {

/// Misbehaviour of one server, to be changed while it runs. Counts are per connection, from its
/// start; what is left out does not happen.
struct faults {
    /// Sizes in which replies come to the reader, in turn and over again; empty for whole replies,
    /// zeros are taken as 1.
    std::vector<std::size_t> split_sizes = {};
    /// The stream ends after so many reply bytes; what they answer has been carried out.
    std::optional<std::size_t> cut_after_bytes = {};
    /// The stream ends after so many answered commands; the next ones are not carried out.
    std::optional<std::size_t> cut_after_commands = {};
    /// Commands after so many are carried out, but their replies never leave.
    std::optional<std::size_t> stall_after_commands = {};
    /// Stands in for the reply to the command with this number (from 0), which is carried out. An
    /// empty one leaves that reply out.
    std::optional<std::size_t> garbage_at_command = {};
    std::string garbage = "\x01garbage\r\n";
    /// The reply to the command with this number repeats another opaque than it was sent: in the
    /// first frame of a binary reply, in the `O` of a meta one. Others have none and stay as they
    /// are.
    std::optional<std::size_t> wrong_opaque_at_command = {};
    /// How late each part of a reply comes (default: at once).
    std::chrono::milliseconds delay{0};
    /// New connections are refused (real TCP: taken and reset at once).
    bool refuses_connections = false;
    /// So many of the next key dumps are answered with BUSY; counts down.
    std::size_t busy_dumps = 0;
};

}  // namespace memring::testing
