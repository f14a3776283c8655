// SPDX-License-Identifier: MIT
// big [actors] [pings each]: the work of bench/savina/big.lua.
#include "savina.hpp"

using namespace caf;
using neighbors_atom = atom_constant<atom("neighbors")>;
using ping_atom = atom_constant<atom("ping")>;
using pong_atom = atom_constant<atom("pong")>;
using ready_atom = atom_constant<atom("ready")>;
using leave_atom = atom_constant<atom("leave")>;
using handled_atom = atom_constant<atom("handled")>;

struct node_state {
    std::vector<actor> all;
    int64_t random = 0;
    int64_t sent = 0;
    int64_t handled = 0;
    int64_t expected = -1; // of whom the next pong must be; none at first
};

behavior node(stateful_actor<node_state> *self, int64_t id, actor sink,
              int64_t pings)
{
    self->state.random = id;
    return {
        [=](neighbors_atom, const std::vector<actor> &all) {
            self->state.all = all;
        },
        [=](ping_atom, int64_t from) {
            ++self->state.handled;
            self->send(self->state.all[from], pong_atom::value, id);
        },
        [=](pong_atom, int64_t from) {
            auto &state = self->state;
            savina::expect("pong of", from, state.expected);
            if (state.sent == pings) {
                self->send(sink, ready_atom::value);
                return;
            }
            state.random = savina::random(state.random);
            state.expected = state.random % int64_t(state.all.size());
            self->send(state.all[state.expected], ping_atom::value, id);
            ++state.sent;
        },
        [=](leave_atom) {
            self->send(sink, handled_atom::value, self->state.handled);
            self->quit();
        },
    };
}

struct sink_state {
    std::vector<actor> all;
    size_t ready = 0;
    size_t ended = 0;
    int64_t handled = 0;
};

behavior sink(stateful_actor<sink_state> *self, actor main)
{
    return {
        [=](neighbors_atom, const std::vector<actor> &all) {
            self->state.all = all;
        },
        [=](ready_atom) {
            auto &state = self->state;
            if (++state.ready == state.all.size())
                for (auto &node : state.all)
                    self->send(node, leave_atom::value);
        },
        [=](handled_atom, int64_t handled) {
            auto &state = self->state;
            state.handled += handled;
            if (++state.ended < state.all.size())
                return;
            self->send(main, savina::done_atom::value, state.handled);
            self->quit();
        },
    };
}

int64_t once(scoped_actor &self, int64_t actors, int64_t pings)
{
    auto end = self->spawn(sink, actor{self});
    std::vector<actor> all;
    for (int64_t i = 0; i < actors; ++i)
        all.push_back(self->spawn(node, i, end, pings));
    self->send(end, neighbors_atom::value, all);
    for (auto &n : all)
        self->send(n, neighbors_atom::value, all);
    for (auto &n : all)
        self->send(n, pong_atom::value, int64_t{-1});
    return savina::done(self);
}

int main(int argc, char **argv)
{
    savina::args args{argc, argv, {120, 20000}};
    auto actors = args[0], pings = args[1];
    return savina::run(
        args, {"big", "messages/s", 2 * actors * pings, actors * pings,
               [=](scoped_actor &self) { return once(self, actors, pings); }});
}
