#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <memring/error.hpp>
#include <memring/node_outcome.hpp>
#include <memring/protocol/item_size_limit.hpp>

using namespace memring;

namespace {

using settings = std::vector<std::pair<std::string, std::string>>;

node_outcome<settings> server(settings values) {
    node_outcome<settings> made;
    made.value = std::move(values);
    return made;
}

}  // namespace

TEST_CASE("the smallest limit of all servers is the cluster's") {
    const std::vector<node_outcome<settings>> servers{
        server({{"maxbytes", "1"}, {"item_size_max", "2097152"}}),
        server({{"item_size_max", "1048576"}}), server({{"item_size_max", "8388608"}})};
    CHECK(item_size_limit(servers) == 1048576u);
}

TEST_CASE("nothing is said of a limit that a server does not tell") {
    CHECK_FALSE(item_size_limit({}));
    std::vector<node_outcome<settings>> servers{server({{"item_size_max", "1048576"}}), server({})};
    CHECK_FALSE(item_size_limit(servers));
    servers[1] = server({{"item_size_max", "1m"}});
    CHECK_FALSE(item_size_limit(servers));
    servers[1] = server({{"item_size_max", "1048576"}});
    CHECK(item_size_limit(servers));
    servers[1].error = errc::timed_out;
    CHECK_FALSE(item_size_limit(servers));
}
