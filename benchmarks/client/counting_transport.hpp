#pragma once
// TCP that counts what passes: how many commands leave in one write is what pipelining is worth.

#include <cstddef>
#include <cstdint>
#include <utility>

#include <memring/transport/tcp.hpp>
#include <memring/transport/transport.hpp>

namespace memring::benchmark {

struct traffic {
    std::uint64_t writes = 0;  ///< system calls, as far as each moves all it is given
    std::uint64_t reads = 0;
};

struct counting_options : tcp_options {
    traffic* counted = nullptr;
};

class counting_transport : public tcp_transport {
public:
    using options = counting_options;

    explicit counting_transport(const executor_type& executor, const options& settings)
        : tcp_transport(executor, settings), x_counted(settings.counted) {}

    template <class Buffers, class Token>
    auto async_read_some(const Buffers& into, Token&& token) {
        ++x_counted->reads;
        return tcp_transport::async_read_some(into, std::forward<Token>(token));
    }

    template <class Buffers, class Token>
    auto async_write_some(const Buffers& from, Token&& token) {
        ++x_counted->writes;
        return tcp_transport::async_write_some(from, std::forward<Token>(token));
    }

private:
    traffic* x_counted;
};

static_assert(transport<counting_transport>);

}  // namespace memring::benchmark
