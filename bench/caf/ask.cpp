// SPDX-License-Identifier: MIT
// ask [calls]: the work of bench/ask.lua. The client is an event-based actor
// that asks again when the answer is there: CAF's quickest way, because a
// blocking actor is a thread.
#include "savina.hpp"

using namespace caf;
using add_atom = atom_constant<atom("add")>;
using handled_atom = atom_constant<atom("handled")>;

struct counted {
    int64_t count = 0;
};

behavior echo(stateful_actor<counted> *self)
{
    return {
        [=](add_atom, int64_t k) {
            ++self->state.count;
            return k + 1;
        },
        [=](handled_atom) { return self->state.count; },
    };
}

// What a client does: asks for left, left - 1, ..., 1, and tells main their
// sum. How long each took goes to times, unless that is null; main reads it
// when it has the sum.
struct calls {
    actor server;
    actor main;
    int64_t left = 0;
    int64_t sum = 0;
    double start = 0;
    std::vector<double> *times = nullptr;
};

void ask(stateful_actor<calls> *self)
{
    auto &state = self->state;
    if (state.left == 0) {
        self->send(state.main, savina::done_atom::value, state.sum);
        self->quit();
        return;
    }
    if (state.times)
        state.start = savina::now();
    self->request(state.server, infinite, add_atom::value, state.left--)
        .await([=](int64_t reply) {
            auto &state = self->state;
            if (state.times)
                state.times->push_back(savina::now() - state.start);
            state.sum += reply;
            ask(self);
        });
}

behavior client(stateful_actor<calls> *self, calls todo)
{
    self->state = std::move(todo);
    ask(self);
    return {};
}

double run(scoped_actor &self, calls todo)
{
    auto n = todo.left;
    auto start = savina::now();
    self->spawn(client, std::move(todo));
    auto sum = savina::done(self);
    auto seconds = savina::now() - start;
    savina::expect("sum", sum, n * (n + 1) / 2 + n);
    return seconds;
}

int main(int argc, char **argv)
{
    savina::args args{argc, argv, {1000000}};
    auto n = args[0], warm_up = std::max(n / 10, int64_t{1});
    savina::config cfg{args};
    actor_system system{cfg};
    scoped_actor self{system};
    auto server = self->spawn(echo);
    std::vector<double> times;
    run(self, {server, self, warm_up});
    auto seconds = run(self, {server, self, n});
    run(self, {server, self, warm_up, 0, 0, &times});
    self->request(server, infinite, handled_atom::value)
        .receive(
            [=](int64_t handled) {
                savina::expect("handled", handled, n + 2 * warm_up);
            },
            [](const error &) { savina::expect("handled", -1, 0); });
    std::sort(times.begin(), times.end());
    auto percentile = [&](size_t p) {
        return times[std::max((times.size() * p + 99) / 100, size_t{1}) - 1] *
               1e6;
    };
    std::printf("ask  %.0f asks/s\nask.p50  %.2f us\nask.p99  %.2f us\n",
                n / seconds, percentile(50), percentile(99));
    return 0;
}
