#pragma once
// The meta dialect of memcached, both ways: commands to bytes and replies to answers.

#include <memring/protocol/meta_decoder.hpp>
#include <memring/protocol/meta_encoder.hpp>
