#pragma once
// The clients that most tests use: what is behind them is compiled once, in clients.cpp. A fifth of
// the compile time of a test of the client.

#include <memring/client.hpp>
#include <memring/hashing/ketama.hpp>
#include <memring/separate.hpp>
#include <memring/testing/memory_transport.hpp>
#include <memring/transport/tcp.hpp>

MEMRING_DECLARE_CONNECTION(memring::tcp_transport);
MEMRING_DECLARE_CLIENT(memring::ketama, memring::tcp_transport);
MEMRING_DECLARE_CONNECTION(memring::testing::memory_transport);
MEMRING_DECLARE_CLIENT(memring::ketama, memring::testing::memory_transport);
