// SPDX-License-Identifier: MIT
// chameneos [creatures] [meetings]: the work of bench/savina/chameneos.lua.
#include "savina.hpp"

using namespace caf;
using start_atom = atom_constant<atom("start")>;
using meet_atom = atom_constant<atom("meet")>;
using change_atom = atom_constant<atom("change")>;
using leave_atom = atom_constant<atom("leave")>;
using faded_atom = atom_constant<atom("faded")>;

// Colours are 0, 1 and 2: the same two stay, of different ones each becomes
// the third.
int32_t complement(int32_t color, int32_t other)
{
    return color == other ? color : 3 - color - other;
}

struct creature_state {
    int32_t color = 0;
    int64_t meetings = 0;
};

behavior creature(stateful_actor<creature_state> *self, actor mall,
                  int32_t color)
{
    self->state.color = color;
    self->send(mall, meet_atom::value, color, actor{self});
    auto met = [=](int32_t color) {
        self->state.color = color;
        ++self->state.meetings;
    };
    return {
        [=](meet_atom, int32_t other, const actor &from) {
            met(complement(self->state.color, other));
            self->send(from, change_atom::value, self->state.color);
            self->send(mall, meet_atom::value, self->state.color, actor{self});
        },
        [=](change_atom, int32_t color) {
            met(color);
            self->send(mall, meet_atom::value, color, actor{self});
        },
        [=](leave_atom) {
            self->send(mall, faded_atom::value, self->state.meetings);
            self->quit();
        },
    };
}

struct mall_state {
    actor waiting;
    int64_t left = 0;
    int64_t missing = 0;
    int64_t sum = 0;
};

behavior mall(stateful_actor<mall_state> *self, int64_t creatures,
              int64_t meetings, actor main)
{
    self->state.left = meetings;
    self->state.missing = creatures;
    return {
        [=](start_atom) {
            for (int32_t i = 0; i < creatures; ++i)
                self->spawn(creature, actor{self}, i % 3);
        },
        [=](meet_atom, int32_t color, const actor &from) {
            auto &state = self->state;
            if (state.left == 0) {
                self->send(from, leave_atom::value);
            } else if (state.waiting) {
                --state.left;
                self->send(state.waiting, meet_atom::value, color, from);
                state.waiting = nullptr;
            } else {
                state.waiting = from;
            }
        },
        [=](faded_atom, int64_t count) {
            auto &state = self->state;
            state.sum += count;
            if (--state.missing > 0)
                return;
            self->send(main, savina::done_atom::value, state.sum);
            self->quit();
        },
    };
}

int main(int argc, char **argv)
{
    savina::args args{argc, argv, {100, 200000}};
    auto creatures = args[0], meetings = args[1];
    return savina::run(args, {"chameneos", "meetings/s", meetings, 2 * meetings,
                              [=](scoped_actor &self) {
                                  auto place = self->spawn(
                                      mall, creatures, meetings, actor{self});
                                  self->send(place, start_atom::value);
                                  return savina::done(self);
                              }});
}
