// SPDX-License-Identifier: MIT
// fjcreate [actors]: the work of bench/savina/fjcreate.lua.
#include "savina.hpp"

using namespace caf;
using message_atom = atom_constant<atom("message")>;

behavior worker(event_based_actor *self)
{
    return {
        [=](message_atom) {
            savina::sine();
            self->quit(exit_reason::user_shutdown); // "worked"
        },
    };
}

int64_t once(scoped_actor &self, int64_t actors)
{
    for (int64_t i = 0; i < actors; ++i)
        self->send(self->spawn<monitored>(worker), message_atom::value);
    int64_t worked = 0;
    for (int64_t i = 0; i < actors; ++i)
        self->receive([&](const down_msg &down) {
            worked += down.reason == exit_reason::user_shutdown;
        });
    return worked;
}

int main(int argc, char **argv)
{
    savina::args args{argc, argv, {40000}};
    auto actors = args[0];
    return savina::run(
        args, {"fjcreate", "actors/s", actors, actors,
               [=](scoped_actor &self) { return once(self, actors); }});
}
