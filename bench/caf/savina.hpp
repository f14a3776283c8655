// SPDX-License-Identifier: MIT
// What the CAF programs share: bench/savina/savina.lua for C++.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <functional>
#include <initializer_list>
#include <string>
#include <thread>
#include <vector>

#include "caf/all.hpp"

namespace savina
{

using done_atom = caf::atom_constant<caf::atom("done")>;

constexpr size_t default_iterations = 12;
constexpr double enough_seconds = 2;

// The numbers among the arguments, or the defaults; iterations=N, workers=N.
struct args {
    std::vector<int64_t> numbers;
    size_t iterations = default_iterations;
    size_t workers = std::max(1u, std::thread::hardware_concurrency());

    args(int argc, char **argv, std::initializer_list<int64_t> defaults)
        : numbers(defaults)
    {
        size_t at = 0;
        for (int i = 1; i < argc; ++i)
            if (!named(argv[i], "iterations=", iterations) &&
                !named(argv[i], "workers=", workers) && at < numbers.size())
                numbers[at++] = std::atoll(argv[i]);
    }

    int64_t operator[](size_t i) const
    {
        return numbers[i];
    }

  private:
    static bool named(const char *word, const char *name, size_t &into)
    {
        auto len = std::strlen(name);
        if (std::strncmp(word, name, len) != 0)
            return false;
        into = std::strtoull(word + len, nullptr, 10);
        return true;
    }
};

// As many workers as the other sides have. (CAF's own default is at least 4.)
struct config : caf::actor_system_config {
    explicit config(const args &given)
    {
        set("scheduler.max-threads", given.workers);
    }
};

// Ends the program unless it is what it must be.
inline void expect(const char *what, int64_t got, int64_t wanted)
{
    if (got == wanted)
        return;
    std::fprintf(stderr, "%s: %" PRId64 ", must be %" PRId64 "\n", what, got,
                 wanted);
    std::_Exit(1);
}

// The generator of the suite.
inline int64_t random(int64_t value)
{
    return (value * 1309 + 13849) & 65535;
}

// The work that a message costs its receiver in the fork-join programs. The
// angle is read from memory, or the compiler would know the sine.
inline void sine()
{
    static volatile double angle = 37.2;
    auto value = std::sin(angle);
    if (!(value * value > 0))
        expect("sine", 0, 1);
}

inline double now()
{
    using namespace std::chrono;
    return duration<double>(steady_clock::now().time_since_epoch()).count();
}

inline double median(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    auto half = values.size() / 2;
    return values.size() % 2 == 1 ? values[half]
                                  : (values[half - 1] + values[half]) / 2;
}

// Waits for the one message that ends an iteration.
inline int64_t done(caf::scoped_actor &self)
{
    int64_t result = 0;
    self->receive([&](done_atom, int64_t check) { result = check; });
    return result;
}

struct bench {
    const char *name;
    const char *unit;
    int64_t work;
    int64_t check;
    std::function<int64_t(caf::scoped_actor &)> once;
};

// Does the work again and again, and prints the rate of the median. The first
// iteration warms up, unless it is the only one.
inline int run(const args &given, const bench &b)
{
    config cfg{given};
    caf::actor_system system{cfg};
    caf::scoped_actor self{system};
    std::vector<double> times, cpus;
    double total = 0;
    do {
        auto start = now();
        auto cpu = std::clock();
        auto check = b.once(self);
        times.push_back(now() - start);
        cpus.push_back(double(std::clock() - cpu) / CLOCKS_PER_SEC);
        expect(b.name, check, b.check);
        total += times.back();
    } while (times.size() < given.iterations && total <= enough_seconds);
    if (times.size() > 1) {
        times.erase(times.begin());
        cpus.erase(cpus.begin());
    }
    auto seconds = median(times);
    std::printf("%s  %.0f %s work=%" PRId64 " check=%" PRId64
                " seconds=%.6f cpu=%.6f\n",
                b.name, b.work / seconds, b.unit, b.work, b.check, seconds,
                median(cpus));
    return 0;
}

} // namespace savina
