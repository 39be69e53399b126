#pragma once
// Who wants to know when everything up to a certain command has been answered or has failed.

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include <asio/any_io_executor.hpp>
#include <asio/post.hpp>

namespace memring::detail {

class drain_list {
public:
    /// `drained` is to be called once every ticket before `until` is done with.
    void add(std::uint64_t until, std::function<void()> drained) {
        x_waiting.push_back({until, std::move(drained)});
    }

    /// `front` is the oldest ticket not done with: posts to `executor` what is due.
    void report(std::uint64_t front, const asio::any_io_executor& executor) {
        std::erase_if(x_waiting, [&](entry& waiting) {
            if (front < waiting.until) return false;
            asio::post(executor, std::move(waiting.drained));
            return true;
        });
    }

private:
    struct entry {
        std::uint64_t until = 0;
        std::function<void()> drained;
    };

    std::vector<entry> x_waiting;
};

}  // namespace memring::detail
