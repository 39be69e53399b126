#pragma once
// A directory of the test's own, gone with it. POSIX.

#include <stdlib.h>

#include <cerrno>
#include <filesystem>
#include <string>
#include <system_error>

namespace memring::testing {

class temporary_directory {
public:
    temporary_directory() {
        std::string name = (std::filesystem::temp_directory_path() / "memring-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) {
            throw std::system_error(errno, std::generic_category(), name);
        }
        x_path = name;
    }
    temporary_directory(const temporary_directory&) = delete;
    temporary_directory& operator=(const temporary_directory&) = delete;
    ~temporary_directory() {
        std::error_code ignored;
        std::filesystem::remove_all(x_path, ignored);
    }

    /// The path of a file in it.
    [[nodiscard]] std::string file(const std::string& name) const {
        return (x_path / name).string();
    }

private:
    std::filesystem::path x_path;
};

}  // namespace memring::testing
