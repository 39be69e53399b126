#pragma once
// What a reshard can be told, what it says under way, and what it reports at its end.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <system_error>

#include <memring/callable_ref.hpp>
#include <memring/reshard/key_crawl.hpp>
#include <memring/reshard/phase.hpp>

namespace memring {

/// How far a reshard has come.
struct reshard_progress {
    phase stage = phase::prepare;
    std::uint64_t keys_to_move = 0;  ///< as counted in `prepare`; live traffic changes it a little
    std::uint64_t keys_done = 0;     ///< of those: moved, or found to need no moving
    std::uint64_t bytes_moved = 0;   ///< of values
};

/// Settings of one reshard.
struct reshard_options {
    /// Called on the client's executor at each phase and every few hundred keys. Refers to a
    /// callable that must outlive the reshard, and must not throw.
    callable_ref<void(const reshard_progress&)> on_progress{};
    /// Which keys are this client's to move. Empty (default): all keys on the nodes. Where several
    /// processes keep keys of their own on the same nodes, each names its own and touches no other.
    /// As `on_progress`: must outlive the reshard, must not throw.
    callable_ref<bool(std::string_view key)> owns{};
    /// Keys under way at once; 1 at least. A key costs three round trips, pipelined with the
    /// others.
    std::size_t keys_in_flight = 1000;
    /// Bytes of items under way at once: more would pass neither before their deadline nor let the
    /// application's operations through, which share the connections. One item goes in any case.
    std::size_t bytes_in_flight = 4 * 1024 * 1024;
    /// A mover that dies leaves placeholders that block their keys for this long, and a reshard in
    /// which a command failed waits for it at its end. At least twice the client's timeout (of
    /// which 30 s count) and 2 s. While keys are moving, an operation on one of them has half the
    /// lease at most, however long its timeout.
    std::chrono::seconds lease{10};
    crawl_options crawl{};
};

/// What became of the keys. Each key that was listed is counted once in
/// `moved` ... `failed`, or was none of the reshard's business.
struct reshard_report {
    std::uint64_t keys_listed = 0;    ///< on all nodes, before anything moved
    std::uint64_t keys_to_move = 0;   ///< of those: have another owner afterwards
    std::uint64_t moved = 0;          ///< copied to their next owner
    std::uint64_t already_there = 0;  ///< the application had written them there by then
    std::uint64_t vanished = 0;       ///< deleted, expired or evicted before they were read
    std::uint64_t lost_race = 0;      ///< written or deleted at every attempt to move them
    std::uint64_t left_stale = 0;     ///< marked stale, therefore not copied
    std::uint64_t failed = 0;         ///< could not be moved: will be missed
    std::uint64_t leftovers = 0;      ///< copies of earlier changes that were removed first
    std::uint64_t cleaned = 0;        ///< moved keys removed from the nodes that had them
    std::uint64_t bytes_moved = 0;    ///< of values
    std::uint64_t hits_on_next = 0;   ///< the application's gets of moving keys, by who had them
    std::uint64_t hits_on_old = 0;
    std::uint64_t misses = 0;  ///< the application's gets of moving keys that found nothing
    std::chrono::nanoseconds moving{};  ///< duration of the phase `move`
    std::chrono::nanoseconds total{};
    std::error_code first_failure;  ///< why the first of `failed` keys failed, if any did

    /// Keys moved in a second of the phase `move`.
    [[nodiscard]] double keys_per_second() const noexcept {
        const double seconds = std::chrono::duration<double>(moving).count();
        return seconds > 0 ? static_cast<double>(moved) / seconds : 0.0;
    }
};

}  // namespace memring
