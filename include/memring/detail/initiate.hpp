#pragma once
// What starts an operation once its completion token is ready: named function objects, so that
// lazy tokens, `cancel_after` and friends can keep them. Nothing completes inside them.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#include <asio/any_io_executor.hpp>

#include <memring/detail/batch.hpp>
#include <memring/detail/client_core.hpp>
#include <memring/detail/operation.hpp>
#include <memring/detail/requests.hpp>
#include <memring/error.hpp>
#include <memring/hashing/hash_policy.hpp>

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
        core->execute(*made, std::move(asked.what));
        made->listen_for_cancellation();
    }
};

/// Many keys, all nodes at once.
template <class Core, class Convert, class Result>
class initiate_many : public initiation<Core> {
public:
    using initiation<Core>::initiation;

    template <class Handler>
    void operator()(Handler&& handler, const many_request& asked) const {
        using batch_type = batch<Convert, Result, std::decay_t<Handler>>;
        const auto& core = this->x_core;
        auto& whole = batch_type::create(std::decay_t<Handler>(std::forward<Handler>(handler)),
                                         core->executor(), std::vector<Result>(asked.size()));
        if (const auto error = core->refusal(); error || asked.size() == 0) {
            return whole.finish_later(core->executor(), error);
        }
        start_parts(*core, whole, asked, this->deadline(asked.timeout()));
        whole.listen_for_cancellation();
    }

private:
    template <class Batch>
    static void start_parts(Core& core, Batch& whole, const many_request& asked,
                            clock::time_point deadline) {
        std::vector<std::uint32_t> owners;
        if (!core.is_in_transition()) owners = owners_of_all(core, asked);
        asked.for_each([&](std::size_t index, std::string_view key, std::string_view value,
                           std::error_code error) {
            operation& part = whole.part(index);
            part.deadline = deadline;
            if (asked.error()) error = asked.error();
            if (error) return complete_later(core.executor(), part, error);
            command what = asked.make(key, value);
            if (owners.empty()) return core.execute(part, std::move(what));
            core.execute_on(owners[index], part, what);
        });
    }

    [[nodiscard]] static std::vector<std::uint32_t> owners_of_all(const Core& core,
                                                                  const many_request& asked) {
        std::vector<std::string_view> keys(asked.size());
        asked.for_each([&](std::size_t index, std::string_view key, std::string_view,
                           std::error_code) { keys[index] = key; });
        std::vector<std::uint32_t> owners(keys.size());
        owners_of(core.nodes()->policy(), keys, owners);
        return owners;
    }
};

/// Every node.
template <class Core, class Convert, class Result>
class initiate_everywhere : public initiation<Core> {
public:
    using initiation<Core>::initiation;

    template <class Handler>
    void operator()(Handler&& handler, const everywhere_request& asked) const {
        using batch_type = batch<Convert, Result, std::decay_t<Handler>>;
        const auto& core = this->x_core;
        const auto lines = core->everywhere();
        std::vector<Result> results(lines.size());
        for (std::size_t i = 0; i < lines.size(); ++i) results[i].where = lines[i]->peer();
        auto& whole = batch_type::create(std::decay_t<Handler>(std::forward<Handler>(handler)),
                                         core->executor(), std::move(results));
        const auto error = asked.error ? asked.error : core->refusal();
        if (error) return whole.finish_later(core->executor(), error);
        for (std::size_t i = 0; i < lines.size(); ++i) {
            whole.part(i).deadline = this->deadline(std::chrono::milliseconds(0));
            lines[i]->submit(whole.part(i), asked.line, asked.shape);
        }
        whole.listen_for_cancellation();
    }
};

}  // namespace memring::detail
