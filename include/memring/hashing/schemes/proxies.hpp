#pragma once
// The names of the presets for proxies: twemproxy, memcached's own, mcrouter.

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

#include <memring/hashing/compat/mcrouter.hpp>
#include <memring/hashing/compat/memcached_proxy.hpp>
#include <memring/hashing/compat/twemproxy.hpp>
#include <memring/hashing/erased_policy.hpp>
#include <memring/hashing/key_hashes.hpp>
#include <memring/hashing/key_part.hpp>
#include <memring/hashing/scheme.hpp>
#include <memring/hashing/scheme_registry.hpp>
#include <memring/hashing/schemes/hashed.hpp>
#include <memring/node.hpp>

namespace memring::detail {

/// What `hash:` can be in twemproxy's configuration, where `crc32` is 15 bits.
inline constexpr std::tuple twemproxy_hashes{
    hash_choice<hash::one_at_a_time>{}, hash_choice<hash::md5>{},
    hash_choice<hash::crc16>{},         hash_choice<hash::crc>{"crc32"},
    hash_choice<hash::crc32>{"crc32a"}, hash_choice<hash::fnv1_64>{},
    hash_choice<hash::fnv1a_64>{},      hash_choice<hash::fnv1_32>{},
    hash_choice<hash::fnv1a_32>{},      hash_choice<hash::hsieh>{},
    hash_choice<hash::murmur>{},        hash_choice<hash::jenkins>{}};

/// A policy that looks only at what two characters enclose in a key: `hash_tagged`, with the
/// characters known at run time only.
class erased_hash_tagged final : public erased_policy {
public:
    erased_hash_tagged(erased_policy_ptr policy, char open, char close) noexcept
        : x_policy(std::move(policy)), x_open(open), x_close(close) {}

    std::uint32_t node_count() const noexcept override { return x_policy->node_count(); }

    std::uint32_t owner_of(std::string_view key) const noexcept override {
        return x_policy->owner_of(hash_tag_of(key, x_open, x_close));
    }

    void owners_of(std::span<const std::string_view> keys,
                   std::span<std::uint32_t> owners) const noexcept override {
        std::array<std::string_view, 64> tags;
        for (std::size_t begin = 0; begin < keys.size(); begin += tags.size()) {
            const std::size_t count = std::min(keys.size() - begin, tags.size());
            for (std::size_t i = 0; i < count; ++i) {
                tags[i] = hash_tag_of(keys[begin + i], x_open, x_close);
            }
            x_policy->owners_of(std::span(tags).first(count), owners.subspan(begin, count));
        }
    }

    std::size_t candidates_of(std::string_view key,
                              std::span<std::uint32_t> out) const noexcept override {
        return x_policy->candidates_of(hash_tag_of(key, x_open, x_close), out);
    }

    bool is_ranked() const noexcept override { return x_policy->is_ranked(); }

    std::optional<bool> hashes_prefix() const noexcept override {
        return x_policy->hashes_prefix();
    }

