#pragma once
// Texts made for one lookup: on the stack while they are as long as a key of memcached makes them.

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace memring::detail {

/// `use(text)` with the text that `fill(out)` writes and returns the size of, at most `most` bytes.
/// Without an allocation if `most` is at most `Size`.
template <std::size_t Size, class Fill, class Use>
[[nodiscard]] auto with_text(std::size_t most, Fill fill, Use use) noexcept {
    if (most <= Size) {
        char text[Size];
        return use(std::string_view(text, fill(text)));
    }
    std::string text(most, '\0');
    text.resize(fill(text.data()));
    return use(std::string_view(text));
}

/// What a fleet appends to its keys before it hashes them; a copy is a pointer.
class key_salt {
public:
    key_salt() noexcept = default;

    explicit key_salt(std::string text)
        : x_text(text.empty() ? nullptr : std::make_shared<const std::string>(std::move(text))) {}

    [[nodiscard]] std::string_view text() const noexcept {
        return x_text ? std::string_view(*x_text) : std::string_view();
    }

    /// `use(key + salt)`.
    template <class Use>
    [[nodiscard]] auto append_to(std::string_view key, Use use) const noexcept {
        if (!x_text) return use(key);
        return with_text<512>(
            key.size() + x_text->size(),
            [&](char* out) {
                std::ranges::copy(*x_text, std::ranges::copy(key, out).out);
                return key.size() + x_text->size();
            },
            use);
    }

private:
    std::shared_ptr<const std::string> x_text;
};

}  // namespace memring::detail
