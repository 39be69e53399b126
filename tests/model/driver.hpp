#pragma once
// The plans under test, with one rule of the table broken where a test asks for it: a check that
// never fails proves nothing. The plans themselves know nothing of this.

#include <cstdint>
#include <string>
#include <utility>

#include <memring/reshard/mover.hpp>
#include <memring/reshard/plan.hpp>

namespace memring::model {

/// A rule to break.
enum class mutant : std::uint8_t {
    none,
    no_prepare,              ///< prepare works like steady_old
    no_settle,               ///< settle works like steady_next
    prepare_clears_first,    ///< prepare: del T, set X
    move_sets_first,         ///< move: set T, del X
    move_leaves_old,         ///< move: set T, X keeps its item
    delete_next_first,       ///< deletes: T before X
    prepare_deletes_old,     ///< prepare: del X alone
    delete_counts_lease,     ///< move, settle: a delete takes a placeholder for an item
    delete_believes_old,     ///< settle: a delete is told what X had
    get_without_fallback,    ///< move: a get looks at T alone
    get_old_first,           ///< move: a get looks at X, then T
    get_takes_placeholder,   ///< move: a get takes a placeholder for an item
    change_without_clear,    ///< move, settle: an item on T is changed, X keeps its own
    change_without_compare,  ///< move, settle: ... whichever item T has by then
    take_without_compare,    ///< move: the item is taken from X whichever it is
    fill_without_compare,    ///< move: the outcome is stored over whatever T has
    mover_adds,              ///< mover: read X, then add on T
    mover_overwrites,        ///< mover: stores without compare
    mover_reads_first        ///< mover: read X, lease T, store over the lease
};

/// An `operation_plan`, perhaps broken.
class driver {
public:
    driver(command request, phase in, mutant broken)
        : x_plan(std::move(request), effective(in, broken)), x_broken(broken) {}

    [[nodiscard]] step start() {
        x_is_swapped = false;
        x_place = 0;
        step first = x_plan.start();
        const verb what = x_plan.request().what;
        const phase in = x_plan.started_in();
        const bool is_blind_set = what == verb::set && x_plan.request().compare == 0;
        const bool swaps =
            (x_broken == mutant::prepare_clears_first && is_blind_set && in == phase::prepare) ||
            (x_broken == mutant::move_sets_first && is_blind_set && in == phase::move) ||
            (x_broken == mutant::delete_next_first && what == verb::remove &&
             first.to == role::old_owner && in != phase::steady_old) ||
            (x_broken == mutant::get_old_first && what == verb::get && in == phase::move);
        if (swaps) return swap(std::move(first));
        if (x_broken == mutant::move_leaves_old && is_blind_set && in == phase::move)
            return x_plan.next(stored());
        return bend(std::move(first));
    }

    [[nodiscard]] step next(answer last) {
        const verb what = x_plan.request().what;
        if (x_is_swapped) return next_swapped(std::move(last));
        if (what == verb::get && x_plan.started_in() == phase::move && x_place++ == 0) {
            const bool ends = x_broken == mutant::get_without_fallback ||
                              (x_broken == mutant::get_takes_placeholder && last.is_placeholder());
            if (ends) return {step::action::done, role::next_owner, {}, std::move(last)};
        }
        if (x_broken == mutant::prepare_deletes_old && what == verb::remove &&
            x_plan.started_in() == phase::prepare) {
            return {step::action::done, role::old_owner, {}, std::move(last)};
        }
        if (x_broken == mutant::delete_counts_lease && what == verb::remove)
            last.leased = last.won = false;
        if (x_broken == mutant::delete_believes_old && what == verb::remove && x_place++ == 0)
            x_old_had_it = last.what == status::ok;
        step asked = bend(x_plan.next(std::move(last)));
        if (x_old_had_it && asked.what == step::action::done) asked.result.what = status::ok;
        return asked;
    }

private:
    [[nodiscard]] static phase effective(phase in, mutant broken) noexcept {
        if (broken == mutant::no_prepare && in == phase::prepare) return phase::steady_old;
        if (broken == mutant::no_settle && in == phase::settle) return phase::steady_next;
        return in;
    }

