// A reshard whose client, nodes or network fail under it, at every step there is.

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/error.hpp>

#include <doctest/doctest.h>

#include <memring/error.hpp>
#include <memring/hashing/jump.hpp>
#include <memring/reshard/phase.hpp>
#include <memring/reshard/report.hpp>

#include "fleet.hpp"

namespace {

using namespace memring;
using namespace memring::testing;
using namespace std::chrono_literals;

using memory_fleet = fleet<memory_nodes>;

// A reshard that has been started, and what it completed with.
struct started {
    explicit started(memory_fleet& on, const node& leaving, const reshard_options& options = {}) {
        async_drain(*on.cache, leaving, options,
                    [result = result](std::error_code error, reshard_report report) {
                        REQUIRE_FALSE(result->has_value());
                        result->emplace(completed<reshard_report>{error, report});
                    });
    }
    [[nodiscard]] bool is_over() const { return result->has_value(); }
    std::shared_ptr<std::optional<completed<reshard_report>>> result =
        std::make_shared<std::optional<completed<reshard_report>>>();
};

TEST_CASE("a client stopped or destroyed after any handler ends its reshard with an error") {
    bool destroys = false;
    SUBCASE("stopped") {}
    SUBCASE("destroyed") { destroys = true; }
    bool was_over = false;
    std::size_t aborted = 0;
    for (std::size_t handlers = 0; !was_over; ++handlers) {
        CAPTURE(handlers);
        memory_fleet nodes(3);
        nodes.set_many(many_items(12));
        started drain(nodes, nodes.nodes[0]);
        for (std::size_t i = 0; i < handlers && !drain.is_over(); ++i) nodes.io.run_one();
        was_over = drain.is_over();
        if (destroys) {
            nodes.cache.reset();
        } else {
            nodes.cache->stop();
        }
        REQUIRE(nodes.until([&] { return drain.is_over(); }));
        nodes.io.run();
        const auto error = (*drain.result)->error;
        if (error == asio::error::operation_aborted) ++aborted;
        CHECK((!error || error == asio::error::operation_aborted));
    }
    CHECK(aborted > 20);
}

}  // namespace
