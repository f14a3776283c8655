// SPDX-License-Identifier: MIT
// pingpong [pings]: the work of bench/savina/pingpong.lua.
#include "savina.hpp"

using namespace caf;
using ping_atom = atom_constant<atom("ping")>;
using pong_atom = atom_constant<atom("pong")>;
using stop_atom = atom_constant<atom("stop")>;

struct counted {
    int64_t count = 0;
};

behavior pong(stateful_actor<counted> *self)
{
    return {
        [=](ping_atom, const actor &from) {
            ++self->state.count;
            self->send(from, pong_atom::value);
        },
        [=](stop_atom, const actor &main) {
            self->send(main, savina::done_atom::value, self->state.count);
            self->quit();
        },
    };
}

behavior ping(stateful_actor<counted> *self, actor pong, int64_t pings,
              actor main)
{
    self->state.count = pings;
    return {
        [=](ping_atom) {
            --self->state.count;
            self->send(pong, ping_atom::value, actor{self});
        },
        [=](pong_atom) {
            if (self->state.count > 0) {
                self->send(self, ping_atom::value);
            } else {
                self->send(pong, stop_atom::value, main);
                self->quit();
            }
        },
    };
}

int main(int argc, char **argv)
{
    savina::args args{argc, argv, {40000}};
    auto pings = args[0];
    return savina::run(
        args,
        {"pingpong", "roundtrips/s", pings, pings, [=](scoped_actor &self) {
             auto other = self->spawn(pong);
             auto first = self->spawn(ping, other, pings, actor{self});
             self->send(first, ping_atom::value);
             return savina::done(self);
         }});
}
