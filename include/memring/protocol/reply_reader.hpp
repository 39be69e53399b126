#pragma once
// From bytes to the answer of the command that is owed one: parsers and decoders together, in the
// protocol that the connection speaks. The connection only asks what to do next.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <memring/protocol/admin_command.hpp>
#include <memring/protocol/binary_decoder.hpp>
#include <memring/protocol/binary_parser.hpp>
#include <memring/protocol/classic.hpp>
#include <memring/protocol/classic_decoder.hpp>
#include <memring/protocol/command.hpp>
#include <memring/protocol/meta_decoder.hpp>
#include <memring/protocol/pipeline.hpp>
#include <memring/protocol/protocol.hpp>
#include <memring/protocol/reply_parser.hpp>

namespace memring {

/// What the bytes at the front of the buffer are to the command that waits.
enum class reading : std::uint8_t {
    need_more,             ///< not a whole reply yet
    continues,             ///< a line of a reply that has more of them
    part,                  ///< the answer to one command of a burst, see `reply_reader::part`
    last_part,             ///< the same, and nothing else is owed to the burst
    answered,              ///< the answer; of a burst, its end: what had no part has nothing to say
    answered_out_of_step,  ///< the answer, and nothing behind it can be trusted: close
    malformed              ///< no answer to this command: close
};

/// Reads one connection's replies. A new connection needs a new reader.
class reply_reader {
public:
    /// In place of a `part()`: an error that does not say which command it answers.
    static constexpr std::uint32_t unknown_part = ~std::uint32_t{0};

    /// `spoken` is not `automatic`.
    explicit reply_reader(protocol spoken = protocol::meta) noexcept : x_spoken(spoken) {}

    /// Looks at the front of `buffered` for what is owed. Where something was understood,
    /// `consumed` says how many bytes it was; views in `out` are into `buffered`.
    [[nodiscard]] reading read(std::string_view buffered, const owed_reply& owed, answer& out,
                               std::size_t& consumed) {
        if (x_spoken == protocol::binary) return read_binary(buffered, owed, out, consumed);
        const bool is_classic = x_spoken == protocol::classic;
        switch (owed.shape) {
            case reply_shape::single:
                return is_classic ? read_classic(buffered, owed, out, consumed)
                                  : read_meta(buffered, owed, out, consumed);
            case reply_shape::classic: return read_classic(buffered, owed, out, consumed);
            case reply_shape::replies:
                return numbered(is_classic ? read_classic(buffered, owed, out, consumed)
                                           : read_meta(buffered, owed, out, consumed),
                                owed.count);
            case reply_shape::sparse:
            case reply_shape::values:
            case reply_shape::admin: break;
        }
        return read_lines(buffered, owed, out, consumed);
    }

    /// After `part` and `last_part`: the command's place in its burst. Of VALUEs, which come in the
    /// order of their keys, `answer::key` tells.
    [[nodiscard]] std::uint32_t part() const noexcept { return x_part; }

    /// After `need_more`: how many bytes are missing at least.
    [[nodiscard]] std::size_t missing() const noexcept { return x_missing; }

private:
    [[nodiscard]] reading read_meta(std::string_view buffered, const owed_reply& owed, answer& out,
                                    std::size_t& consumed) noexcept {
        reply got;
        if (const auto state = cut(buffered, got, consumed); state != reading::answered)
            return state;
        if (!parse_meta_answer({owed.what, owed.opaque + x_done}, got, out))
            return reading::malformed;
        return keeps_step(owed.what, got.kind) ? reading::answered : reading::answered_out_of_step;
    }

    [[nodiscard]] reading read_classic(std::string_view buffered, const owed_reply& owed,
                                       answer& out, std::size_t& consumed) noexcept {
        switch (x_classic.read(buffered, owed.what, {}, out, consumed)) {
            case parse_state::need_more: return wait_for(x_classic.missing());
            case parse_state::malformed: return reading::malformed;
            case parse_state::complete: break;
        }
        const bool is_of_key =
            owed.key_sum == 0 || !out.key.data() || key_sum_of(out.key) == owed.key_sum;
        if (!is_of_key) return reading::malformed;
        return x_classic.is_in_step() ? reading::answered : reading::answered_out_of_step;
    }

