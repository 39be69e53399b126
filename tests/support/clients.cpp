#include "clients.hpp"

MEMRING_DEFINE_CONNECTION(memring::tcp_transport);
MEMRING_DEFINE_CLIENT(memring::ketama, memring::tcp_transport);
MEMRING_DEFINE_CONNECTION(memring::testing::memory_transport);
MEMRING_DEFINE_CLIENT(memring::ketama, memring::testing::memory_transport);
