#pragma once
// A first-in first-out queue in one growing block: no allocation once it has grown to the size
// the load needs (std::deque allocates a block every few entries, forever).

#include <cstddef>
#include <utility>
#include <vector>

namespace memring::detail {

template <class T>
class ring_queue {
public:
    [[nodiscard]] bool empty() const noexcept { return x_size == 0; }
    [[nodiscard]] std::size_t size() const noexcept { return x_size; }

    /// The entry `index` places behind the front. Precondition: `index < size()`.
    [[nodiscard]] T& operator[](std::size_t index) noexcept {
        return x_slots[(x_head + index) & (x_slots.size() - 1)];
    }
    [[nodiscard]] const T& operator[](std::size_t index) const noexcept {
        return x_slots[(x_head + index) & (x_slots.size() - 1)];
    }

    void push_back(T value) {
        if (x_size == x_slots.size()) grow();
        ++x_size;
        (*this)[x_size - 1] = std::move(value);
    }

    /// Precondition: not empty.
    T pop_front() noexcept {
        T value = std::move((*this)[0]);
        x_head = (x_head + 1) & (x_slots.size() - 1);
        --x_size;
        return value;
    }

    /// Gives the block back if it has more than `slots`. Precondition: empty.
    void shrink(std::size_t slots) {
        if (x_slots.size() <= slots) return;
        x_slots = {};
        x_head = 0;
    }

private:
    void grow() {
        std::vector<T> larger(x_slots.empty() ? 16 : x_slots.size() * 2);  // a power of two
        for (std::size_t i = 0; i < x_size; ++i) larger[i] = std::move((*this)[i]);
        x_slots = std::move(larger);
        x_head = 0;
    }

    std::vector<T> x_slots;
    std::size_t x_head = 0;
    std::size_t x_size = 0;
};

}  // namespace memring::detail
