#pragma once
// Presets: each a policy that gives every key the server that one mode of one memcached client or
// proxy gives it, byte for byte. Their headers say what they reproduce, from which version on, and
// the traps.

#include <memring/hashing/compat/aws_libmemcached.hpp>
#include <memring/hashing/compat/libmemcached.hpp>
#include <memring/hashing/compat/php_memcached.hpp>
#include <memring/hashing/compat/pylibmc.hpp>
