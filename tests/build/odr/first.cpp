// The first of two translation units that include everything.

#include "first.hpp"

#include <memring/memring.hpp>
#include <memring/transport/tls.hpp>

const std::error_category* category_of_first() { return &memring::memring_category(); }
