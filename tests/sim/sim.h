/* SPDX-License-Identifier: MIT
 *
 * tests/sim/sim.h: the main of a simulation. It runs `run` with seed after
 * seed; the first one that fails, crashes or trips an assert is named with the
 * command that repeats it.
 *
 *     sim_x [--seed N] [--runs K]
 */
#ifndef AKT_TESTS_SIM_H
#define AKT_TESTS_SIM_H

#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vm/base/alloc.h"
#include "vm/base/random.h"
#include "vm/cactor.h"
#include "vm/life.h"
#include "vm/names.h"
#include "vm/node.h"
#include "vm/send.h"
#include "vm/spawn.h"

#define SIM_MS 1000000ull

static const char *sim_program;
static uint64_t sim_seed;
static struct akt_random sim_random;

__attribute__((format(printf, 1, 2), noreturn, unused)) static void
sim_fail(const char *fmt, ...)
{
    va_list ap;
    fprintf(stderr, "%s: seed %" PRIu64 ": ", sim_program, sim_seed);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fprintf(stderr, "\nrepeat with: %s --seed %" PRIu64 " --runs 1\n",
            sim_program, sim_seed);
    exit(1);
}

#define SIM_CHECK(cond)                                       \
    do {                                                      \
        if (!(cond))                                          \
            sim_fail("%s:%d: %s", __FILE__, __LINE__, #cond); \
    } while (0)

static void sim_on_signal(int number)
{
    char text[200];
    int n =
        snprintf(text, sizeof text,
                 "\nsignal %d\nrepeat with: %s --seed %" PRIu64 " --runs 1\n",
                 number, sim_program, sim_seed);
    if (write(2, text, (size_t)n) < 0)
        _exit(2);
    signal(number, SIG_DFL);
    raise(number);
}

/* Uniform in [0, n). */
__attribute__((unused)) static uint32_t sim_below(uint32_t n)
{
    return (uint32_t)akt_random_below(&sim_random, n);
}

/* True in `percent` of 100 cases. */
__attribute__((unused)) static bool sim_chance(uint32_t percent)
{
    return sim_below(100) < percent;
}

/* Runs a node from its first actor to its end, and checks that it gives all
 * its memory back. `look`, if any, sees it when it has ended. */
__attribute__((unused)) static uint64_t
sim_node(const struct akt_config *config, const struct akt_kind *kind,
         void (*before)(struct akt_node *),
         void (*look)(struct akt_node *, int code))
{
    akt_msg_pool_release();
    akt_msg_pool_fini();
    int64_t bytes = akt_alloc_total();
    struct akt_node *node = akt_node_create(config);
    if (before)
        before(node);
    akt_node_main(node, kind, NULL, akt_msg_new(AKT_MSG_START, 0));
    int code = akt_node_run(node);
    if (look)
        look(node, code);
    uint64_t hash = node->world->trace_hash;
    akt_node_destroy(node);
    SIM_CHECK(akt_alloc_total() == bytes);
    return hash;
}

static int sim_main(int argc, char **argv, uint64_t runs,
                    void (*run)(uint64_t seed))
{
    uint64_t first = 1;
    sim_program = argv[0];
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--seed") == 0)
            first = strtoull(argv[i + 1], NULL, 0);
        else if (strcmp(argv[i], "--runs") == 0)
            runs = strtoull(argv[i + 1], NULL, 0);
    }
    signal(SIGABRT, sim_on_signal);
    signal(SIGSEGV, sim_on_signal);
    signal(SIGALRM, sim_on_signal);
    for (uint64_t seed = first; seed < first + runs; seed++) {
        sim_seed = seed;
        akt_random_seed(&sim_random, seed * 7919 + 1);
        alarm(60); /* no run takes a second, of a core of its own */
        run(seed);
    }
    printf("%s: seeds %" PRIu64 " to %" PRIu64 "\n", sim_program, first,
           first + runs - 1);
    return 0;
}

#endif
