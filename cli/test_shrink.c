/* SPDX-License-Identifier: MIT
 *
 * cli/test_shrink.c: makes the schedule with which a test fails as small as it
 * can be: the plain order with a few switches (vm/schedule.h).
 *
 * It fails as before if it fails at the same place with the same message, but
 * for the numbers in it: those of actors, times and counts depend on the
 * schedule.
 *
 * What still has more than AKT_MARKS switches tells nobody anything: the run
 * that failed is told instead.
 *
 * What is found depends on the runs only, so that it is the same each time, up
 * to the limit of processor time, which is there for tests whose turns are very
 * long.
 */
#include <ctype.h>

#include "cli/test.h"
#include "vm/world.h"

#define RUNS 500      /* tries for one failure ... */
#define TURNS 1000000 /* ... and turns of all of them */
#define CPU_MS 20000
#define TRY_TURNS                                                          \
    1000             /* a try may be longer than the run that failed: four \
                      */
#define TRY_FACTOR 4 /* times, and so many turns more */

struct shrink {
    struct akt_trial trial;
    const struct akt_trial_result *first;
    uint64_t until_ns; /* of the thread's processor time */
    uint32_t runs;
};

static bool is_digit(char c)
{
    return isdigit((unsigned char)c);
}

/* Behind a number, or one character. */
static size_t token(const struct akt_buf *b, size_t at)
{
    size_t end = at + 1;
    while (is_digit(b->data[at]) && end < b->len && is_digit(b->data[end]))
        end++;
    return end;
}

/* But for numbers. */
static bool same_text(const struct akt_buf *a, const struct akt_buf *b)
{
    size_t i = 0, j = 0;
    while (i < a->len && j < b->len) {
        bool number = is_digit(a->data[i]) && is_digit(b->data[j]);
        if (!number && a->data[i] != b->data[j])
            return false;
        i = token(a, i);
        j = token(b, j);
    }
    return i == a->len && j == b->len;
}

static bool same_failure(const struct akt_trial_result *a,
                         const struct akt_trial_result *b)
{
    return !a->passed && !a->late && a->line == b->line &&
           same_text(&a->file, &b->file) && same_text(&a->message, &b->message);
}

/* One more run; the caller gives the result back. */
static bool run(struct shrink *k, const struct akt_sim_plan *plan,
                struct akt_trial_result *result)
{
    k->trial.plan = *plan;
    akt_trial_run(&k->trial, result);
    return same_failure(result, k->first);
}

static bool fails_again(const struct akt_switches *s, struct akt_switches *made,
                        void *ctx)
{
    struct shrink *k = ctx;
    struct akt_trial_result result;
    struct akt_sim_plan plan = k->trial.plan;
    if (akt_world_cpu_ns() > k->until_ns)
        return false;
    plan.replay = s;
    plan.record = made;
    k->runs++;
    bool fails = run(k, &plan, &result);
    akt_trial_result_fini(&result);
    return fails;
}

/* The switches of the run that failed; false: it does not fail again so. */
static bool record(struct shrink *k, struct akt_switches *s)
{
    struct akt_trial_result result;
    struct akt_sim_plan plan = k->trial.plan;
    plan.record = s;
    bool fails = run(k, &plan, &result);
    akt_trial_result_fini(&result);
    return fails;
}

/* The smaller run, once more, to be told. */
static bool replay(struct shrink *k, const struct akt_switches *s,
                   struct akt_trial_result *result)
{
    struct akt_marks marks = {0};
    struct akt_sim_plan plan = k->trial.plan;
    plan.replay = s;
    plan.record = NULL;
    plan.marks = &marks;
    return run(k, &plan, result);
}

static uint32_t runs_for(uint64_t cost)
{
    uint64_t n = TURNS / (cost + 1);
    return n < RUNS ? (uint32_t)n : RUNS;
}

void cli_test_shrink(const struct akt_trial *trial,
                     struct akt_trial_result *result, struct cli_shrunk *out)
{
    struct akt_trial_result smaller = {0};
    struct shrink k = {.trial = *trial, .first = result};
    uint64_t cost = result->cost;
    uint32_t runs = runs_for(cost);
    if (result->late || runs == 0)
        return;
    k.until_ns = akt_world_cpu_ns() + CPU_MS * 1000000ull;
    k.trial.cover = NULL;
    k.trial.max_turns = TRY_FACTOR * cost + TRY_TURNS;
    k.trial.max_ms = CPU_MS;
    out->unsteady = !record(&k, &out->left);
    if (out->unsteady || out->left.lost)
        return;
    out->before = out->left.len;
    akt_sim_shrink(&out->left, runs, fails_again, &k);
    out->runs = k.runs;
    out->done = replay(&k, &out->left, &smaller) && out->left.len <= AKT_MARKS;
    if (!out->done) {
        akt_trial_result_fini(&smaller);
        return;
    }
    akt_trial_result_fini(result);
    *result = smaller;
}
