// A user's program that only routes keys.

#include <vector>

#include <memring/hashing/jump.hpp>
#include <memring/hashing/ketama.hpp>

int main() {
    const std::vector<memring::node> nodes{{.host = "10.0.0.1"}, {.host = "10.0.0.2"}};
    const memring::ketama ketama{nodes};
    const memring::jump jump{nodes};
    return ketama.owner_of("greeting") < 2 && jump.owner_of("greeting") < 2 ? 0 : 1;
}
