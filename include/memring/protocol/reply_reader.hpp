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
    answered,              ///< the answer
    answered_out_of_step,  ///< the answer, and nothing behind it can be trusted: close
    malformed              ///< no answer to this command: close
};

/// Reads one connection's replies. A new connection needs a new reader.
class reply_reader {
public:
    /// What a reply of several lines may hold before it is taken for malformed, in bytes. The
    /// longest of a real server, `stats conns` with 10,000 connections, has 2 MB.
    static constexpr std::size_t max_lines_size = 16u << 20;

    /// Looks at the front of `buffered` for the answer to a command of this shape. Where something
    /// was understood, `consumed` says how many bytes it was.
    [[nodiscard]] reading read(std::string_view buffered, reply_shape shape, verb what,
                               std::uint32_t opaque, answer& out, std::size_t& consumed) {
        reply got;
        switch (x_parser.parse(buffered, got)) {
            case parse_state::need_more: return reading::need_more;
            case parse_state::malformed: return reading::malformed;
            case parse_state::complete: break;
        }
        consumed = got.size;
        if (shape != reply_shape::meta) return read_classic(shape, got, out);
        if (!parse_meta_answer({what, opaque}, got, out)) return reading::malformed;
        return keeps_step(what, got.kind) ? reading::answered : reading::answered_out_of_step;
    }

    /// After `need_more`: how many bytes are missing at least.
    [[nodiscard]] std::size_t missing() const noexcept { return x_parser.missing(); }

private:
    [[nodiscard]] reading read_classic(reply_shape shape, const reply& got, answer& out) {
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
};

}  // namespace memring
