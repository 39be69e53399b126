#pragma once
// From bytes to the answer of the command that is owed one: parser and decoder together, and the
// text of replies that take several lines. The connection only asks what to do next.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <memring/error.hpp>
#include <memring/protocol/command.hpp>
#include <memring/protocol/meta_decoder.hpp>
#include <memring/protocol/pipeline.hpp>
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

    /// What a reply of several lines may hold before it is taken for malformed, in bytes. The
    /// longest of a real server, `stats conns` with 10,000 connections, has 2 MB.
    static constexpr std::size_t max_lines_size = 16u << 20;

    /// Looks at the front of `buffered` for what is owed. Where something was understood,
    /// `consumed` says how many bytes it was; views in `out` are into `buffered`.
    [[nodiscard]] reading read(std::string_view buffered, const owed_reply& owed, answer& out,
                               std::size_t& consumed) {
        reply got;
        switch (x_parser.parse(buffered, got)) {
            case parse_state::need_more: return reading::need_more;
            case parse_state::malformed: return reading::malformed;
            case parse_state::complete: break;
        }
        consumed = got.size;
        switch (owed.shape) {
            case reply_shape::single: break;
            case reply_shape::replies: return read_one_of(owed, got, out);
            case reply_shape::failures: return read_failure(got, out);
            case reply_shape::values: return read_value(got, out);
            case reply_shape::line:
            case reply_shape::lines: return read_lines(owed.shape, got, out);
        }
        if (!parse_meta_answer({owed.what, owed.opaque}, got, out)) return reading::malformed;
        return keeps_step(owed.what, got.kind) ? reading::answered : reading::answered_out_of_step;
    }

    /// After `part` and `last_part`: the command's place in its burst. Of VALUEs, which come in the
    /// order of their keys, `answer::key` tells.
    [[nodiscard]] std::uint32_t part() const noexcept { return x_part; }

    /// After `need_more`: how many bytes are missing at least.
    [[nodiscard]] std::size_t missing() const noexcept { return x_parser.missing(); }

private:
    [[nodiscard]] reading read_one_of(const owed_reply& owed, const reply& got, answer& out) {
        x_part = x_parts++;
        if (!parse_meta_answer({owed.what, owed.opaque + x_part}, got, out))
            return reading::malformed;
        if (!keeps_step(owed.what, got.kind)) return reading::answered_out_of_step;
        if (x_parts != owed.count) return reading::part;
        x_parts = 0;
        return reading::last_part;
    }

    [[nodiscard]] reading read_failure(const reply& got, answer& out) {
        detail::clear(out);
        out.what = status::ok;
        if (got.kind == reply_kind::mn) return reading::answered;
        if (!detail::is_error_line(got.kind)) return reading::malformed;
        out.error = detail::parse_error_line(got);
        x_part = unknown_part;
        return got.kind == reply_kind::server_error ? reading::part : reading::answered_out_of_step;
    }

    [[nodiscard]] static reading read_value(const reply& got, answer& out) {
        detail::clear(out);
        if (got.kind == reply_kind::value) {
            out.what = status::ok;
            std::string_view rest = got.text;  // key flags size cas
            out.key = detail::take_word(rest);
            out.view = got.value;
            const bool is_good = detail::parse_number(detail::take_word(rest), out.flags) &&
                                 !detail::take_word(rest).empty() &&
                                 detail::parse_number(detail::take_word(rest), out.cas);
            return is_good ? reading::part : reading::malformed;
        }
        if (got.kind == reply_kind::end) return reading::answered;
        if (!detail::is_error_line(got.kind)) return reading::malformed;
        out.error = detail::parse_error_line(got);
        return got.kind == reply_kind::server_error ? reading::answered
                                                    : reading::answered_out_of_step;
    }

    [[nodiscard]] reading read_lines(reply_shape shape, const reply& got, answer& out) {
        if (detail::is_error_line(got.kind)) {
            x_lines.clear();
            out.error = detail::parse_error_line(got);
            return got.kind == reply_kind::error ? reading::answered_out_of_step
                                                 : reading::answered;
        }
        out.what = status::ok;
        if (shape == reply_shape::line) {
            out.value = got.text;
            const bool fits = got.kind == reply_kind::ok || got.kind == reply_kind::version;
            return fits ? reading::answered : reading::malformed;
        }
        if (got.kind == reply_kind::stat) {
            const bool is_named = !got.text.empty() && got.text.front() != ' ';
            if (!is_named || x_lines.size() + got.size > max_lines_size) return reading::malformed;
            x_lines.append(got.text).push_back('\n');
            return reading::continues;
        }
        const bool is_over = got.kind == reply_kind::end || got.kind == reply_kind::reset ||
                             got.kind == reply_kind::ok;  // of `stats detail on`
        if (!is_over) return reading::malformed;
        out.value = std::exchange(x_lines, {});
        return reading::answered;
    }

    reply_parser x_parser;
    std::string x_lines;  // of a reply of several lines, so far
    std::uint32_t x_part = 0;
    std::uint32_t x_parts = 0;  // of the burst that is being answered, so far
};

}  // namespace memring
