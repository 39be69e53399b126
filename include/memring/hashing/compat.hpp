#pragma once
// Presets: each a policy that gives every key the server that one mode of one memcached client or
// proxy gives it, byte for byte. Their headers say what they reproduce, from which version on, and
// the traps.

#include <memring/hashing/compat/aws_java.hpp>
#include <memring/hashing/compat/aws_libmemcached.hpp>
#include <memring/hashing/compat/emcache.hpp>
#include <memring/hashing/compat/libmemcached.hpp>
#include <memring/hashing/compat/mcrouter.hpp>
#include <memring/hashing/compat/memcached_proxy.hpp>
#include <memring/hashing/compat/php_memcached.hpp>
#include <memring/hashing/compat/pylibmc.hpp>
#include <memring/hashing/compat/pymemcache.hpp>
#include <memring/hashing/compat/python_consistent_memcached.hpp>
#include <memring/hashing/compat/python_memcached.hpp>
#include <memring/hashing/compat/rj_ketama.hpp>
#include <memring/hashing/compat/spymemcached.hpp>
#include <memring/hashing/compat/twemproxy.hpp>
