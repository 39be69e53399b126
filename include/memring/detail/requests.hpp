#pragma once
// Operations as owned values, built and checked before anything is initiated: a lazy completion
// token may start them long after the caller's keys and values are gone.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <memring/client_options.hpp>
#include <memring/detail/transition.hpp>
#include <memring/error.hpp>
#include <memring/key.hpp>
#include <memring/protocol/admin_command.hpp>
#include <memring/protocol/classic.hpp>
#include <memring/protocol/command.hpp>
#include <memring/protocol/command_batch.hpp>
#include <memring/protocol/key_encoding.hpp>
#include <memring/protocol/protocol.hpp>

namespace memring::detail {

/// One operation on one key. With an error it is never sent.
struct single_request {
    command what;
    std::chrono::milliseconds timeout{0};
    std::string server_key;  ///< what it is routed by, if not empty
    std::error_code error;
};

/// One kind of operation on many keys. With an error none is sent.
struct many_request {
    command_batch commands{command{}};
    std::chrono::milliseconds timeout{0};
    std::string server_key;  ///< what all are routed by, if not empty
    std::error_code error;
};

/// Whether a client of these options may send `key`, behind its prefix.
[[nodiscard]] inline bool is_allowed_key(std::string_view key,
                                         const client_options& options) noexcept {
    const std::size_t size = options.key_prefix.size() + key.size();
    if (key.empty() || size > max_key_size) return false;
    if (is_valid_key(key) && (options.key_prefix.empty() || is_valid_key(options.key_prefix)))
        return true;
    if (!options.binary_keys || options.speaks == protocol::classic) return false;
    return options.speaks == protocol::binary || size <= max_base64_key_size;
}

/// Whether a server can keep it: memcached (1.6.18) has Unix times of 31 bits, up to January 2038,
/// and an item that is to expire later is gone at once, without an error.
[[nodiscard]] inline bool is_valid_expiry(std::chrono::seconds expires_in) noexcept {
    constexpr std::int64_t last_second = std::numeric_limits<std::int32_t>::max();
    return expires_in.count() >= 0 && expires_in.count() <= last_second - unix_time();
}

/// What the operations of one client are made of.
class request_maker {
public:
    explicit request_maker(const client_options& options) noexcept : x_options(options) {}

    /// An operation that stores nothing.
    template <class Options>
    [[nodiscard]] single_request one(verb what, std::string_view key,
                                     const Options& options) const {
        single_request made;
        made.what.what = what;
        made.timeout = options.timeout;
        made.server_key.assign(options.server_key);
        if (is_allowed_key(key, x_options)) {
            made.what.key.assign(x_options.key_prefix, key);
        } else {
            made.error = errc::invalid_key;
        }
        return made;
    }

    [[nodiscard]] single_request expiring(verb what, std::string_view key,
                                          std::chrono::seconds expires_in,
                                          const operation_options& options) const {
        auto made = one(what, key, options);
        set_expiry(made.what, made.error, expires_in);
        return made;
    }

    [[nodiscard]] single_request counter(verb what, std::string_view key, std::uint64_t delta,
                                         const counter_options& options) const {
        auto made = one(what, key, options);
        set_counter(made.what, made.error, delta, options);
        return made;
    }

    /// append and prepend: a value, but neither flags nor expiry.
    [[nodiscard]] single_request extension(verb what, std::string_view key, std::string_view value,
                                           const operation_options& options) const {
        auto made = one(what, key, options);
        set_value(made, value);
        return made;
    }

    [[nodiscard]] single_request store(verb what, std::string_view key, std::string_view value,
                                       const store_options& options) const {
        auto made = one(what, key, options);
        made.what.flags = options.flags;
        set_value(made, value);
        set_expiry(made.what, made.error, options.expires_in);
        return made;
    }

    template <class Options>
    [[nodiscard]] many_request many(verb what, std::span<const std::string_view> keys,
                                    const Options& options) const {
        auto made = start_many(what, options);
        std::size_t bytes = 0;
        for (const std::string_view key : keys) bytes += x_options.key_prefix.size() + key.size();
        made.commands.reserve(keys.size(), bytes);
        for (const std::string_view key : keys) push(made, {key, {}});
        return made;
    }

    [[nodiscard]] many_request many_expiring(verb what, std::span<const std::string_view> keys,
                                             std::chrono::seconds expires_in,
                                             const operation_options& options) const {
        auto made = many(what, keys, options);
        set_expiry(made.commands.shared(), made.error, expires_in);
        return made;
    }

