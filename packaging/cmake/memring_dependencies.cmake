# Finds what memring is built on and defines memring::xxhash and memring::asio. Used by the source
# tree and, unchanged, by the installed package, because Debian's Asio and xxHash come without
# CMake files of their own.
#
# MEMRING_ASIO_INCLUDE_DIR and MEMRING_XXHASH_INCLUDE_DIR, when set, choose the folders that hold
# asio.hpp and xxhash.h. Sets memring_missing to the names of what was not found.

set(memring_missing "")

# xxHash is used inline (XXH_INLINE_ALL), so its header is all that is needed.
if(NOT TARGET memring::xxhash)
    find_path(MEMRING_XXHASH_INCLUDE_DIR xxhash.h DOC "Folder that holds xxhash.h")
    mark_as_advanced(MEMRING_XXHASH_INCLUDE_DIR)
    if(MEMRING_XXHASH_INCLUDE_DIR)
        add_library(memring::xxhash INTERFACE IMPORTED GLOBAL)
        target_include_directories(
            memring::xxhash SYSTEM INTERFACE "${MEMRING_XXHASH_INCLUDE_DIR}")
    else()
        list(APPEND memring_missing "xxHash (xxhash.h; Debian: libxxhash-dev)")
    endif()
endif()

if(NOT TARGET memring::asio)
    if(NOT MEMRING_ASIO_INCLUDE_DIR AND NOT TARGET asio::asio)
        find_package(asio CONFIG QUIET GLOBAL)
    endif()
    if(TARGET asio::asio AND NOT MEMRING_ASIO_INCLUDE_DIR)
        set(memring_asio_version "${asio_VERSION}")
        add_library(memring::asio INTERFACE IMPORTED GLOBAL)
        target_link_libraries(memring::asio INTERFACE asio::asio)
    else()
        find_path(MEMRING_ASIO_INCLUDE_DIR asio.hpp DOC "Folder that holds asio.hpp")
        mark_as_advanced(MEMRING_ASIO_INCLUDE_DIR)
        if(MEMRING_ASIO_INCLUDE_DIR)
            # "#define ASIO_VERSION 102201 // 1.22.1"
            file(STRINGS "${MEMRING_ASIO_INCLUDE_DIR}/asio/version.hpp" memring_asio_version
                 REGEX "define ASIO_VERSION ")
            string(REGEX REPLACE ".*// *" "" memring_asio_version "${memring_asio_version}")
            add_library(memring::asio INTERFACE IMPORTED GLOBAL)
            target_include_directories(
                memring::asio SYSTEM INTERFACE "${MEMRING_ASIO_INCLUDE_DIR}")
        else()
            list(APPEND memring_missing "Asio (asio.hpp; Debian: libasio-dev)")
        endif()
    endif()
    if(TARGET memring::asio)
        target_compile_definitions(memring::asio INTERFACE ASIO_STANDALONE)
        # Asio before 1.26 does not see that Clang has coroutines on top of libstdc++.
        if(NOT memring_asio_version OR memring_asio_version VERSION_LESS 1.26)
            target_compile_definitions(
                memring::asio
                INTERFACE $<$<COMPILE_LANG_AND_ID:CXX,Clang>:ASIO_HAS_CO_AWAIT>
                          $<$<COMPILE_LANG_AND_ID:CXX,Clang>:ASIO_HAS_STD_COROUTINE>)
        endif()
    endif()
endif()
