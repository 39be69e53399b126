#pragma once
// One kind of command on many keys, owned in two allocations: what all share, and the bytes of all
// keys and values one behind the other.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <memring/error.hpp>
#include <memring/protocol/command.hpp>

namespace memring {

/// Commands that differ in key, value and compare only. Not thread-safe; const members may be
/// called from many threads.
class command_batch {
public:
    /// `shared` has neither key nor value.
    explicit command_batch(command shared) : x_shared(std::move(shared)) {}

    void reserve(std::size_t count, std::size_t bytes) {
        x_places.reserve(count);
        x_bytes.reserve(bytes);
    }

    /// Precondition: the key is `prefix` and `key` together, in at most `max_key_size` bytes.
    void push_back(std::string_view prefix, std::string_view key, std::string_view value,
                   std::uint64_t compare = 0) {
        const auto key_size = static_cast<std::uint32_t>(prefix.size() + key.size());
        x_places.push_back({x_bytes.size(), value.size(), compare, key_size, errc{}});
        x_bytes.append(prefix).append(key).append(value);
        x_compares = x_compares || compare != 0;
    }

    /// An entry that is never sent, because of `why`.
    void push_back_refused(errc why) { x_places.push_back({x_bytes.size(), 0, 0, 0, why}); }

    [[nodiscard]] std::size_t size() const noexcept { return x_places.size(); }

    [[nodiscard]] const command& shared() const noexcept { return x_shared; }
    [[nodiscard]] command& shared() noexcept { return x_shared; }

    /// Why entry `index` is not sent, or a clear code.
    [[nodiscard]] std::error_code error(std::size_t index) const noexcept {
        const errc why = x_places[index].error;
        return why == errc{} ? std::error_code() : make_error_code(why);
    }
    [[nodiscard]] std::string_view key(std::size_t index) const noexcept {
        const place& at = x_places[index];
        return {x_bytes.data() + at.offset, at.key_size};
    }
    [[nodiscard]] std::string_view value(std::size_t index) const noexcept {
        const place& at = x_places[index];
        return {x_bytes.data() + at.offset + at.key_size, at.value_size};
    }
    [[nodiscard]] std::uint64_t compare(std::size_t index) const noexcept {
        return x_places[index].compare;
    }

    /// Whether any entry has a compare.
    [[nodiscard]] bool compares() const noexcept { return x_compares; }

    /// The command for one key.
    [[nodiscard]] command make(std::size_t index) const {
        command made = x_shared;
        made.key.assign(key(index));
        made.value.assign(value(index));
        made.compare = compare(index);
        return made;
    }

private:
    struct place {
        std::size_t offset = 0;
        std::size_t value_size = 0;
        std::uint64_t compare = 0;
        std::uint32_t key_size = 0;
        errc error{};
    };

    command x_shared;
    std::string x_bytes;
    std::vector<place> x_places;
    bool x_compares = false;
};

}  // namespace memring
