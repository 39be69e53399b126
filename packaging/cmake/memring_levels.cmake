# The levels of include/memring: a header includes only its own level and lower ones.
#
# One row a rule, the first that matches counts: level, what the header needs beside std, a regular
# expression for its path below include/memring. "asio" marks what belongs to memring::memring,
# "tls" (OpenSSL beside Asio) what belongs to memring::tls; everything else belongs to
# memring::core. Used by CMakeLists.txt to fill the two targets and by
# tests/build/levels.cmake to hold the headers to it.
set(memring_levels
    "0|std  |(version|error|node|node_outcome|key|item|callable_ref)\\.hpp"
    "0|std  |detail/ring_queue\\.hpp"
    "1|core |hashing/.+\\.hpp"
    "1|std  |values/.+\\.hpp"
    "2|core |cluster/.+\\.hpp"
    "3|core |protocol/.+\\.hpp"
    "3|core |observer\\.hpp"
    "3|core |metrics/.+\\.hpp"
    "3|core |discovery/(cluster_config|config_tracker)\\.hpp"
    "3|core |reshard/(plan|phase|modify|diff|mover)\\.hpp"
    "4|core |connection_options\\.hpp"
    "4|core |detail/(backoff|unheard_reads)\\.hpp"
    "4|asio |detail/(operation|read_buffer|drain_list|held_list|wake_timer|node_link|burst_group|connection_watch)\\.hpp"
    "4|tls  |transport/tls(/.+)?\\.hpp"
    "4|asio |transport/.+\\.hpp"
    "5|asio |connection\\.hpp"
    "5|asio |detail/connection_(impl|failing)\\.hpp"
    "6|core |client_options\\.hpp"
    "6|asio |client\\.hpp"
    "6|asio |client/.+\\.hpp"
    "6|asio |detail/.+\\.hpp"
    "7|asio |typed_(blocking_)?client\\.hpp"
    "7|asio |typed/.+\\.hpp"
    "7|asio |blocking_client\\.hpp"
    "7|asio |blocking/.+\\.hpp"
    "7|asio |discovery/.+\\.hpp"
    "7|asio |reshard/.+\\.hpp"
    "7|asio |client_per_thread\\.hpp"
    "7|asio |(memring|separate)\\.hpp"
    "8|asio |testing/(memory_transport|memory_network|loopback_server)\\.hpp"
    "8|core |testing/.+\\.hpp"
)

# Sets <level_out> to the header's level, or to "" when no rule names it, and <needs_out> to std,
# core, asio or tls.
function(memring_level_of header level_out needs_out)
    foreach(rule IN LISTS memring_levels)
        string(REGEX MATCH "^([0-9]+)\\|([a-z]+) *\\|(.+)$" _ "${rule}")
        set(level "${CMAKE_MATCH_1}")
        set(needs "${CMAKE_MATCH_2}")
        if(header MATCHES "^${CMAKE_MATCH_3}$")
            set(${level_out} "${level}" PARENT_SCOPE)
            set(${needs_out} "${needs}" PARENT_SCOPE)
            return()
        endif()
    endforeach()
    set(${level_out} "" PARENT_SCOPE)
    set(${needs_out} "asio" PARENT_SCOPE)
endfunction()
