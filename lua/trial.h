/* SPDX-License-Identifier: MIT
 *
 * lua/trial.h: one test of one file, run once under one seed in a node of its
 * own, and what came of it.
 *
 * The file is the main script of the node. It runs up to the test that is
 * wanted; akt.test skips the others and ends the node after it. In the
 * simulated world everything that happens follows from the seed.
 *
 * Invariants
 *   T1  A trial touches nothing of another one: what it prints, logs and
 *       reports is in its result, and several may run at once, each on its own
 *       thread.
 *   T2  A trial ends: by its test, because nothing can happen any more, or at
 *       one of its limits.
 *
 * Ownership: the caller's trial and texts outlive the call; a result is given
 *            back with akt_trial_result_fini.
 * Threads:   [any] that runs no actor.
 */
#ifndef AKT_LUA_TRIAL_H
#define AKT_LUA_TRIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vm/base/buf.h"
#include "vm/base/log.h"
#include "vm/schedule.h"

struct akt_cover;

#define AKT_TRIAL_TURNS 1000000u /* of one test in the simulated world */
#define AKT_TRIAL_MS 60000u      /* of processor time; real world: of time */
#define AKT_TRIAL_TESTS 10000u   /* in one file */
#define AKT_TRIAL_RUNS_MAX 100000000
#define AKT_TRIAL_EXPLORE_RUNS 100 /* of t.explore, unless it says */

struct akt_trial {
    const char *path; /* as places are named */
    const char *text;
    size_t len;
    const char *test; /* its name; NULL: only find the names of all */
    uint64_t seed;
    struct akt_sim_plan plan; /* simulated: who runs next */
    bool real;                /* in the real world */
    uint32_t workers;         /* of the real world; 0: one a core */
    uint64_t max_turns;  /* 0: AKT_TRIAL_TURNS; one that is preempted counts as
                          * AKT_SIM_LONG_TURN */
    uint32_t max_ms;     /* 0: AKT_TRIAL_MS */
    size_t memory_bytes; /* budget; 0: as for a program */
    enum akt_log_level log_level;
    struct akt_cover *cover; /* simulated: counts lines there; NULL: no */
};

/* How a test wants to be run; all zero: once (t.explore says otherwise). */
struct akt_trial_wish {
    uint32_t runs; /* with one seed after the other; 0: it says nothing */
    bool has_seed;
    uint64_t seed; /* the first one */
    struct akt_sim_plan plan;
};

struct akt_trial_result {
    bool passed;
    bool late;       /* it was given up at a limit */
    bool unfinished; /* real: a job it has started still blocks a thread; its
                      * node stays, and the process must end by _exit */
    struct akt_buf names;   /* of all tests, zero-ended; without `test` */
    struct akt_buf wishes;  /* struct akt_trial_wish of each */
    struct akt_buf message; /* why it failed; the rest may be empty */
    struct akt_buf file;
    int line;
    struct akt_buf code; /* of that line */
    struct akt_buf stack;
    struct akt_buf output;
    struct akt_buf trace; /* the last turns; simulated only */
    uint64_t turns;
    uint64_t cost;       /* turns as max_turns counts them */
    uint64_t virtual_ms; /* that have passed */
    uint64_t hash;       /* of all that was chosen: equal runs, equal hash */
};

/* Fills *result, which may hold anything. */
void akt_trial_run(const struct akt_trial *trial,
                   struct akt_trial_result *result);
void akt_trial_result_fini(struct akt_trial_result *result);

#endif