    // The answer to one of a burst, each of which has its own, as a part of it.
    [[nodiscard]] reading numbered(reading one, std::uint32_t count) noexcept {
        if (one != reading::answered && one != reading::answered_out_of_step) return one;
        x_part = x_done++;
        if (one == reading::answered_out_of_step) return one;
        if (x_done != count) return reading::part;
        x_done = 0;
        return reading::last_part;
    }

    [[nodiscard]] reading read_lines(std::string_view buffered, const owed_reply& owed, answer& out,
                                     std::size_t& consumed) {
        reply got;
        if (const auto state = cut(buffered, got, consumed); state != reading::answered)
            return state;
        if (owed.shape == reply_shape::values) return read_value(got, out);
        if (owed.shape == reply_shape::sparse) return read_failure(got, out);
        return admin_state(x_admin.add(owed.admin, got, out));
    }

    [[nodiscard]] static reading read_value(const reply& got, answer& out) noexcept {
        if (got.kind == reply_kind::value) {
            std::string_view key;
            if (!parse_value_line(got, key, out)) return reading::malformed;
            out.key = key;
            return reading::part;
        }
        return end_of_burst(got, reply_kind::end, out);
    }

    // Quiet sets: only what failed is answered, and that without its opaque.
    [[nodiscard]] reading read_failure(const reply& got, answer& out) noexcept {
        const reading end = end_of_burst(got, reply_kind::mn, out);
        if (got.kind != reply_kind::server_error) return end;
        x_part = unknown_part;
        return reading::part;
    }

    [[nodiscard]] static reading end_of_burst(const reply& got, reply_kind end,
                                              answer& out) noexcept {
        detail::clear(out);
        out.what = status::ok;
        if (got.kind == end) return reading::answered;
        if (!detail::is_error_line(got.kind)) return reading::malformed;
        out.error = detail::parse_error_line(got);
        return got.kind == reply_kind::server_error ? reading::answered
                                                    : reading::answered_out_of_step;
    }

    [[nodiscard]] reading read_binary(std::string_view buffered, const owed_reply& owed,
                                      answer& out, std::size_t& consumed) {
        binary_reply got;
        switch (x_frames.parse(buffered, got)) {
            case parse_state::need_more: return wait_for(x_frames.missing());
            case parse_state::malformed: return reading::malformed;
            case parse_state::complete: break;
        }
        consumed = got.size;
        if (owed.shape == reply_shape::admin)
            return admin_state(x_admin.add(owed.admin, owed.opaque, got, out));
        const bool is_sparse = owed.shape == reply_shape::sparse;
        if (is_sparse && got.opcode == binary_opcode::noop) {
            detail::clear(out);
            return got.opaque == owed.opaque + owed.count ? reading::answered : reading::malformed;
        }
        const std::uint32_t place = is_sparse ? got.opaque - owed.opaque : x_done;
        if (place >= owed.count || !parse_binary_answer(owed.what, owed.opaque + place, got, out))
            return reading::malformed;
        if (owed.shape == reply_shape::replies) return numbered(reading::answered, owed.count);
        x_part = place;
        return is_sparse ? reading::part : reading::answered;
    }

    [[nodiscard]] reading admin_state(lines_state state) noexcept {
        switch (state) {
            case lines_state::open: return reading::continues;
            case lines_state::malformed: return reading::malformed;
            case lines_state::done: break;
        }
        return x_admin.is_in_step() ? reading::answered : reading::answered_out_of_step;
    }

    // `answered`: a whole reply is there.
    [[nodiscard]] reading cut(std::string_view buffered, reply& got,
                              std::size_t& consumed) noexcept {
        switch (x_lines.parse(buffered, got)) {
            case parse_state::need_more: return wait_for(x_lines.missing());
            case parse_state::malformed: return reading::malformed;
            case parse_state::complete: break;
        }
        consumed = got.size;
        return reading::answered;
    }

    [[nodiscard]] reading wait_for(std::size_t missing) noexcept {
        x_missing = missing;
        return reading::need_more;
    }

    protocol x_spoken;
    reply_parser x_lines;
    classic_reader x_classic;
    binary_parser x_frames;
    admin_reply x_admin;
    std::size_t x_missing = 0;
    std::uint32_t x_part = 0;
    std::uint32_t x_done = 0;  // of the burst that is being answered
};

}  // namespace memring
