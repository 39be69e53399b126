#pragma once
// As in a program of many files: two mappings over one transport, compiled in one of them.

#include <memring/blocking_client.hpp>
#include <memring/client.hpp>
#include <memring/hashing/jump.hpp>
#include <memring/separate.hpp>

MEMRING_DECLARE_CONNECTION(memring::tcp_transport);
MEMRING_DECLARE_CLIENT(memring::ketama, memring::tcp_transport);
MEMRING_DECLARE_CLIENT(memring::jump, memring::tcp_transport);