    [[nodiscard]] static answer stored() {
        answer fine;
        fine.what = status::ok;
        return fine;
    }

    // The first command of two is held back and sent after the second. A get swapped has them
    // exchange their nodes instead, and stops at a hit.
    [[nodiscard]] step swap(step first) {
        x_is_swapped = true;
        x_held = std::move(first);
        if (x_plan.request().what == verb::get) {
            step read = x_held;
            read.to = role::old_owner;
            return read;
        }
        return x_plan.next(stored());
    }

    [[nodiscard]] step next_swapped(answer last) {
        const bool is_get = x_plan.request().what == verb::get;
        const bool ends = last.error || x_place++ == 1 || (is_get && last.what == status::ok);
        if (ends) return {step::action::done, role::old_owner, {}, std::move(last)};
        return x_held;
    }

    // Breaks the commands of what depends on the item that is there.
    [[nodiscard]] step bend(step asked) {
        if (asked.what != step::action::send) return asked;
        const verb what = x_plan.request().what;
        const bool modifies = what != verb::get && what != verb::set && what != verb::remove;
        if (!modifies || x_plan.started_in() < phase::move) return asked;
        const bool removes_old = asked.to == role::old_owner && asked.cmd.what == verb::remove;
        const bool is_change = asked.to == role::next_owner && asked.cmd.what == what;
        const bool is_fill = asked.to == role::next_owner && asked.cmd.what == verb::set;
        if (x_broken == mutant::change_without_clear && removes_old && asked.cmd.compare == 0)
            return bend(x_plan.next(stored()));
        const bool loses_compare = (x_broken == mutant::change_without_compare && is_change) ||
                                   (x_broken == mutant::take_without_compare && removes_old) ||
                                   (x_broken == mutant::fill_without_compare && is_fill);
        if (loses_compare) asked.cmd.compare = 0;
        return asked;
    }

    operation_plan x_plan;
    mutant x_broken;
    bool x_is_swapped = false;
    bool x_old_had_it = false;
    int x_place = 0;
    step x_held;
};

/// A `key_mover`, perhaps broken.
class mover_driver {
public:
    mover_driver(std::string_view key, mutant broken) : x_mover(key), x_broken(broken) {}

    [[nodiscard]] step start() {
        x_place = 0;
        step first = x_mover.start();
        if (x_broken != mutant::mover_adds && x_broken != mutant::mover_reads_first) return first;
        command read;
        read.key.assign(x_mover.key());
        return {step::action::send, role::old_owner, std::move(read), {}};
    }

    [[nodiscard]] step next(answer last) {
        ++x_place;
        if (x_broken == mutant::mover_adds) return next_adding(std::move(last));
        if (x_broken == mutant::mover_reads_first) return next_leasing_late(std::move(last));
        step asked = x_mover.next(std::move(last));
        if (x_broken == mutant::mover_overwrites && asked.cmd.what == verb::set)
            asked.cmd.compare = 0;
        return asked;
    }

    /// Whether the key needs no further pass.
    [[nodiscard]] bool is_settled() const noexcept {
        return x_is_custom || (x_mover.outcome() != move_outcome::leased &&
                               x_mover.outcome() != move_outcome::failed);
    }

private:
    [[nodiscard]] step done() {
        x_is_custom = true;
        return {step::action::done, role::old_owner, {}, {}};
    }

    [[nodiscard]] step next_adding(answer last) {
        if (x_place == 2 || last.what != status::ok || last.is_placeholder()) return done();
        command add;
        add.what = verb::add;
        add.key.assign(x_mover.key());
        add.value = last.value;
        return {step::action::send, role::next_owner, std::move(add), {}};
    }

    [[nodiscard]] step next_leasing_late(answer last) {
        if (x_place == 1) {
            x_read = std::move(last);
            return x_mover.start();
        }
        step asked = x_mover.next(std::move(last));
        if (x_place == 2 && asked.what == step::action::send) return x_mover.next(x_read);
        return asked;
    }

    key_mover x_mover;
    mutant x_broken;
    int x_place = 0;
    bool x_is_custom = false;
    answer x_read;
};

}  // namespace memring::model
