#pragma once
// The application process of the demo: follows the configuration endpoint, keeps its load running,
// and moves its keys when the scaler asks for it.

#include <cstddef>
#include <string>

namespace memring::tool {

struct application_options {
    std::string name;      ///< also what its keys begin with
    std::string endpoint;  ///< host:port of the configuration endpoint
    std::size_t keys = 50000;
    double operations_per_second = 20000;
};

/// Runs an application on the control channel of `child_process.hpp` until it is told to stop or
/// the channel ends. Lines it takes: `fill NODE`, `drain NODE`, `stop`. Lines it sends:
/// `ready`, `counters ...`, `progress DONE TOTAL`, `changed ...`, `failed MESSAGE`, `lost KEYS`,
/// `finished`. Throws whatever goes wrong.
void run_application(const application_options& options);

}  // namespace memring::tool