    erased_policy_ptr rebuilt(std::span<const node> nodes) const override {
        return std::make_shared<const erased_hash_tagged>(x_policy->rebuilt(nodes), x_open,
                                                          x_close);
    }

private:
    erased_policy_ptr x_policy;
    char x_open;
    char x_close;
};

/// Gives a scheme twemproxy's `hash_tag:`.
[[nodiscard]] inline scheme with_hash_tag(scheme plain) {
    plain.options.push_back({.name = "hash_tag",
                             .choices = {},
                             .meaning = "two characters; of a key what they enclose is hashed"});
    plain.make = [make = std::move(plain.make)](std::span<const node> nodes,
                                                const scheme_arguments& arguments) {
        const std::string_view tag = arguments["hash_tag"];
        if (!arguments.has("hash_tag")) return make(nodes, arguments);
        if (tag.size() != 2) arguments.refuse("hash_tag", "has not two characters");
        return erased_policy_ptr(
            std::make_shared<const erased_hash_tagged>(make(nodes, arguments), tag[0], tag[1]));
    };
    return plain;
}

template <class = void>
void add_twemproxy_schemes(scheme_registry& all) {
    all.add(with_hash_tag(hashed_scheme(
        "compat:twemproxy_ketama", "twemproxy distribution: ketama", "fnv1a_64", twemproxy_hashes,
        [](auto hash, std::span<const node> nodes) {
            return compat::twemproxy_ketama<decltype(hash)>(nodes);
        },
        short_hash_trap("crc32"))));
    all.add(with_hash_tag(hashed_scheme("compat:twemproxy_modula", "twemproxy distribution: modula",
                                        "fnv1a_64", twemproxy_hashes,
                                        [](auto hash, std::span<const node> nodes) {
                                            return compat::twemproxy_modula<decltype(hash)>(nodes);
                                        })));
}

/// xxh3 is the default of a pool, md5 comes with the rings.
inline constexpr std::tuple memcached_proxy_hashes{hash_choice<hash::xxh3>{},
                                                   hash_choice<hash::md5>{}};

template <class = void>
void add_memcached_proxy_schemes(scheme_registry& all) {
    all.add({.name = "compat:memcached_proxy_jump",
             .description = "memcached's proxy, distribution jump",
             .options = {{.name = "seed", .choices = {}, .meaning = "the seed string of the pool"}},
             .make = [](std::span<const node> nodes, const scheme_arguments& arguments) {
                 using compat::memcached_proxy_jump;
                 return erase_policy(arguments.has("seed")
                                         ? memcached_proxy_jump(nodes, arguments["seed"])
                                         : memcached_proxy_jump(nodes));
             }});
    all.add(hashed_scheme("compat:memcached_proxy_ring_default",
                          "memcached's proxy, distribution ring_hash, mode default", "xxh3",
                          memcached_proxy_hashes, [](auto hash, std::span<const node> nodes) {
                              return compat::memcached_proxy_ring_default<decltype(hash)>(nodes);
                          }));
    all.add(hashed_scheme("compat:memcached_proxy_ring_ketama",
                          "memcached's proxy, distribution ring_hash, mode ketama", "xxh3",
                          memcached_proxy_hashes, [](auto hash, std::span<const node> nodes) {
                              return compat::memcached_proxy_ring_ketama<decltype(hash)>(nodes);
                          }));
    all.add(hashed_scheme("compat:memcached_proxy_ring_twemproxy",
                          "memcached's proxy, distribution ring_hash, mode twemproxy", "xxh3",
                          memcached_proxy_hashes, [](auto hash, std::span<const node> nodes) {
                              return compat::memcached_proxy_ring_twemproxy<decltype(hash)>(nodes);
                          }));
    all.add(hashed_scheme("compat:memcached_proxy_ring_evcache",
                          "memcached's proxy, distribution ring_hash, mode evcache", "xxh3",
                          memcached_proxy_hashes, [](auto hash, std::span<const node> nodes) {
                              return compat::memcached_proxy_ring_evcache<decltype(hash)>(nodes);
                          }));
}

/// `weights=1,0.5`: numbers from 0 to 1, one a server, as in mcrouter's `weights`.
[[nodiscard]] inline std::vector<double> weights_of(const scheme_arguments& arguments) {
    std::vector<double> weights;
    const std::string_view text = arguments["weights"];
    if (!arguments.has("weights")) return weights;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(',', begin), text.size());
        double weight = -1;
        if (!parse_number(text.substr(begin, end - begin), weight)) {
            arguments.refuse("weights", "is no list of numbers like 1,0.5");
        }
        weights.push_back(weight);
        begin = end + 1;
    }
    return weights;
}

/// A preset of mcrouter, with `weights` if its options have them.
template <hash_policy Policy, class Options>
[[nodiscard]] scheme mcrouter_scheme(std::string name, std::string description) {
    scheme entry{.name = std::move(name),
                 .description = std::move(description),
                 .options = {{.name = "salt", .choices = {}, .meaning = "appended to every key"}},
                 .make = [](std::span<const node> nodes, const scheme_arguments& arguments) {
                     Options options;
                     options.salt = arguments["salt"];
                     if constexpr (requires { options.weights; }) {
                         options.weights = weights_of(arguments);
                     }
                     return erase_policy(Policy(nodes, options));
                 }};
    if constexpr (requires(Options options) { options.weights; }) {
        entry.options.push_back({.name = "weights",
                                 .choices = {},
                                 .meaning = "one a server from 0 to 1, else by the list: 1,0.5"});
    }
    return entry;
}

template <class = void>
void add_mcrouter_schemes(scheme_registry& all) {
    all.add(mcrouter_scheme<compat::mcrouter_ch3, ch3_options>(
        "compat:mcrouter_ch3", "mcrouter's default hash_func Ch3, without weights"));
    all.add(mcrouter_scheme<compat::mcrouter_crc32, ch3_options>("compat:mcrouter_crc32",
                                                                 "mcrouter hash_func Crc32"));
    all.add(mcrouter_scheme<compat::mcrouter_weighted_ch3, weighted_ch3_options>(
        "compat:mcrouter_weighted_ch3", "mcrouter hash_func WeightedCh3, or Ch3 with weights"));
    all.add(mcrouter_scheme<compat::mcrouter_weighted_furc, weighted_ch3_options>(
        "compat:mcrouter_weighted_furc", "mcrouter's weighted furc"));
}

/// Proxies.
template <class = void>
void add_proxy_schemes(scheme_registry& all) {
    add_twemproxy_schemes<>(all);
    add_memcached_proxy_schemes<>(all);
    add_mcrouter_schemes<>(all);
}

}  // namespace memring::detail
