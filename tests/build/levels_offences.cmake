# Writes headers that break each rule and expects levels.cmake to name every one of them.

cmake_minimum_required(VERSION 3.24)
set(include_dir "${WORK_DIR}/include")
file(REMOVE_RECURSE "${WORK_DIR}")

# offence(<header> <expected words> <content>)
function(offence header expected content)
    file(WRITE "${include_dir}/memring/${header}" "${content}")
    list(APPEND expectations "${header}: ${expected}")
    set(expectations "${expectations}" PARENT_SCOPE)
endfunction()

file(WRITE "${include_dir}/memring/client.hpp" "#pragma once\n#include <asio/post.hpp>\n")
offence(stray.hpp "no rule" "#pragma once\n")
offence(node.hpp "does not begin with #pragma once" "// node\n")
offence(key.hpp "needs only std" "#pragma once\n#include <sys/socket.h>\n")
offence(hashing/jump.hpp "must not include <asio/buffer.hpp>"
        "#pragma once\n#include <asio/buffer.hpp>\n")
offence(hashing/modulus.hpp "only hashing/digest/xxh3.hpp" "#pragma once\n#include <xxhash.h>\n")
offence(values/codec.hpp "only values/zlib.hpp includes <zlib.h>" "#pragma once\n#include <zlib.h>\n")
offence(values/zlib.hpp "only values/zstd.hpp includes <zstd.h>"
        "#pragma once\n#include <zlib.h>\n#include <zstd.h>\n")
offence(cluster/topology.hpp "level 2 includes <memring/protocol/meta.hpp> of level 3"
        "#pragma once\n#  include <memring/protocol/meta.hpp>\n")
offence(protocol/meta.hpp "which does not exist" "#pragma once\n#include <memring/nowhere.hpp>\n")
offence(testing/memory_server.hpp "needs no Asio but includes <memring/client.hpp>"
        "#pragma once\n#include <memring/client.hpp>\n")
offence(transport/tcp.hpp "too wide" "#pragma once\n#include <asio.hpp>\n")
offence(transport/local.hpp "only transport/tls.hpp" "#pragma once\n#include <asio/ssl/stream.hpp>\n")
offence(transport/stream_link.hpp "needs no OpenSSL but includes <memring/transport/tls.hpp>"
        "#pragma once\n#include <memring/transport/tls.hpp>\n")
file(WRITE "${include_dir}/memring/transport/tls.hpp" "#pragma once\n#include <openssl/ssl.h>\n")
offence(connection.hpp "not quotes" "#pragma once\n#include \"client.hpp\"\n")
offence(blocking_client.hpp "only detail/asio_compat.hpp" "#pragma once\n#if ASIO_VERSION > 1\n#endif\n")

execute_process(
    COMMAND "${CMAKE_COMMAND}" "-DINCLUDE_DIR=${include_dir}" -P
            "${CMAKE_CURRENT_LIST_DIR}/levels.cmake"
    RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
string(REGEX REPLACE "[ \n]+" " " output "${output}")

if(result EQUAL 0)
    message(FATAL_ERROR "levels.cmake found nothing wrong")
endif()
foreach(expected IN LISTS expectations)
    string(REPLACE ": " ";" parts "${expected}")
    list(GET parts 0 header)
    list(GET parts 1 words)
    if(NOT output MATCHES " ${header}: [^:]*${words}")
        message(SEND_ERROR "not reported: ${expected}\n${output}")
    endif()
endforeach()
foreach(header IN ITEMS client.hpp transport/tls.hpp)
    string(REPLACE "." "\\." name "${header}")
    if(output MATCHES " ${name}:")
        message(SEND_ERROR "${header} is in order, yet reported:\n${output}")
    endif()
endforeach()
