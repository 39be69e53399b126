#pragma once
// All of memring but its test kit: include this, or only the headers you need.

#include <memring/blocking_client.hpp>
#include <memring/callable_ref.hpp>
#include <memring/client.hpp>
#include <memring/client_options.hpp>
#include <memring/cluster/membership.hpp>
#include <memring/cluster/topology.hpp>
#include <memring/connection.hpp>
#include <memring/discovery/cluster_config.hpp>
#include <memring/discovery/config_tracker.hpp>
#include <memring/discovery/watcher.hpp>
#include <memring/error.hpp>
#include <memring/hashing/hash_policy.hpp>
#include <memring/hashing/jump.hpp>
#include <memring/hashing/ketama.hpp>
#include <memring/hashing/modulus.hpp>
#include <memring/hashing/rehash_modulus.hpp>
#include <memring/item.hpp>
#include <memring/key.hpp>
#include <memring/node.hpp>
#include <memring/node_outcome.hpp>
#include <memring/reshard/diff.hpp>
#include <memring/reshard/reshard.hpp>
#include <memring/transport/tcp.hpp>
#include <memring/version.hpp>
