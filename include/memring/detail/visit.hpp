#pragma once
// Reading without a copy: the application looks at each value where it was read.

#include <cstddef>
#include <optional>
#include <system_error>
#include <utility>

#include <memring/item.hpp>
#include <memring/protocol/command.hpp>

namespace memring::detail {

template <class Visitor>
class visit_sink {
public:
    visit_sink(Visitor visitor, std::size_t size) : x_visitor(std::move(visitor)), x_size(size) {}

    [[nodiscard]] std::size_t size() const noexcept { return x_size; }

    void take(std::size_t place, answer&& got) {
        outcome<std::optional<item_view>> seen;
        seen.error = got.error;
        if (!got.error && got.what == status::ok && !got.is_placeholder()) {
            seen.value = item_view{got.bytes(), got.flags, got.cas};
            ++x_hits;
        }
        x_visitor(place, std::as_const(seen));
    }

    [[nodiscard]] std::size_t finish() && noexcept { return x_hits; }

private:
    Visitor x_visitor;
    std::size_t x_size;
    std::size_t x_hits = 0;
};

}  // namespace memring::detail
