// Links only if nothing in the headers is defined twice, and succeeds only if both translation
// units share one error category.

#include <memring/memring.hpp>
#include <memring/transport/tls.hpp>

#include "first.hpp"

int main() { return category_of_first() == &memring::memring_category() ? 0 : 1; }