    [[nodiscard]] many_request many_counters(verb what, std::span<const std::string_view> keys,
                                             std::uint64_t delta,
                                             const counter_options& options) const {
        auto made = many(what, keys, options);
        set_counter(made.commands.shared(), made.error, delta, options);
        return made;
    }

    [[nodiscard]] many_request many_extensions(verb what, std::span<const entry> entries,
                                               const operation_options& options) const {
        auto made = start_many(what, options);
        push_all(made, entries);
        return made;
    }

    [[nodiscard]] many_request many_stores(verb what, std::span<const entry> entries,
                                           const store_options& options) const {
        return stores(what, entries, options, false);
    }

    /// Refuses entries without a cas.
    [[nodiscard]] many_request many_swaps(std::span<const entry> entries,
                                          const store_options& options) const {
        return stores(verb::set, entries, options, true);
    }

private:
    static void set_expiry(command& what, std::error_code& error, std::chrono::seconds expires_in) {
        if (!is_valid_expiry(expires_in)) {
            error = errc::invalid_expiry;
        } else if (expires_in.count() != 0) {
            what.expiry = encode_expiry(expires_in.count(), unix_time());
        }
    }

    static void set_counter(command& what, std::error_code& error, std::uint64_t delta,
                            const counter_options& options) {
        what.delta = delta;
        what.has_initial = options.initial.has_value();
        what.initial = options.initial.value_or(0);
        if (what.has_initial) set_expiry(what, error, options.expires_in);
    }

    void set_value(single_request& made, std::string_view value) const {
        if (value.size() > x_options.max_value_size) {
            made.error = errc::value_too_large;
        } else {
            made.what.value.assign(value);
        }
    }

    template <class Options>
    [[nodiscard]] static many_request start_many(verb what, const Options& options) {
        command shared;
        shared.what = what;
        return {
            command_batch(std::move(shared)), options.timeout, std::string(options.server_key), {}};
    }

    void push(many_request& made, const entry& e) const {
        if (!is_allowed_key(e.key, x_options)) {
            made.commands.push_back_refused(errc::invalid_key);
        } else if (e.value.size() > x_options.max_value_size) {
            made.commands.push_back_refused(errc::value_too_large);
        } else {
            made.commands.push_back(x_options.key_prefix, e.key, e.value, e.cas);
        }
    }

    void push_all(many_request& made, std::span<const entry> entries, bool compares = false) const {
        std::size_t bytes = 0;
        for (const entry& e : entries) {
            bytes += x_options.key_prefix.size() + e.key.size() + e.value.size();
        }
        made.commands.reserve(entries.size(), bytes);
        for (const entry& e : entries) {
            if (compares && e.cas == 0) {
                made.commands.push_back_refused(errc::invalid_cas);
            } else {
                push(made, {e.key, e.value, compares ? e.cas : 0});
            }
        }
    }

    [[nodiscard]] many_request stores(verb what, std::span<const entry> entries,
                                      const store_options& options, bool compares) const {
        auto made = start_many(what, options);
        made.commands.shared().flags = options.flags;
        set_expiry(made.commands.shared(), made.error, options.expires_in);
        push_all(made, entries, compares);
        return made;
    }

    const client_options& x_options;
};

/// What an operation on all nodes sends to each. With an error none is sent.
struct everywhere_request {
    admin_command what;
    std::chrono::milliseconds timeout{0};
    std::error_code error;
};

[[nodiscard]] inline everywhere_request make_version_request(
    const node_operation_options& options) {
    return {{admin_command::kind::version, 0, {}}, options.timeout, {}};
}

[[nodiscard]] inline everywhere_request make_flush_request(std::chrono::seconds delay,
                                                           const node_operation_options& options) {
    if (!is_valid_expiry(delay)) return {{}, options.timeout, errc::invalid_expiry};
    const auto when = static_cast<std::uint64_t>(encode_expiry(delay.count(), unix_time()));
    return {{admin_command::kind::flush_all, when, {}}, options.timeout, {}};
}

[[nodiscard]] inline everywhere_request make_verbosity_request(
    std::uint32_t level, const node_operation_options& options) {
    return {{admin_command::kind::verbosity, level, {}}, options.timeout, {}};
}

[[nodiscard]] inline everywhere_request make_stats_request(std::string_view group,
                                                           const node_operation_options& options) {
    if (!is_valid_stats_group(group)) return {{}, options.timeout, errc::invalid_key};
    return {{admin_command::kind::stats, 0, std::string(group)}, options.timeout, {}};
}

}  // namespace memring::detail
