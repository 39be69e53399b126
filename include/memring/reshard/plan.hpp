#pragma once
// The phase table: which commands one application operation on one key sends to the key's two
// owners, in which order, and what their answers mean for the application. A state machine
// without I/O: somebody else carries the commands and brings the answers back.
//
//   phase        get                          set                 delete
//   steady_old   X                            set X               del X
//   prepare      X                            set X, del T        del X, del T
//   move         T; miss or placeholder: X    del X, set T        del X, del T
//   settle       T                            del X, set T        del X, del T
//   steady_next  T                            set T               del T
//
// X is the old owner, T the next one. What depends on the item that is there (add, replace,
// append, incr, touch, compare-and-swap, ...) runs on X and then clears T in prepare. In move and
// settle it looks at T, clears X and runs on T over exactly the item it saw. Where T has nothing
// in move, it leases the key on T, takes the item away from X and stores the outcome over its
// lease. A delete is told what the owner had that a get would have read: X in prepare, T in settle,
// in move X or else T, at which it looks before it clears it, for a placeholder is no item.
// tests/model explores every interleaving of these sequences for one key.
//
// Precondition: T holds no copy of the key from before the transition. Nobody looks there before
// `move`, so what an earlier transition left behind may be deleted until then.

#include <cstdint>
#include <optional>
#include <system_error>
#include <utility>

#include <memring/error.hpp>
#include <memring/protocol/command.hpp>
#include <memring/reshard/modify.hpp>
#include <memring/reshard/phase.hpp>

namespace memring {

/// What a plan asks for next.
struct step {
    enum class action : std::uint8_t {
        send,  ///< send `cmd` to `to` and feed the answer to `next`
        wait,  ///< somebody holds the key for a moment: wait a little, then call `start` again
        done   ///< the operation is over: `result` is for the application
    };
    action what = action::send;
    role to = role::old_owner;
    command cmd;
    answer result;
};

/// What a plan has to be told beside the operation.
struct plan_options {
    std::int64_t now = 0;              ///< Unix time in seconds
    std::int64_t lease_seconds = 30;   ///< how long an abandoned lease blocks a key, at least 1
    std::optional<role> token_from{};  ///< whose item the request's `compare` names, if known:
                                       ///< two servers may well give the same number
};

/// Where a get found its item.
enum class served_by : std::uint8_t { nobody, old_owner, next_owner };

/// One application operation on one key that has two different owners, in one phase. Call
/// `start`, send what it asks for, feed each answer to `next` until `step::action::done`. An error
/// in an answer ends the operation with that error (after a lease it held is dropped); what it has
/// done by then may cost a miss, but never brings back a value.
///
/// Not thread-safe; a value, copyable at any point. The request is owned.
class operation_plan {
public:
    /// An invalidation is carried out as a delete: a stale item would not be moved. Preconditions:
    /// `request.what` is not `verb::lease`, and it has no `initial`.
    operation_plan(command request, phase in, plan_options options = {})
        : x_request(std::move(request)), x_options(options), x_phase(in) {
        if (x_request.what == verb::invalidate) x_request.what = verb::remove;
    }

    /// The first command; also the one after a `wait`.
    [[nodiscard]] step start();

    /// What follows from the answer to the command asked for last.
    [[nodiscard]] step next(answer last);

    [[nodiscard]] const command& request() const noexcept { return x_request; }
    [[nodiscard]] phase started_in() const noexcept { return x_phase; }
    /// Of a get that is done: who had the item.
    [[nodiscard]] served_by served() const noexcept { return x_served; }

private:
    enum class stage : std::uint8_t {
        only,          // the answer is the application's
        read_next,     // move, get: T first
        read_old,      // move, get: then X
        change_old,    // prepare: the operation itself, on X
        clear_next,    // prepare: then T must not keep a copy
        remove_old,    // delete: X first
        look_removed,  // move, settle, delete: what is on T
        remove_next,   // move, settle, delete: an item
        remove_lease,  // move, settle, delete: no more than a placeholder
        clear_old,     // move, settle: X must not keep a copy
        change_next,   // move, settle: then the operation itself, on T
        look_next,     // move, settle: what is on T (in move, lease it where nothing is)
        look_old,      // lease held: the item on X
        take_old,      // lease held: take it away from X
        fill_next,     // lease held: store the outcome over it
        drop_lease     // lease no longer wanted
    };

