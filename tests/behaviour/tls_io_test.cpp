// The behaviour suite over TLS.

#include "tls_backend.hpp"

using memring::testing::tls_backend;

#define MEMRING_BACKENDS tls_backend
#include "suite.hpp"
