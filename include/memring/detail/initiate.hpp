#pragma once
// What starts an operation once its completion token is ready: named function objects, so that
// lazy tokens, `cancel_after` and friends can keep them. Nothing completes inside them.

#include <chrono>
#include <cstddef>
#include <memory>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#include <asio/any_io_executor.hpp>

#include <memring/detail/batch.hpp>
#include <memring/detail/batch_routing.hpp>
#include <memring/detail/client_core.hpp>
#include <memring/detail/operation.hpp>
#include <memring/detail/requests.hpp>
#include <memring/error.hpp>

namespace memring::detail {

/// Common to all: keeps the core, not the client, alive.
template <class Core>
class initiation {
public:
    using executor_type = asio::any_io_executor;

    explicit initiation(std::shared_ptr<Core> core) noexcept : x_core(std::move(core)) {}
    [[nodiscard]] executor_type get_executor() const noexcept { return x_core->executor(); }

protected:
    [[nodiscard]] clock::time_point deadline(std::chrono::milliseconds own) const noexcept {
        return later(clock::now(), own.count() > 0 ? own : x_core->options().timeout);
    }

    std::shared_ptr<Core> x_core;
};

/// One key.
template <class Core, class Convert>
class initiate_single : public initiation<Core> {
public:
    using initiation<Core>::initiation;

    template <class Handler>
    void operator()(Handler&& handler, single_request asked) const {
        using made_type = handler_operation<Convert, std::decay_t<Handler>>;
        const auto& core = this->x_core;
        auto* const made = made_type::create(std::decay_t<Handler>(std::forward<Handler>(handler)),
                                             core->executor());
        if (asked.error) return complete_later(core->executor(), *made, asked.error);
        made->deadline = this->deadline(asked.timeout);
        if (is_plain_read(asked.what.what)) made->set_read_key(asked.what.key);
        core->execute(*made, std::move(asked.what), asked.server_key);
        made->listen_for_cancellation();
    }
};

/// Many keys, all nodes at once. `Sink` gathers the answers.
template <class Core>
class initiate_many : public initiation<Core> {
public:
    using initiation<Core>::initiation;

    template <class Handler, class Sink>
    void operator()(Handler&& handler, many_request asked, Sink sink) const {
        using batch_type = batch<Sink, std::decay_t<Handler>>;
        const auto& core = this->x_core;
        auto& whole =
            batch_type::create(std::decay_t<Handler>(std::forward<Handler>(handler)),
                               core->executor(), std::move(sink), std::move(asked.commands));
        if (const auto error = core->refusal())
            return whole.finish_later(core->executor(), error, error);
        if (asked.error) return whole.finish_later(core->executor(), {}, asked.error);
        const bool has_parts =
            start_batch(*core, whole, asked.server_key, this->deadline(asked.timeout));
        if (!has_parts) return whole.finish_later(core->executor(), {}, {});
        whole.listen_for_cancellation();
    }
};

/// Every node.
template <class Core, class Convert, class Result>
class initiate_everywhere : public initiation<Core> {
public:
    using initiation<Core>::initiation;

    template <class Handler>
    void operator()(Handler&& handler, const everywhere_request& asked) const {
        using sink_type = result_list<Convert, Result>;
        using batch_type = batch<sink_type, std::decay_t<Handler>>;
        const auto& core = this->x_core;
        const auto lines = core->everywhere();
        std::vector<Result> results(lines.size());
        for (std::size_t i = 0; i < lines.size(); ++i) results[i].where = lines[i]->peer();
        auto& whole = batch_type::create(std::decay_t<Handler>(std::forward<Handler>(handler)),
                                         core->executor(), sink_type(std::move(results)));
        const auto error = asked.error ? asked.error : core->refusal();
        if (error) return whole.finish_later(core->executor(), error, error);
        const clock::time_point deadline = this->deadline(asked.timeout);
        for (std::size_t i = 0; i < lines.size(); ++i) {
            operation& part = whole.part(i);
            part.deadline = deadline;
            lines[i]->submit(part, asked.what);
        }
        whole.listen_for_cancellation();
    }
};

}  // namespace memring::detail
