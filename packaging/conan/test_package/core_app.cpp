// Routes a key with memring::core alone.

#include <vector>

#include <memring/hashing/jump.hpp>

int main() {
    const std::vector<memring::node> nodes{{.host = "10.0.0.1"}, {.host = "10.0.0.2"}};
    const memring::jump policy{nodes};
    return policy.owner_of("greeting") < nodes.size() ? 0 : 1;
}
