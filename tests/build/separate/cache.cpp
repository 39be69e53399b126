#include "cache.hpp"

MEMRING_DEFINE_CONNECTION(memring::tcp_transport);
MEMRING_DEFINE_CLIENT(memring::ketama, memring::tcp_transport);
MEMRING_DEFINE_CLIENT(memring::jump, memring::tcp_transport);