    [[nodiscard]] bool is_blind() const noexcept {
        return x_request.compare == 0 &&
               (x_request.what == verb::set || x_request.what == verb::remove);
    }

    [[nodiscard]] bool only_reads() const noexcept {
        return x_request.what == verb::get || x_request.what == verb::inspect;
    }

    // Whether the value that was asked for is no more than a lease's placeholder.
    [[nodiscard]] bool is_empty_read(const answer& last) const noexcept {
        const bool reads = x_request.what == verb::get || x_request.what == verb::get_and_touch;
        return reads && last.is_placeholder();
    }

    [[nodiscard]] step send(stage at, role to, command cmd);
    [[nodiscard]] step send_remove(stage at, role to, std::uint64_t compare = 0);
    [[nodiscard]] step finish(answer result);
    [[nodiscard]] step finish(status what);
    [[nodiscard]] step finish(std::error_code error);
    [[nodiscard]] step finish_read(answer result, served_by who);
    [[nodiscard]] step fail(std::error_code error);
    [[nodiscard]] step drop_then_finish(answer result);

    [[nodiscard]] step start_moving();
    [[nodiscard]] step after_remove_old(answer last);
    [[nodiscard]] step look_removed();
    [[nodiscard]] step after_look_removed(const answer& last);
    [[nodiscard]] step after_look_next(const answer& last);
    [[nodiscard]] step after_leasing();
    [[nodiscard]] step after_clear_old();
    [[nodiscard]] step after_change_next(answer last);
    [[nodiscard]] step after_look_old(const answer& last);
    [[nodiscard]] step after_take_old(const answer& last);
    [[nodiscard]] step after_fill_next(const answer& last);

