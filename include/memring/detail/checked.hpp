#pragma once
// Forms of operations that throw, made of those that report.

#include <system_error>

namespace memring::detail {

/// What `operation(error)` returns, or its error as an exception.
template <class Operation>
auto checked(Operation operation) {
    std::error_code error;
    auto result = operation(error);
    if (error) throw std::system_error(error);
    return result;
}

}  // namespace memring::detail
