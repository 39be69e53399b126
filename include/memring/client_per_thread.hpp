#pragma once
// Many threads, one configuration: each thread gets a blocking client of its own, all of them route
// by the same immutable topology. Creates no thread. What a client does is in blocking_client.hpp.

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <system_error>
#include <utility>
#include <vector>

#include <memring/blocking_client.hpp>
#include <memring/client_options.hpp>
#include <memring/hashing/hash_policy.hpp>
#include <memring/node.hpp>

namespace memring {

namespace detail {

/// One thread's client. The thread ends it, or who owns them all: whoever is first, and the other
/// waits until that is done.
template <class Blocking>
struct thread_client {
    std::unique_ptr<Blocking> client;
    std::uint64_t version = 0;  ///< of the topology it has
    std::mutex ending;

    void end() {
        const std::lock_guard lock(ending);
        client.reset();
    }
};

/// Whose clients there are. Shared with their threads, so that its address names it for as long as
/// a thread knows of it.
template <class Blocking>
class thread_client_list {
public:
    using client_ptr = std::shared_ptr<thread_client<Blocking>>;

    void add(client_ptr made) {
        const std::lock_guard lock(x_mutex);
        x_clients.push_back(std::move(made));
    }

    void end_one(const client_ptr& ended) {
        ended->end();
        const std::lock_guard lock(x_mutex);
        std::erase(x_clients, ended);
    }

    // Not under the lock: a client's end calls its observer.
    void end_all() {
        x_has_ended = true;
        std::vector<client_ptr> all;
        {
            const std::lock_guard lock(x_mutex);
            all.swap(x_clients);
        }
        for (const client_ptr& each : all) each->end();
    }

    [[nodiscard]] bool has_ended() const noexcept { return x_has_ended; }

private:
    std::mutex x_mutex;
    std::vector<client_ptr> x_clients;
    std::atomic<bool> x_has_ended{false};
};

/// What a thread knows: the clients it has, of each list at most one.
template <class Blocking>
class clients_of_thread {
public:
    using list = thread_client_list<Blocking>;
    using client_ptr = typename list::client_ptr;

    clients_of_thread() = default;
    clients_of_thread(const clients_of_thread&) = delete;
    clients_of_thread& operator=(const clients_of_thread&) = delete;
    ~clients_of_thread() {
        for (const entry& each : x_entries) each.of->end_one(each.client);
    }

    /// Null if it has none.
    [[nodiscard]] thread_client<Blocking>* find(const list* of) const noexcept {
        for (const entry& each : x_entries) {
            if (each.of.get() == of) return each.client.get();
        }
        return nullptr;
    }

    void add(std::shared_ptr<list> to, const client_ptr& made) {
        std::erase_if(x_entries, [](const entry& each) { return each.of->has_ended(); });
        x_entries.reserve(x_entries.size() + 1);
        to->add(made);
        x_entries.push_back({std::move(to), made});
    }

private:
    struct entry {
        std::shared_ptr<list> of;
        client_ptr client;
    };

    std::vector<entry> x_entries;
};

}  // namespace detail

/// Gives every thread a blocking client of its own.
///
///     memring::client_per_thread<> clients({{"10.0.0.1"}, {"10.0.0.2"}});
///     clients.local().set("greeting", "hello");  // from any thread
///     clients.update(new_nodes);                 // all threads follow
///
/// The threads share the topology, not connections: each client has its own to every node it uses.
/// A drain, fill or reshard speaks for the one client it runs on.
///
/// Thread-safety: all members from any thread; what `local()` returns from that thread only.
/// Lifetime: a thread's client is made by its first `local()` and ends with the thread or with this
/// object, whichever is first. When this object is destroyed no thread may be inside a call of its
/// client, or use it afterwards. (A client ends with the thread as a `thread_local` variable does:
/// `local()` is not for destructors of static or `thread_local` objects.)
template <class Blocking = blocking_client<>>
class client_per_thread {
public:
    using client_type = Blocking;
    using async_client_type = typename Blocking::client_type;
    using policy_type = typename async_client_type::policy_type;
    using topology_type = typename async_client_type::topology_type;
    using observer_type = typename async_client_type::observer_type;
    using transport_options = typename async_client_type::transport_options;

