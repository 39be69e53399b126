# The version stands in version.hpp; whatever repeats it must agree.

cmake_minimum_required(VERSION 3.24)

file(READ "${SOURCE_DIR}/packaging/vcpkg/ports/memring/vcpkg.json" manifest)
string(JSON vcpkg_version GET "${manifest}" version)
if(NOT vcpkg_version STREQUAL VERSION)
    message(SEND_ERROR "vcpkg.json says ${vcpkg_version}, version.hpp ${VERSION}")
endif()
string(JSON vcpkg_name GET "${manifest}" name)
string(JSON vcpkg_license GET "${manifest}" license)
if(NOT vcpkg_name STREQUAL "memring" OR NOT vcpkg_license STREQUAL "BSL-1.0")
    message(SEND_ERROR "vcpkg.json: name ${vcpkg_name}, license ${vcpkg_license}")
endif()

file(READ "${SOURCE_DIR}/CHANGELOG.md" changelog)
if(NOT changelog MATCHES "\n## \\[${VERSION}\\]")
    message(SEND_ERROR "CHANGELOG.md has no section [${VERSION}]")
endif()

file(READ "${SOURCE_DIR}/conanfile.py" recipe)
if(NOT recipe MATCHES "version\\.hpp" OR recipe MATCHES "\n    version *=")
    message(SEND_ERROR "conanfile.py must read its version from version.hpp")
endif()
