# cmake -DCXX=<compiler> -DINCLUDE_DIR=<include> -DWORK_DIR=<folder> -P observer.cmake: with
# no_observer the compiler makes the same code of a connection as if there were no hook at all.

cmake_minimum_required(VERSION 3.24)

file(MAKE_DIRECTORY "${WORK_DIR}")

# Sets <out> to the assembly of the connection.
function(assembly_of out)
    execute_process(
        COMMAND "${CXX}" -std=c++20 -O2 -S "-I${INCLUDE_DIR}" ${ARGN}
                "${CMAKE_CURRENT_LIST_DIR}/observer/connection.cpp" -o "${WORK_DIR}/connection.s"
        COMMAND_ERROR_IS_FATAL ANY)
    file(READ "${WORK_DIR}/connection.s" text)
    set(${out} "${text}" PARENT_SCOPE)
endfunction()

assembly_of(plain)
assembly_of(silent -DWATCHED)
assembly_of(heard -DWATCHED -DLISTENING)
if(NOT plain MATCHES "send")
    message(FATAL_ERROR "there is no code to compare:\n${plain}")
endif()
if(NOT silent STREQUAL plain)
    message(FATAL_ERROR "no_observer costs something. Without:\n${plain}\nWith:\n${silent}")
endif()
if(heard STREQUAL plain)
    message(FATAL_ERROR "an observer that listens is not called")
endif()
