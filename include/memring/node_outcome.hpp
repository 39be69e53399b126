#pragma once
// What an operation on all nodes hands back for each of them.

#include <system_error>

#include <memring/node.hpp>

namespace memring {

/// One node's share of an operation on all nodes: `value` is meaningful while `error` is clear.
template <class T>
struct node_outcome {
    node where;
    std::error_code error;
    T value{};
};

}  // namespace memring
