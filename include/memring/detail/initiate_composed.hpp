#pragma once
// What starts the operations that are made of several commands.

#include <memory>
#include <type_traits>
#include <utility>

#include <memring/detail/compute_operation.hpp>
#include <memring/detail/initiate.hpp>
#include <memring/detail/operation.hpp>
#include <memring/detail/requests.hpp>
#include <memring/detail/results.hpp>
#include <memring/detail/update_operation.hpp>

namespace memring::detail {

template <class Core>
class initiate_update : public initiation<Core> {
public:
    using initiation<Core>::initiation;

    template <class Handler, class Change>
    void operator()(Handler&& handler, single_request asked, Change change) const {
        using made_type = handler_operation<to_item, std::decay_t<Handler>>;
        const auto& core = this->x_core;
        auto* const made = made_type::create(std::decay_t<Handler>(std::forward<Handler>(handler)),
                                             core->executor());
        if (asked.error) return complete_later(core->executor(), *made, asked.error);
        made->deadline = this->deadline(asked.timeout);
        update_operation<Core, Change>::start(core, *made, std::move(asked.what),
                                              std::move(asked.server_key), std::move(change));
        made->listen_for_cancellation();
    }
};

template <class Core, class Compute>
class initiate_compute : public initiation<Core> {
public:
    using settings = typename compute_operation<Core, Compute>::settings;
    using initiation<Core>::initiation;

    template <class Handler>
    void operator()(Handler&& handler, single_request asked, settings options,
                    Compute compute) const {
        using made_type = handler_operation<to_cached_value, std::decay_t<Handler>>;
        const auto& core = this->x_core;
        auto* const made = made_type::create(std::decay_t<Handler>(std::forward<Handler>(handler)),
                                             core->executor());
        if (asked.error) return complete_later(core->executor(), *made, asked.error);
        made->deadline = this->deadline(asked.timeout);
        options.timeout = asked.timeout.count() > 0 ? asked.timeout : core->options().timeout;
        compute_operation<Core, Compute>::start(core, *made, std::move(asked.what),
                                                std::move(asked.server_key), options,
                                                std::move(compute));
        made->listen_for_cancellation();
    }
};

}  // namespace memring::detail
