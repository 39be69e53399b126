# An overlay port that builds the checkout it stands in:
#   vcpkg install memring --overlay-ports=packaging/vcpkg/ports
get_filename_component(SOURCE_PATH "${CMAKE_CURRENT_LIST_DIR}/../../../.." ABSOLUTE)

set(VCPKG_BUILD_TYPE release) # header-only

# The feature decides, not what happens to be installed beside it.
set(without_tls ON)
if("tls" IN_LIST FEATURES)
    set(without_tls OFF)
endif()

vcpkg_cmake_configure(
    SOURCE_PATH "${SOURCE_PATH}"
    OPTIONS
        -DMEMRING_BUILD_TESTS=OFF
        -DMEMRING_BUILD_BENCHMARKS=OFF
        -DMEMRING_BUILD_TOOLS=OFF
        -DCMAKE_DISABLE_FIND_PACKAGE_OpenSSL=${without_tls}
    MAYBE_UNUSED_VARIABLES
        CMAKE_DISABLE_FIND_PACKAGE_OpenSSL
)
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(CONFIG_PATH share/cmake/memring)

file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/share/doc")
file(INSTALL "${CMAKE_CURRENT_LIST_DIR}/usage" DESTINATION "${CURRENT_PACKAGES_DIR}/share/${PORT}")
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")
