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
#include <vector>

#include <memring/client_options.hpp>
#include <memring/detail/transition.hpp>
#include <memring/error.hpp>
#include <memring/key.hpp>
#include <memring/protocol/classic.hpp>
#include <memring/protocol/command.hpp>

namespace memring::detail {

/// One operation on one key. With an error it is never sent.
struct single_request {
    command what;
    std::chrono::milliseconds timeout{0};
    std::error_code error;
};

[[nodiscard]] inline single_request make_request(verb what, std::string_view key,
                                                 std::chrono::milliseconds timeout) {
    single_request made;
    made.what.what = what;
    made.timeout = timeout;
    if (is_valid_key(key)) {
        made.what.key.assign(key);
    } else {
        made.error = errc::invalid_key;
    }
    return made;
}

/// What the entries of a many-key operation share: everything but key and value.
[[nodiscard]] inline single_request make_shared_request(verb what,
                                                        std::chrono::milliseconds timeout) {
    single_request made;
    made.what.what = what;
    made.timeout = timeout;
    return made;
}

/// Whether a server can keep it: memcached (1.6.18) has Unix times of 31 bits, up to January 2038,
/// and an item that is to expire later is gone at once, without an error.
[[nodiscard]] inline bool is_valid_expiry(std::chrono::seconds expires_in) noexcept {
    constexpr std::int64_t last_second = std::numeric_limits<std::int32_t>::max();
    return expires_in.count() >= 0 && expires_in.count() <= last_second - unix_time();
}

inline void set_expiry(single_request& made, std::chrono::seconds expires_in) {
    if (!is_valid_expiry(expires_in)) {
        made.error = errc::invalid_expiry;
    } else if (expires_in.count() != 0) {
        made.what.expiry = encode_expiry(expires_in.count(), unix_time());
    }
}

inline void set_value(single_request& made, std::string_view value, std::size_t limit) {
    if (value.size() > limit) {
        made.error = errc::value_too_large;
    } else {
        made.what.value.assign(value);
    }
}

[[nodiscard]] inline single_request make_request(verb what, std::string_view key,
                                                 const operation_options& options) {
    return make_request(what, key, options.timeout);
}

[[nodiscard]] inline single_request make_expiring_request(verb what, std::string_view key,
                                                          std::chrono::seconds expires_in,
                                                          const operation_options& options) {
    auto made = make_request(what, key, options.timeout);
    set_expiry(made, expires_in);
    return made;
}

[[nodiscard]] inline single_request make_counter_request(verb what, std::string_view key,
                                                         std::uint64_t delta,
                                                         const operation_options& options) {
    auto made = make_request(what, key, options.timeout);
    made.what.delta = delta;
    return made;
}

/// append and prepend: a value, but neither flags nor expiry.
[[nodiscard]] inline single_request make_extend_request(verb what, std::string_view key,
                                                        std::string_view value, std::size_t limit,
                                                        const operation_options& options) {
    auto made = make_request(what, key, options.timeout);
    set_value(made, value, limit);
    return made;
}

[[nodiscard]] inline single_request make_store_request(verb what, std::string_view key,
                                                       std::string_view value, std::size_t limit,
                                                       const store_options& options) {
    auto made = make_request(what, key, options.timeout);
    made.what.flags = options.flags;
    set_value(made, value, limit);
    set_expiry(made, options.expires_in);
    return made;
}

/// One kind of operation on many keys, in two allocations: what they share, and the bytes of all
/// keys and values one behind the other.
class many_request {
public:
    many_request(single_request shared, std::size_t count) : x_shared(std::move(shared)) {
        x_extents.reserve(count);
    }

    void push_back(std::string_view key, std::string_view value, std::size_t value_limit) {
        extent place{.key_size = static_cast<std::uint32_t>(key.size()),
                     .value_size = value.size()};
        if (!is_valid_key(key)) {
            place = {.error = errc::invalid_key};
        } else if (value.size() > value_limit) {
            place = {.error = errc::value_too_large};
        } else {
            x_bytes.append(key).append(value);
        }
        x_extents.push_back(place);
    }

    [[nodiscard]] std::size_t size() const noexcept { return x_extents.size(); }
    [[nodiscard]] std::chrono::milliseconds timeout() const noexcept { return x_shared.timeout; }
    [[nodiscard]] std::error_code error() const noexcept { return x_shared.error; }

    /// Calls `visit(index, key, value, error)` for each entry in order.
    template <class Visit>
    void for_each(Visit&& visit) const {
        std::string_view rest = x_bytes;
        for (std::size_t i = 0; i < x_extents.size(); ++i) {
            const extent& place = x_extents[i];
            const auto key = rest.substr(0, place.key_size);
            const auto value = rest.substr(place.key_size, place.value_size);
            rest.remove_prefix(key.size() + value.size());
            visit(i, key, value, place.error);
        }
    }

    /// The command for one key: what all share, with this key and value.
    [[nodiscard]] command make(std::string_view key, std::string_view value) const {
        command made = x_shared.what;
        made.key.assign(key);
        made.value.assign(value);
        return made;
    }

private:
    struct extent {
        std::uint32_t key_size = 0;
        std::size_t value_size = 0;
        std::error_code error = {};
    };

    single_request x_shared;
    std::string x_bytes;
    std::vector<extent> x_extents;
};

[[nodiscard]] inline many_request make_many_request(verb what,
                                                    std::span<const std::string_view> keys,
                                                    const operation_options& options) {
    many_request made(make_shared_request(what, options.timeout), keys.size());
    for (const std::string_view key : keys) made.push_back(key, {}, 0);
    return made;
}

[[nodiscard]] inline many_request make_many_request(verb what, std::span<const entry> entries,
                                                    std::size_t limit,
                                                    const store_options& options) {
    auto shared = make_shared_request(what, options.timeout);
    shared.what.flags = options.flags;
    set_expiry(shared, options.expires_in);
    many_request made(std::move(shared), entries.size());
    for (const entry& e : entries) made.push_back(e.key, e.value, limit);
    return made;
}

/// What an operation on all nodes sends to each.
struct everywhere_request {
    std::string line;
    reply_shape shape = reply_shape::line;
    std::error_code error;
};

[[nodiscard]] inline everywhere_request make_version_request() {
    return {std::string(encoded_version), reply_shape::line, {}};
}

[[nodiscard]] inline everywhere_request make_flush_request(std::chrono::seconds delay) {
    everywhere_request made;
    if (!is_valid_expiry(delay)) {
        made.error = errc::invalid_expiry;
    } else {
        const auto when = encode_expiry(delay.count(), unix_time());
        encode_flush_all(static_cast<std::uint64_t>(when), made.line);
    }
    return made;
}

[[nodiscard]] inline everywhere_request make_stats_request(std::string_view group) {
    everywhere_request made;
    made.shape = reply_shape::lines;
    if (is_valid_stats_group(group)) {
        encode_stats(group, made.line);
    } else {
        made.error = errc::invalid_key;
    }
    return made;
}

}  // namespace memring::detail
