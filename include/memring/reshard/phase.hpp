#pragma once
// The phases of a topology transition, and the two nodes that matter to one key in it.

#include <cstdint>

namespace memring {

/// How far a transition from the topology `old` to `next` has come. A fleet goes through the
/// phases in order; at any time its operations run in at most two adjacent ones, and none starts
/// in phase p + 2 while one of phase p is still running anywhere.
///
/// What whoever leads a transition has to see to besides (tests/model breaks each rule once):
/// - before `move`: no next owner holds a copy of a moving key from an earlier time; what a node
///   has of keys that it does not own under `old` is deleted, a node that joins is empty;
/// - before `settle`: a mover has dealt with every moving key, in a pass that began after the last
///   operation of `prepare` had ended; all movers have stopped;
/// - before `steady_next`: every lease taken in `move` has been filled, dropped, or has expired.
enum class phase : std::uint8_t {
    steady_old,  ///< owners under `old`, plain commands
    prepare,     ///< reads from the old owner, writes also clear the next one
    move,        ///< reads from the next owner, then the old one; keys are being moved
    settle,      ///< reads from the next owner, writes still clear the old one
    steady_next  ///< owners under `next`, plain commands
};

/// Which of a key's two owners a command goes to.
enum class role : std::uint8_t {
    old_owner,  ///< the key's owner under `old`, X in the comments
    next_owner  ///< the key's owner under `next`, T in the comments
};

[[nodiscard]] constexpr const char* to_string(phase value) noexcept {
    switch (value) {
        case phase::steady_old: return "steady (old)";
        case phase::prepare: return "prepare";
        case phase::move: return "move";
        case phase::settle: return "settle";
        case phase::steady_next: return "steady (next)";
    }
    return "unknown";
}

}  // namespace memring
