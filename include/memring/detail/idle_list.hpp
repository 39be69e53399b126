#pragma once
// Operations that no connection knows of: they wait for a function of the application, or for a
// while. A client that stops has to tell them.

namespace memring::detail {

class idle_list {
public:
    /// Is on one list at most, and off it when it goes. Thread-safety: that of the client.
    class member {
    public:
        member(const member&) = delete;
        member& operator=(const member&) = delete;

    protected:
        member() = default;
        ~member() { leave(); }

        void join(idle_list& list) noexcept {
            leave();
            x_next = list.x_first;
            if (x_next) x_next->x_link = &x_next;
            x_link = &list.x_first;
            list.x_first = this;
        }
        void leave() noexcept {
            if (!x_link) return;
            *x_link = x_next;
            if (x_next) x_next->x_link = x_link;
            x_link = nullptr;
            x_next = nullptr;
        }

        /// The client has stopped, and the member has left. Runs no code of the application.
        virtual void stopped() noexcept = 0;

    private:
        friend class idle_list;
        member* x_next = nullptr;
        member** x_link = nullptr;  // what points here
    };

    /// Tells all.
    void stop() noexcept {
        while (member* const first = x_first) {
            first->leave();
            first->stopped();
        }
    }

private:
    member* x_first = nullptr;
};

}  // namespace memring::detail
