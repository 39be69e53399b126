#pragma once
// One key on one memcached, as values: just what the commands of a plan do to it and answer. Time
// does not pass here; an item goes when the model says so.

#include <cstdint>
#include <string>

#include <memring/protocol/command.hpp>
#include <memring/reshard/modify.hpp>

namespace memring::model {

/// The item of the one key, or nothing. `cas` numbers come from the caller, so that those of two
/// servers never meet.
class tiny_server {
public:
    [[nodiscard]] bool has_item() const noexcept { return x_exists; }
    [[nodiscard]] bool has_placeholder() const noexcept { return x_exists && x_leased; }
    [[nodiscard]] bool has_value() const noexcept { return x_exists && !x_leased; }
    [[nodiscard]] const std::string& value() const noexcept { return x_value; }
    [[nodiscard]] std::uint64_t cas() const noexcept { return x_cas; }

    void put(std::string value, std::uint64_t cas) {
        x_exists = true;
        x_leased = false;
        x_value = std::move(value);
        x_cas = cas;
    }
    void drop() { *this = tiny_server(); }

    /// Carries `cmd` out as memcached 1.6 does; a store takes `fresh_cas`.
    [[nodiscard]] answer execute(const command& cmd, std::uint64_t fresh_cas) {
        switch (cmd.what) {
            case verb::get:
            case verb::inspect:
            case verb::touch:
            case verb::get_and_touch: return read();
            case verb::lease: {
                if (x_exists) return read();
                put({}, fresh_cas);
                x_leased = true;
                answer granted = read();
                granted.won = true;
                granted.leased = false;
                return granted;
            }
            case verb::remove:
            case verb::invalidate: {
                answer done = compare(cmd);
                if (done.what == status::ok) drop();
                return done;
            }
            case verb::set:
            case verb::add:
            case verb::replace:
            case verb::append:
            case verb::prepend:
            case verb::increment:
            case verb::decrement: break;
        }
        return store(cmd, fresh_cas);
    }

private:
    [[nodiscard]] answer read() const {
        answer found;
        if (!x_exists) return found;
        found.what = status::ok;
        found.leased = x_leased;
        found.cas = x_cas;
        found.value = x_value;
        return found;
    }

    [[nodiscard]] answer compare(const command& cmd) const {
        answer verdict;
        verdict.what = status::ok;
        const bool is_plain_set = cmd.what == verb::set && cmd.compare == 0;
        if (!x_exists && !is_plain_set) verdict.what = status::not_found;
        if (x_exists && cmd.compare != 0 && cmd.compare != x_cas) verdict.what = status::exists;
        return verdict;
    }

    [[nodiscard]] answer store(const command& cmd, std::uint64_t fresh_cas) {
        answer verdict = compare(cmd);
        if (cmd.what == verb::add) {
            verdict.what = x_exists ? status::not_stored : status::ok;
        } else if (verdict.what == status::not_found && cmd.compare == 0) {
            verdict.what = absent_status(cmd.what);
        }
        if (verdict.what != status::ok) return verdict;
        modification made = modify(cmd, read(), 0);
        verdict.error = made.error;
        if (verdict.error) return verdict;
        put(std::move(made.store.value), fresh_cas);
        verdict.cas = x_cas;
        verdict.number = made.result.number;
        return verdict;
    }

    bool x_exists = false;
    bool x_leased = false;
    std::uint64_t x_cas = 0;
    std::string x_value;
};

}  // namespace memring::model
