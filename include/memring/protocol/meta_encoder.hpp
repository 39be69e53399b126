#pragma once
// Commands as bytes of the meta dialect that memcached has spoken since 1.6.10. Older servers
// (1.6.0-1.6.9 want `ms key S<size>`, before that nothing is known of meta) need another encoder.

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include <memring/key.hpp>
#include <memring/protocol/command.hpp>
#include <memring/protocol/key_encoding.hpp>

namespace memring {

/// The barrier: `MN` comes back after the answers to everything sent before it.
inline constexpr std::string_view encoded_barrier = "mn\r\n";

namespace detail {

/// The one line of a meta command, built in place: a valid key and every flag at its longest fit.
class meta_line {
public:
    meta_line& text(std::string_view bytes) noexcept {
        std::memcpy(x_end, bytes.data(), bytes.size());
        x_end += bytes.size();
        return *this;
    }

    /// The key; in base64, with the flag that says so, where it is no valid text.
    meta_line& key(std::string_view key) noexcept {
        x_is_base64 = !is_valid_key(key);
        if (!x_is_base64) return text(key);
        x_end = encode_base64(key, x_end);
        return *this;
    }
    meta_line& key_flag() noexcept { return x_is_base64 ? text(" b") : *this; }

    template <class Number>
    meta_line& number(std::string_view before, Number value) noexcept {
        text(before);
        x_end = std::to_chars(x_end, x_bytes + sizeof x_bytes, value).ptr;
        return *this;
    }

    [[nodiscard]] std::string_view view() const noexcept {
        return {x_bytes, static_cast<std::size_t>(x_end - x_bytes)};
    }

private:
    char x_bytes[max_key_size + 180];  // deliberately not initialised
    char* x_end = x_bytes;
    bool x_is_base64 = false;
};

[[nodiscard]] constexpr std::string_view store_mode(verb what) noexcept {
    switch (what) {
        case verb::add: return " ME";
        case verb::append: return " MA";
        case verb::prepend: return " MP";
        case verb::replace: return " MR";
        case verb::set:
        case verb::get:
        case verb::remove:
        case verb::touch:
        case verb::get_and_touch:
        case verb::increment:
        case verb::decrement:
        case verb::lease:
        case verb::invalidate:
        case verb::inspect: break;
    }
    return "";  // set is the server's default mode
}

inline void encode_read(const command& c, std::string_view key, meta_line& line) noexcept {
    line.text("mg ").key(key).key_flag();
    // Of a touch, too: it may win a stale item, and gives that back by its cas.
    line.text(c.what == verb::touch ? " c" : " v f c");
    if (c.wants_ttl && c.what != verb::touch) line.text(" t");
    if (c.keeps_lru && c.what == verb::get) line.text(" u");
    if (c.what == verb::touch || c.what == verb::get_and_touch) line.number(" T", c.expiry);
    if (c.what == verb::lease) line.number(" N", c.expiry);
    if (c.what == verb::lease && c.recache != 0) line.number(" R", c.recache);
}

inline void encode_store(const command& c, std::string_view key, std::size_t value_size,
                         meta_line& line) noexcept {
    line.text("ms ").key(key).number(" ", value_size).key_flag();
    if (c.what != verb::append && c.what != verb::prepend) {
        if (c.expiry != 0) line.number(" T", c.expiry);
        if (c.flags != 0) line.number(" F", c.flags);
    }
    line.text(store_mode(c.what));
    if (c.compare != 0) line.number(" C", c.compare);
    line.text(" c");
}

inline void encode_arithmetic(const command& c, std::string_view key, meta_line& line) noexcept {
    line.text("ma ").key(key).key_flag().number(" v c D", c.delta);
    line.text(c.what == verb::increment ? " MI" : " MD");
    if (c.has_initial) line.number(" N", c.expiry).number(" J", c.initial);
    if (c.compare != 0) line.number(" C", c.compare);
}

inline void encode_removal(const command& c, std::string_view key, meta_line& line) noexcept {
    line.text("md ").key(key).key_flag();
    if (c.what == verb::invalidate) {
        line.text(" I");
        if (c.expiry != 0) line.number(" T", c.expiry);
    }
    if (c.compare != 0) line.number(" C", c.compare);
}

}  // namespace detail

/// Whether a `what` sends a data block: its value.
[[nodiscard]] constexpr bool has_payload(verb what) noexcept {
    switch (what) {
        case verb::set:
        case verb::add:
        case verb::replace:
        case verb::append:
        case verb::prepend: return true;
        case verb::get:
        case verb::remove:
        case verb::touch:
        case verb::get_and_touch:
        case verb::increment:
        case verb::decrement:
        case verb::lease:
        case verb::invalidate:
        case verb::inspect: break;
    }
    return false;
}

/// Appends the wire bytes of `c`, but on `key` and with `value`, to `out`; the server echoes
/// `opaque` (sent in decimal) in its answer, but not in that to an inspection. Precondition: the
/// key has 1 to 250 bytes, and at most `max_base64_key_size` where it is no valid text.
///
/// Members that have no meaning for a verb are not sent: `compare` of reads, touches and leases;
/// flags and expiry of append and prepend, which leave those of the item as they are. A store
/// asks for the new cas (`c`), a touch for no value. The remaining time that a get-and-touch asks
/// for is the one before it. An invalidation without an expiry leaves the item's. A lease (`N`) of
/// a key that is there reads it; `won` and `leased` of the answer tell its placeholder from a
/// value.
inline void encode_meta(const command& c, std::string_view key, std::string_view value,
                        std::uint32_t opaque, std::string& out) {
    detail::meta_line line;
    switch (c.what) {
        case verb::get:
        case verb::touch:
        case verb::get_and_touch:
        case verb::lease: detail::encode_read(c, key, line); break;
        case verb::set:
        case verb::add:
        case verb::replace:
        case verb::append:
        case verb::prepend: detail::encode_store(c, key, value.size(), line); break;
        case verb::remove:
        case verb::invalidate: detail::encode_removal(c, key, line); break;
        case verb::inspect: line.text("me ").key(key).key_flag(); break;
        case verb::increment:
        case verb::decrement: detail::encode_arithmetic(c, key, line); break;
    }
    if (c.what != verb::inspect) line.number(" O", opaque);
    line.text("\r\n");
    out.append(line.view());
    if (has_payload(c.what)) {
        out.append(value);
        out.append("\r\n", 2);
    }
}

/// As above, on the command's own key and value.
inline void encode_meta(const command& c, std::uint32_t opaque, std::string& out) {
    encode_meta(c, c.key.view(), c.value, opaque, out);
}

/// Appends a set that is answered only if it fails, by an error line. memcached 1.6.18 answers a
/// burst of them and a barrier in 0.4 of the time that replies to each take (1,000 of 100 bytes).
inline void encode_quiet_set(const command& c, std::string_view key, std::string_view value,
                             std::string& out) {
    detail::meta_line line;
    line.text("ms ").key(key).number(" ", value.size()).key_flag();
    if (c.expiry != 0) line.number(" T", c.expiry);
    if (c.flags != 0) line.number(" F", c.flags);
    line.text(" q\r\n");
    out.append(line.view());
    out.append(value);
    out.append("\r\n", 2);
}

}  // namespace memring
