#pragma once
// Moves one key from its old owner to its next one without ever overwriting something newer: lease
// the key on the next owner, read it from the old one, store it over the lease. A state machine
// without I/O; whoever drives thousands of them pipelines their commands.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <system_error>
#include <utility>

#include <memring/error.hpp>
#include <memring/protocol/command.hpp>
#include <memring/reshard/modify.hpp>
#include <memring/reshard/plan.hpp>

namespace memring {

/// What became of a key that was to be moved.
enum class move_outcome : std::uint8_t {
    moved,          ///< the next owner has it now
    already_there,  ///< the next owner had a value: that one is at least as new
    leased,         ///< somebody else is filling it there: worth another look later
    vanished,       ///< the old owner does not have it (any more)
    left_stale,     ///< invalidated on the old owner, not copied: a copy would look fresh
    lost_race,      ///< written or deleted under way: theirs is newer
    failed          ///< a node answered with an error
};

struct mover_options {
    std::int64_t now = 0;             ///< Unix time in seconds
    std::int64_t lease_seconds = 30;  ///< how long the lease of a mover that died lasts, at least 1
};

/// Moves one key; driven like an `operation_plan`, but never asks to wait. The copy keeps client
/// flags and remaining time. The old owner's item stays: readers still in `prepare` need it, and
/// whoever leads the transition deletes it when nobody reads there any more, or has it forgotten
/// with the node. Precondition: some process is in phase `move`, none has left it. A mover that is
/// dropped half way leaves a placeholder that expires by itself.
///
/// Not thread-safe; a value, copyable at any point.
class key_mover {
public:
    /// Precondition: `key` is valid.
    explicit key_mover(std::string_view key, mover_options options = {}) noexcept
        : x_key(key), x_options(options) {}

    [[nodiscard]] step start();
    [[nodiscard]] step next(answer last);

    [[nodiscard]] std::string_view key() const noexcept { return x_key.view(); }
    /// Once `next` has said `done`.
    [[nodiscard]] move_outcome outcome() const noexcept { return x_outcome; }
    /// Set when the outcome is `failed`; also the `result.error` of the last step.
    [[nodiscard]] std::error_code error() const noexcept { return x_error; }
    /// Bytes of the value moved, 0 for any outcome but `moved`.
    [[nodiscard]] std::size_t moved_bytes() const noexcept {
        return x_outcome == move_outcome::moved ? x_bytes : 0;
    }

private:
    enum class stage : std::uint8_t { lease_next, read_old, fill_next, drop_lease };

    [[nodiscard]] step send(stage at, role to, command cmd);
    [[nodiscard]] step finish(move_outcome outcome);
    [[nodiscard]] step drop_then_finish(move_outcome outcome);
    [[nodiscard]] step fail(std::error_code error);
    [[nodiscard]] step after_lease(const answer& last);
    [[nodiscard]] step after_read(answer last);

    key_buffer x_key;
    mover_options x_options;
    stage x_stage = stage::lease_next;
    move_outcome x_outcome = move_outcome::failed;
    std::uint64_t x_lease = 0;  // cas of the placeholder
    std::size_t x_bytes = 0;
    std::error_code x_error;
};

inline step key_mover::start() {
    x_error.clear();
    command lease;
    lease.what = verb::lease;
    lease.expiry = x_options.lease_seconds;
    return send(stage::lease_next, role::next_owner, std::move(lease));
}

inline step key_mover::next(answer last) {
    if (last.error) return fail(last.error);
    switch (x_stage) {
        case stage::lease_next: return after_lease(last);
        case stage::read_old: return after_read(std::move(last));
        case stage::fill_next:
            return finish(last.what == status::ok ? move_outcome::moved : move_outcome::lost_race);
        case stage::drop_lease: return finish(x_outcome);
    }
    return finish(move_outcome::failed);
}

inline step key_mover::after_lease(const answer& last) {
    if (last.what == status::ok && !last.is_placeholder())
        return finish(move_outcome::already_there);
    if (!last.won) return finish(move_outcome::leased);
    x_lease = last.cas;
    if (x_lease == 0) return fail(errc::unsupported);  // no cas there: nothing could be compared
    command read;
    read.keeps_lru = true;
    read.wants_ttl = true;
    return send(stage::read_old, role::old_owner, std::move(read));
}

inline step key_mover::after_read(answer last) {
    if (last.what != status::ok || last.is_placeholder())
        return drop_then_finish(move_outcome::vanished);
    if (last.stale) return drop_then_finish(move_outcome::left_stale);
    command store;
    store.what = verb::set;
    store.flags = last.flags;
    store.expiry = remaining_expiry(last.ttl, x_options.now);
    store.compare = x_lease;
    store.value = last.take_value();
    x_bytes = store.value.size();
    return send(stage::fill_next, role::next_owner, std::move(store));
}

inline step key_mover::send(stage at, role to, command cmd) {
    x_stage = at;
    cmd.key = x_key;
    return {step::action::send, to, std::move(cmd), {}};
}

inline step key_mover::drop_then_finish(move_outcome outcome) {
    x_outcome = outcome;
    command drop;
    drop.what = verb::remove;
    drop.compare = x_lease;
    return send(stage::drop_lease, role::next_owner, std::move(drop));
}

// When the old owner fails, the lease is dropped; when the next one does, it expires by itself.
inline step key_mover::fail(std::error_code error) {
    if (!x_error) x_error = error;
    if (x_stage == stage::read_old) return drop_then_finish(move_outcome::failed);
    return finish(move_outcome::failed);
}

inline step key_mover::finish(move_outcome outcome) {
    x_outcome = outcome;
    step last{step::action::done, role::next_owner, {}, {}};
    last.result.error = x_error;
    return last;
}

}  // namespace memring
