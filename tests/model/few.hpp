#pragma once
// A vector of at most N elements that never allocates: the states of a model are copied millions
// of times.

#include <cstddef>
#include <memory>
#include <stdexcept>
#include <utility>

namespace memring::model {

template <class T, std::size_t N>
class few {
public:
    few() noexcept {}
    few(const few& other) {
        for (const T& item : other) push_back(item);
    }
    few& operator=(const few& other) {
        if (this == &other) return *this;
        clear();
        for (const T& item : other) push_back(item);
        return *this;
    }
    ~few() { clear(); }

    void push_back(T item) {
        if (x_size == N) throw std::length_error("too many");
        std::construct_at(x_items + x_size, std::move(item));
        ++x_size;
    }
    void clear() noexcept {
        std::destroy_n(x_items, x_size);
        x_size = 0;
    }
    void erase_at(std::size_t place) {
        for (std::size_t i = place; i + 1 < x_size; ++i) x_items[i] = std::move(x_items[i + 1]);
        std::destroy_at(x_items + --x_size);
    }

    [[nodiscard]] std::size_t size() const noexcept { return x_size; }
    [[nodiscard]] bool empty() const noexcept { return x_size == 0; }
    [[nodiscard]] T* begin() noexcept { return x_items; }
    [[nodiscard]] T* end() noexcept { return x_items + x_size; }
    [[nodiscard]] const T* begin() const noexcept { return x_items; }
    [[nodiscard]] const T* end() const noexcept { return x_items + x_size; }
    [[nodiscard]] T& operator[](std::size_t i) noexcept { return x_items[i]; }
    [[nodiscard]] const T& operator[](std::size_t i) const noexcept { return x_items[i]; }
    [[nodiscard]] T& front() noexcept { return x_items[0]; }
    [[nodiscard]] const T& front() const noexcept { return x_items[0]; }
    [[nodiscard]] T& back() noexcept { return x_items[x_size - 1]; }

private:
    std::size_t x_size = 0;
    union {
        T x_items[N];
    };
};

}  // namespace memring::model