    command x_request;
    plan_options x_options;
    phase x_phase;
    stage x_stage = stage::only;
    served_by x_served = served_by::nobody;
    bool x_restarts = false;   // once the lease is dropped
    std::uint64_t x_seen = 0;  // cas on T: of the item looked at, or of the lease held
    command x_store;           // the outcome that goes to T
    answer x_result;           // what the application is told after the next command
};

inline step operation_plan::start() {
    x_served = served_by::nobody;
    x_restarts = false;
    x_seen = 0;
    x_result = {};
    switch (x_phase) {
        case phase::steady_old: return send(stage::only, role::old_owner, x_request);
        case phase::steady_next: return send(stage::only, role::next_owner, x_request);
        case phase::prepare:
            if (only_reads()) return send(stage::only, role::old_owner, x_request);
            if (x_request.what == verb::remove && is_blind())
                return send(stage::remove_old, role::old_owner, x_request);
            return send(stage::change_old, role::old_owner, x_request);
        case phase::move:
        case phase::settle: break;
    }
    return start_moving();
}

inline step operation_plan::start_moving() {
    const bool is_moving = x_phase == phase::move;
    if (only_reads())
        return send(is_moving ? stage::read_next : stage::only, role::next_owner, x_request);
    if (is_blind() && x_request.what == verb::remove)
        return send(stage::remove_old, role::old_owner, x_request);
    if (is_blind()) return send_remove(stage::clear_old, role::old_owner);
    command look;
    look.what = is_moving ? verb::lease : verb::get;
    look.expiry = is_moving ? x_options.lease_seconds : 0;
    return send(stage::look_next, role::next_owner, std::move(look));
}

inline step operation_plan::next(answer last) {
    if (last.error) return fail(last.error);
    switch (x_stage) {
        case stage::only:
            return finish_read(std::move(last), x_phase < phase::move ? served_by::old_owner
                                                                      : served_by::next_owner);
        case stage::read_next:
            if (last.what == status::ok && !last.is_placeholder())
                return finish_read(std::move(last), served_by::next_owner);
            return send(stage::read_old, role::old_owner, x_request);
        case stage::read_old: return finish_read(std::move(last), served_by::old_owner);
        case stage::change_old:
            if (last.what != status::ok || is_empty_read(last))
                return finish_read(std::move(last), served_by::nobody);
            x_result = std::move(last);
            return send_remove(stage::clear_next, role::next_owner);
        case stage::clear_next: return finish(std::move(x_result));
        case stage::remove_old: return after_remove_old(std::move(last));
        case stage::look_removed: return after_look_removed(last);
        case stage::remove_next: return finish(std::move(last));
        case stage::remove_lease:
            if (last.what == status::exists) return look_removed();  // filled meanwhile
            return finish(status::not_found);
        case stage::clear_old: return after_clear_old();
        case stage::change_next: return after_change_next(std::move(last));
        case stage::look_next: return after_look_next(last);
        case stage::look_old: return after_look_old(last);
        case stage::take_old: return after_take_old(last);
        case stage::fill_next: return after_fill_next(last);
        case stage::drop_lease:
            if (x_restarts) return start();
            return finish(std::move(x_result));
    }
    return finish(errc::unsupported);
}

inline step operation_plan::after_remove_old(answer last) {
    const bool is_answer =
        x_phase == phase::prepare || (x_phase == phase::move && last.what == status::ok);
    if (!is_answer) return look_removed();
    x_result = std::move(last);
    return send_remove(stage::clear_next, role::next_owner);
}

inline step operation_plan::look_removed() {
    command look;
    look.keeps_lru = true;
    return send(stage::look_removed, role::next_owner, std::move(look));
}

// Where T has nothing, nothing can come back: whoever leases T from now on finds X empty.
inline step operation_plan::after_look_removed(const answer& last) {
    if (last.what != status::ok) return finish(status::not_found);
    if (!last.is_placeholder()) return send_remove(stage::remove_next, role::next_owner);
    return send_remove(stage::remove_lease, role::next_owner, last.cas);
}

// An item on T is worked on in place; a lease of our own leads on to X; somebody else's is waited
// for in move, and counts as nothing in settle, where nobody fills it any more.
inline step operation_plan::after_look_next(const answer& last) {
    const bool is_placeholder = last.is_placeholder();
    const bool is_item = last.what == status::ok && !is_placeholder;
    if (x_phase == phase::move && !is_item && !(is_placeholder && last.won)) {
        return {step::action::wait, role::next_owner, {}, {}};
    }
    if (is_item && x_request.what == verb::add) return finish(status::not_stored);
    if (is_item && x_options.token_from == role::old_owner && x_request.compare != 0)
        return finish(status::exists);
    if (!is_item && x_phase == phase::settle && x_request.what != verb::add)
        return finish(absent_status(x_request.what));
    x_seen = last.what == status::ok ? last.cas : 0;
    // A server that counts no cas cannot compare, and 0 would mean "always".
    if (last.what == status::ok && x_seen == 0) return finish(errc::unsupported);
    if (!is_item && x_phase == phase::move) return after_leasing();
    return send_remove(stage::clear_old, role::old_owner);
}

inline step operation_plan::after_leasing() {
    if (x_request.compare == 0) {
        command read;
        read.keeps_lru = true;
        read.wants_ttl = true;
        return send(stage::look_old, role::old_owner, std::move(read));
    }
    if (x_options.token_from == role::next_owner) {
        answer changed;
        changed.what = status::exists;
        return drop_then_finish(std::move(changed));
    }
    modification made = modify(x_request, {}, x_options.now);
    x_store = std::move(made.store);
    x_result = std::move(made.result);
    return send_remove(stage::take_old, role::old_owner, x_request.compare);
}

inline step operation_plan::after_clear_old() {
    command change = x_request;
    // Nothing seen (a set, or an add in settle on an empty T): as requested. A touch has no
    // compare on the wire and keeps the value, whichever it is.
    const bool takes_compare = x_request.compare == 0 && x_request.what != verb::touch &&
                               x_request.what != verb::get_and_touch;
    if (takes_compare) change.compare = x_seen;
    if (x_request.what == verb::add && x_seen != 0) change.what = verb::set;
    return send(stage::change_next, role::next_owner, std::move(change));
}

inline step operation_plan::after_change_next(answer last) {
    const bool is_decided = is_blind() || x_request.compare != 0;
    if (is_decided || (last.what == status::ok && !is_empty_read(last)))
        return finish(std::move(last));
    return start();  // another writer was faster, or the item was evicted
}

inline step operation_plan::after_look_old(const answer& last) {
    const bool is_item = last.what == status::ok && !last.is_placeholder();
    answer verdict;
    if (x_request.what == verb::add && is_item) {
        // Left for the mover: a copy from here would not notice a write on X that began earlier.
        verdict.what = status::not_stored;
        return drop_then_finish(std::move(verdict));
    }
    if (!is_item && x_request.what != verb::add) {
        verdict.what = absent_status(x_request.what);
        return drop_then_finish(std::move(verdict));
    }
    modification made = modify(x_request, last, x_options.now);
    if (is_item && last.cas == 0) made.error = errc::unsupported;
    if (made.error) {
        verdict.error = made.error;
        return drop_then_finish(std::move(verdict));
    }
    x_store = std::move(made.store);
    x_result = std::move(made.result);
    if (is_item) return send_remove(stage::take_old, role::old_owner, last.cas);
    x_store.compare = x_seen;
    return send(stage::fill_next, role::next_owner, x_store);
}

inline step operation_plan::after_take_old(const answer& last) {
    if (last.what != status::ok && x_request.compare != 0) return drop_then_finish(last);
    if (last.what != status::ok) {
        x_restarts = true;
        return drop_then_finish({});
    }
    if (x_request.what == verb::remove) return drop_then_finish(std::move(x_result));
    x_store.compare = x_seen;
    return send(stage::fill_next, role::next_owner, x_store);
}

inline step operation_plan::after_fill_next(const answer& last) {
    if (last.what != status::ok) return start();  // the lease was overwritten, removed or evicted
    x_result.cas = last.cas;
    return finish(std::move(x_result));
}

inline step operation_plan::send(stage at, role to, command cmd) {
    x_stage = at;
    if (cmd.key.empty()) cmd.key = x_request.key;
    return {step::action::send, to, std::move(cmd), {}};
}

inline step operation_plan::send_remove(stage at, role to, std::uint64_t compare) {
    command remove;
    remove.what = verb::remove;
    remove.compare = compare;
    return send(at, to, std::move(remove));
}

inline step operation_plan::drop_then_finish(answer result) {
    x_result = std::move(result);
    return send_remove(stage::drop_lease, role::next_owner, x_seen);
}

// A lease is worth dropping when it was X that failed; where T did, it expires by itself.
inline step operation_plan::fail(std::error_code error) {
    if (x_stage == stage::look_old || x_stage == stage::take_old) {
        answer failed;
        failed.error = error;
        return drop_then_finish(std::move(failed));
    }
    if (x_stage == stage::drop_lease && x_result.error) return finish(x_result.error);
    return finish(error);
}

inline step operation_plan::finish_read(answer result, served_by who) {
    if (is_empty_read(result)) return finish(status::miss);
    if (x_request.what == verb::get && result.what == status::ok) x_served = who;
    return finish(std::move(result));
}

inline step operation_plan::finish(answer result) {
    return {step::action::done, role::old_owner, {}, std::move(result)};
}

inline step operation_plan::finish(status what) {
    answer result;
    result.what = what;
    return finish(std::move(result));
}

inline step operation_plan::finish(std::error_code error) {
    answer result;
    result.error = error;
    return finish(std::move(result));
}

}  // namespace memring
