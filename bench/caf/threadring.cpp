// SPDX-License-Identifier: MIT
// threadring [actors] [hops]: the work of bench/savina/threadring.lua.
#include "savina.hpp"

using namespace caf;
using data_atom = atom_constant<atom("data")>;
using ping_atom = atom_constant<atom("ping")>;
using leave_atom = atom_constant<atom("leave")>;

struct member_state {
    actor next;
    int64_t handled = 0;
};

behavior member(stateful_actor<member_state> *self, int64_t actors, actor main)
{
    return {
        [=](data_atom, const actor &next) { self->state.next = next; },
        [=](ping_atom, int64_t left) {
            auto &state = self->state;
            ++state.handled;
            if (left > 1)
                self->send(state.next, ping_atom::value, left - 1);
            else
                self->send(state.next, leave_atom::value, actors, int64_t{0});
        },
        [=](leave_atom, int64_t left, int64_t handled) {
            auto &state = self->state;
            handled += state.handled;
            if (left > 1)
                self->send(state.next, leave_atom::value, left - 1, handled);
            else
                self->send(main, savina::done_atom::value, handled);
            self->quit();
        },
    };
}

int64_t once(scoped_actor &self, int64_t actors, int64_t hops)
{
    std::vector<actor> ring;
    for (int64_t i = 0; i < actors; ++i)
        ring.push_back(self->spawn(member, actors, actor{self}));
    for (int64_t i = 0; i < actors; ++i)
        self->send(ring[i], data_atom::value, ring[(i + 1) % actors]);
    self->send(ring[0], ping_atom::value, hops);
    return savina::done(self);
}

int main(int argc, char **argv)
{
    savina::args args{argc, argv, {100, 100000}};
    auto actors = args[0], hops = args[1];
    return savina::run(
        args, {"threadring", "hops/s", hops, hops,
               [=](scoped_actor &self) { return once(self, actors, hops); }});
}
