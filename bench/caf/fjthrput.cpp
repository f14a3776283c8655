// SPDX-License-Identifier: MIT
// fjthrput [messages each] [actors]: the work of bench/savina/fjthrput.lua.
#include "savina.hpp"

using namespace caf;
using message_atom = atom_constant<atom("message")>;

struct counted {
    int64_t count = 0;
};

behavior worker(stateful_actor<counted> *self, int64_t total, actor main)
{
    return {
        [=](message_atom) {
            savina::sine();
            if (++self->state.count == total) {
                self->send(main, savina::done_atom::value, total);
                self->quit();
            }
        },
    };
}

int64_t once(scoped_actor &self, int64_t each, int64_t actors)
{
    std::vector<actor> crew;
    for (int64_t i = 0; i < actors; ++i)
        crew.push_back(self->spawn(worker, each, actor{self}));
    for (int64_t i = 0; i < each; ++i)
        for (auto &w : crew)
            self->send(w, message_atom::value);
    int64_t handled = 0;
    for (int64_t i = 0; i < actors; ++i)
        handled += savina::done(self);
    return handled;
}

int main(int argc, char **argv)
{
    savina::args args{argc, argv, {10000, 60}};
    auto each = args[0], actors = args[1];
    return savina::run(
        args, {"fjthrput", "messages/s", each * actors, each * actors,
               [=](scoped_actor &self) { return once(self, each, actors); }});
}
