#pragma once
// `memring demo`: a cluster that grows, shrinks and loses a node under a load that is checked, and
// the same node removal done three ways.

#include <cstddef>
#include <string>

namespace memring::tool {

struct demo_options {
    double seconds = 60;
    std::size_t keys = 50000;
    std::size_t applications = 2;
    double operations_per_second = 20000;  ///< of each application
    std::string report = "demo-report.svg";
    std::string picture;  ///< where to draw the comparison alone; empty for nowhere
    bool has_plain_output = false;
    bool uses_embedded_server = false;  ///< even where there is a memcached
};

/// The exit status: 0 if all went well, 1 if a value was wrong or stale or a moved key was missed,
/// 130 when interrupted. Throws what goes wrong otherwise. `program` is this tool.
[[nodiscard]] int run_demo(const demo_options& options, const std::string& program);

}  // namespace memring::tool