    /// As the constructor of `client`: what every thread's client is made with. Each has its own
    /// copy of `watched_by`, which is called on the client's thread. Throws `std::system_error`
    /// that names a bad or duplicate node and its place.
    explicit client_per_thread(std::vector<node> nodes = {}, const client_options& options = {},
                               const transport_options& stream = {},
                               const observer_type& watched_by = {})
        : client_per_thread(std::make_shared<const topology_type>(std::move(nodes)), options,
                            stream, watched_by) {}
    client_per_thread(std::vector<node> nodes, const client_options& options,
                      const transport_options& stream, const policy_type& policy,
                      const observer_type& watched_by = {}) requires
        rebuildable_hash_policy<policy_type>
        : client_per_thread(std::make_shared<const topology_type>(std::move(nodes), policy),
                            options, stream, watched_by) {}

    client_per_thread(const client_per_thread&) = delete;
    client_per_thread& operator=(const client_per_thread&) = delete;
    ~client_per_thread() { x_clients->end_all(); }

    /// The calling thread's client, which follows the newest list from here on. Made at the first
    /// call, which may throw what its constructor throws; otherwise a look-up without a lock.
    Blocking& local() {
        auto* const mine = of_this_thread().find(x_clients.get());
        if (mine == nullptr) return make_local();
        if (mine->version != x_version.load(std::memory_order_acquire)) follow(*mine);
        return *mine->client;
    }

    /// Replaces the node list, see `client::update`; each thread's client follows at its next
    /// `local()`. A list that is bad (`invalid_node`, `duplicate_node`) or that the policy refuses
    /// is an error here and changes nothing.
    std::error_code update(std::vector<node> nodes) {
        const std::lock_guard one_at_a_time(x_updating);
        const std::shared_ptr<const topology_type> before = topology_now();
        if (before->nodes() == nodes) return {};
        try {
            publish(std::make_shared<const topology_type>(before->changed_to(std::move(nodes))));
        } catch (const std::system_error& refused) {
            return refused.code();
        }
        return {};
    }

    /// The newest topology: an immutable snapshot, the very one that the threads' clients use.
    [[nodiscard]] std::shared_ptr<const topology_type> topology_now() const {
        const std::lock_guard lock(x_mutex);
        return x_topology;
    }

private:
    using clients = detail::thread_client_list<Blocking>;
    using thread_client = detail::thread_client<Blocking>;

    client_per_thread(std::shared_ptr<const topology_type> first, const client_options& options,
                      const transport_options& stream, const observer_type& watched_by)
        : x_options(options),
          x_stream_options(stream),
          x_watched_by(watched_by),
          x_topology(std::move(first)) {}

    [[nodiscard]] static detail::clients_of_thread<Blocking>& of_this_thread() {
        thread_local detail::clients_of_thread<Blocking> mine;
        return mine;
    }

    Blocking& make_local();
    void follow(thread_client& mine);

    void publish(std::shared_ptr<const topology_type> next) {
        const std::lock_guard lock(x_mutex);
        x_topology.swap(next);
        x_version.fetch_add(1, std::memory_order_release);
    }

    // The version is that of the topology: both change under the lock only.
    [[nodiscard]] std::shared_ptr<const topology_type> topology_now(std::uint64_t& version) const {
        const std::lock_guard lock(x_mutex);
        version = x_version.load(std::memory_order_relaxed);
        return x_topology;
    }

    client_options x_options;
    transport_options x_stream_options;
    [[no_unique_address]] observer_type x_watched_by;
    std::mutex x_updating;       // held while a topology is made, which takes its time
    mutable std::mutex x_mutex;  // of the topology
    std::shared_ptr<const topology_type> x_topology;
    std::atomic<std::uint64_t> x_version{0};
    std::shared_ptr<clients> x_clients = std::make_shared<clients>();
};

template <class Blocking>
Blocking& client_per_thread<Blocking>::make_local() {
    const auto made = std::make_shared<thread_client>();
    made->client = std::make_unique<Blocking>(topology_now(made->version), x_options,
                                              x_stream_options, x_watched_by);
    of_this_thread().add(x_clients, made);
    return *made->client;
}

// A client that was stopped follows nothing; its operations say so.
template <class Blocking>
void client_per_thread<Blocking>::follow(thread_client& mine) {
    mine.client->async().update(topology_now(mine.version));
}

}  // namespace memring
