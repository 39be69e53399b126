# Builds and runs a user's project in a fresh folder outside the source tree.
# -DWAY=find_package|add_subdirectory|copied, or readme with -DBLOCK=<a ```cmake block of README.md>;
# the rest comes from CMakeLists.txt.

cmake_minimum_required(VERSION 3.24)

function(run)
    execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output
                    ERROR_VARIABLE output)
    if(NOT result EQUAL 0)
        file(REMOVE_RECURSE "${work}")
        list(JOIN ARGN " " command)
        message(FATAL_ERROR "${command}: ${result}\n${output}")
    endif()
endfunction()

# Configures, builds and runs the project <way> with these cache entries.
function(build_and_run way)
    run("${CMAKE_COMMAND}" -G Ninja -S "${work}/consumer/${way}" -B "${work}/build"
        "-DCMAKE_CXX_COMPILER=${CXX}" ${ARGN})
    run("${CMAKE_COMMAND}" --build "${work}/build" -j1)
    run("${work}/build/app")
    foreach(program IN ITEMS core_app tls_app)
        if(EXISTS "${work}/build/${program}")
            run("${work}/build/${program}")
        endif()
    endforeach()
endfunction()

# Makes a project of the README's block: its program is called app, and a subdirectory it names is
# the source tree.
function(write_readme_project)
    file(READ "${BLOCK}" block)
    if(NOT block MATCHES "add_executable")
        string(PREPEND block "add_executable(app ../main.cpp)\n")
    endif()
    file(WRITE "${work}/consumer/readme/CMakeLists.txt"
         "cmake_minimum_required(VERSION 3.24)\nproject(consumer LANGUAGES CXX)\n${block}")
    file(COPY "${work}/consumer/main.cpp" DESTINATION "${work}/consumer/readme")
    if(block MATCHES "add_subdirectory\\(([^ )]+)")
        cmake_path(GET CMAKE_MATCH_1 PARENT_PATH folder)
        file(MAKE_DIRECTORY "${work}/consumer/readme/${folder}")
        file(CREATE_LINK "${SOURCE_DIR}" "${work}/consumer/readme/${CMAKE_MATCH_1}" SYMBOLIC)
    endif()
endfunction()

# Installs, moves the result elsewhere, and looks for paths that did not move with it.
function(install_and_move)
    run("${CMAKE_COMMAND}" --install "${BUILD_DIR}" --prefix "${work}/first")
    file(RENAME "${work}/first" "${work}/moved")
    file(GLOB_RECURSE installed "${work}/moved/*.cmake")
    foreach(file IN LISTS installed)
        file(READ "${file}" text)
        foreach(place IN ITEMS "${SOURCE_DIR}" "${BUILD_DIR}" "${work}")
            string(FIND "${text}" "${place}" position)
            if(NOT position EQUAL -1)
                message(SEND_ERROR "${file} names ${place}")
            endif()
        endforeach()
    endforeach()
endfunction()

set(parent "$ENV{TMPDIR}")
if(NOT parent)
    set(parent "/tmp")
endif()
string(RANDOM LENGTH 10 suffix) # ctest may run several at once
set(work "${parent}/memring-consumer-${suffix}")
file(COPY "${CMAKE_CURRENT_LIST_DIR}/" DESTINATION "${work}/consumer")

# The Asio that memring itself is built with, unless it is the system's.
set(asio "")
if(ASIO_DIR)
    set(asio "-DMEMRING_ASIO_INCLUDE_DIR=${ASIO_DIR}")
elseif(ASIO_PACKAGE_DIR)
    set(asio "-Dasio_DIR=${ASIO_PACKAGE_DIR}")
endif()

if(WAY STREQUAL "find_package")
    install_and_move()
    build_and_run(find_package "-DCMAKE_PREFIX_PATH=${work}/moved" "-DMEMRING_VERSION=${VERSION}"
                  ${asio})
elseif(WAY STREQUAL "add_subdirectory")
    build_and_run(add_subdirectory "-DMEMRING_SOURCE_DIR=${SOURCE_DIR}" ${asio})
elseif(WAY STREQUAL "copied")
    file(COPY "${SOURCE_DIR}/include" DESTINATION "${work}")
    set(flags -std=c++20 -DASIO_STANDALONE -I include -pthread)
    string(REPLACE ":" ";" dirs "${INCLUDE_DIRS}")
    list(REMOVE_ITEM dirs "${SOURCE_DIR}/include")
    foreach(dir IN LISTS dirs)
        if(NOT dir STREQUAL "/usr/include") # naming it would hide the compiler's own headers
            list(APPEND flags -isystem "${dir}")
        endif()
    endforeach()
    run("${CMAKE_COMMAND}" -E chdir "${work}" "${CXX}" ${flags} consumer/main.cpp -o app)
    run("${work}/app")
elseif(WAY STREQUAL "readme")
    install_and_move()
    write_readme_project()
    build_and_run(readme "-DCMAKE_PREFIX_PATH=${work}/moved"
                  "-DFETCHCONTENT_SOURCE_DIR_MEMRING=${SOURCE_DIR}" ${asio})
else()
    message(FATAL_ERROR "no such way: ${WAY}")
endif()
file(REMOVE_RECURSE "${work}")
