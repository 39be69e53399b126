// Compiled by observer.cmake, which compares what the compiler makes of it with and without a watch.

#include <cstddef>

#include <memring/observer.hpp>

namespace {

#ifdef LISTENING
struct observer_type {
    int requests = 0;
    void on_request(const memring::node&, const memring::request_event& event) noexcept {
        requests += static_cast<int>(event.requests);
    }
};
#else
using observer_type = memring::no_observer;
#endif

}  // namespace

struct connection {
    std::size_t bytes = 0;
#ifdef WATCHED
    [[no_unique_address]] memring::node_watch<observer_type> watch;
#endif
};

extern "C" std::size_t send(connection& self, std::size_t bytes) {
#ifdef WATCHED
    self.watch.on_request({.what = memring::verb::get, .bytes = bytes});
    if constexpr (decltype(self.watch)::wants_replies) {
        self.watch.on_reply({.what = memring::verb::get, .hits = 1, .bytes = bytes});
    }
#endif
    return self.bytes += bytes;
}

extern "C" std::size_t size_of_connection() { return sizeof(connection); }
