// SPDX-License-Identifier: MIT
// count [messages]: the work of bench/savina/count.lua.
#include "savina.hpp"

using namespace caf;
using increment_atom = atom_constant<atom("increment")>;
using retrieve_atom = atom_constant<atom("retrieve")>;
using start_atom = atom_constant<atom("start")>;
using result_atom = atom_constant<atom("result")>;

struct counted {
    int64_t count = 0;
};

behavior counter(stateful_actor<counted> *self)
{
    return {
        [=](increment_atom) { ++self->state.count; },
        [=](retrieve_atom, const actor &from) {
            self->send(from, result_atom::value, self->state.count);
            self->quit();
        },
    };
}

behavior producer(event_based_actor *self, actor counter, actor main)
{
    return {
        [=](start_atom, int64_t messages) {
            for (int64_t i = 0; i < messages; ++i)
                self->send(counter, increment_atom::value);
            self->send(counter, retrieve_atom::value, actor{self});
        },
        [=](result_atom, int64_t count) {
            self->send(main, savina::done_atom::value, count);
            self->quit();
        },
    };
}

int main(int argc, char **argv)
{
    savina::args args{argc, argv, {1000000}};
    auto messages = args[0];
    return savina::run(
        args,
        {"count", "messages/s", messages, messages, [=](scoped_actor &self) {
             auto first =
                 self->spawn(producer, self->spawn(counter), actor{self});
             self->send(first, start_atom::value, messages);
             return savina::done(self);
         }});
}
