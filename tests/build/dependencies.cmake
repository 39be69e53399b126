# Asks the compiler which files each part of memring reads.

cmake_minimum_required(VERSION 3.24)
include("${CMAKE_CURRENT_LIST_DIR}/../../packaging/cmake/memring_levels.cmake")

# Sets <out> to the files outside memring that these headers read together.
function(foreign_files out)
    set(source "")
    foreach(header IN LISTS ARGN)
        string(APPEND source "#include <memring/${header}>\n")
    endforeach()
    file(WRITE "${WORK_DIR}/scan.cpp" "${source}")
    set(flags -std=c++20 -DASIO_STANDALONE "-I${INCLUDE_DIR}")
    string(REPLACE ":" ";" dirs "${INCLUDE_DIRS}")
    foreach(dir IN LISTS dirs)
        if(NOT dir STREQUAL "/usr/include") # naming it would hide the compiler's own headers
            list(APPEND flags -isystem "${dir}")
        endif()
    endforeach()
    execute_process(
        COMMAND "${CXX}" ${flags} -M "${WORK_DIR}/scan.cpp"
        OUTPUT_VARIABLE files COMMAND_ERROR_IS_FATAL ANY)
    string(REGEX REPLACE "[ \\\n]+" ";" files "${files}")
    string(REPLACE "." "\\." own "${INCLUDE_DIR}")
    list(FILTER files EXCLUDE REGEX "^${own}/")
    set(${out} "${files}" PARENT_SCOPE)
endfunction()

# expect_unread(<what> <regex> headers...)
function(expect_unread what regex)
    foreign_files(files ${ARGN})
    list(LENGTH files count)
    list(LENGTH ARGN headers)
    message(STATUS "${what}: ${headers} headers read ${count} files")
    list(FILTER files INCLUDE REGEX "${regex}")
    if(files OR count LESS 3)
        list(JOIN files "\n  " files)
        message(SEND_ERROR "${what} reads\n  ${files}")
    endif()
endfunction()

set(asio_files "/asio(\\.hpp$|/)")
file(GLOB_RECURSE headers RELATIVE "${INCLUDE_DIR}/memring" "${INCLUDE_DIR}/memring/*.hpp")
foreach(header IN LISTS headers)
    memring_level_of("${header}" level needs)
    if(NOT needs MATCHES "^(asio|tls)$")
        list(APPEND core_headers "${header}")
    endif()
    if(needs STREQUAL "std")
        list(APPEND std_headers "${header}")
    endif()
endforeach()

expect_unread("memring::core" "${asio_files}" ${core_headers})
expect_unread("the vocabulary" "${asio_files}|/xxhash\\.h$" ${std_headers})
expect_unread("ketama alone" "${asio_files}|/xxhash\\.h$" hashing/ketama.hpp)
expect_unread("memring.hpp" "/openssl/" memring.hpp)

# The scan can find what it looks for.
foreign_files(files transport/transport.hpp hashing/digest/xxh3.hpp)
if(NOT files MATCHES "${asio_files}" OR NOT files MATCHES "/xxhash\\.h(;|$)")
    message(SEND_ERROR "the scan sees neither Asio in transport.hpp nor xxHash in xxh3.hpp")
endif()
