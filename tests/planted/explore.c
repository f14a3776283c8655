/* SPDX-License-Identifier: MIT
 *
 * tests/planted/explore.c: runs a program under seed after seed, in one
 * process, and says how often it fails; the first failing schedule is made
 * smaller. A file is a program with a bug, NAME_fixed.lua its twin without.
 *
 *     explore [--strategy random|pct] [--depth N] [--late MS] [--runs K]
 *             [--from SEED] [--first] [--quiet] FILE...
 *
 * --first: a program with a bug is run only until it fails, a twin K / 40
 * times. Exits with 1 when a twin failed or a program with a bug did not.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lua/program.h"
#include "vm/base/buf.h"

#define SHRINK_RUNS 2000

struct program {
    const char *path;
    struct akt_buf text;
};

static struct akt_sim_plan plan = {.late_ms = 10};
static uint64_t from_seed = 1, runs = 1000;
static bool first_only;

static double seconds(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static bool fails(const struct program *p, uint64_t seed,
                  const struct akt_sim_plan *with)
{
    struct akt_program program = {.config = {.simulated = true,
                                             .seed = seed,
                                             .plan = *with,
                                             .max_turns = 100000},
                                  .path = p->path,
                                  .text = p->text.data,
                                  .len = p->text.len,
                                  .log_level = AKT_LOG_ERROR,
                                  .admin = "off"};
    return akt_program_run(&program) != 0;
}

struct again {
    const struct program *p;
    uint64_t seed;
};

static bool fails_again(const struct akt_switches *s, struct akt_switches *made,
                        void *ctx)
{
    const struct again *again = ctx;
    struct akt_sim_plan with = plan;
    with.replay = s;
    with.record = made;
    return fails(again->p, again->seed, &with);
}

static void shrink(const struct program *p, uint64_t seed)
{
    struct akt_switches s = {0};
    struct akt_buf text = AKT_BUF_INIT;
    struct akt_sim_plan with = plan;
    struct again again = {p, seed};
    double began = seconds();
    with.record = &s;
    (void)fails(p, seed, &with);
    uint32_t before = s.len;
    akt_sim_shrink(&s, SHRINK_RUNS, fails_again, &again);
    akt_switches_show(&s, &text);
    akt_buf_putc(&text, 0);
    printf(", seed %" PRIu64 ": %u switches, then %u in %.2f s [%s]", seed,
           before, s.len, seconds() - began, text.data);
    akt_buf_fini(&text);
    akt_switches_fini(&s);
}

/* PCT wants to know how long a run is. */
static void measure(const struct program *p)
{
    struct akt_switches s = {0};
    struct akt_sim_plan with = {.explore = AKT_EXPLORE_PLAIN, .record = &s};
    (void)fails(p, from_seed, &with);
    plan.length = (uint32_t)s.steps;
    akt_switches_fini(&s);
}

/* True: as it should be. */
static bool explore(const struct program *p)
{
    bool is_fixed = strstr(p->path, "_fixed.lua") != NULL;
    uint64_t failed = 0, first = 0, n = 0;
    measure(p);
    double began = seconds();
    uint64_t most = first_only && is_fixed ? runs / 40 : runs;
    while (n < most && !(first_only && failed)) {
        uint64_t seed = from_seed + n++;
        if (fails(p, seed, &plan)) {
            first = failed ? first : seed;
            failed++;
        }
    }
    printf("%s: %" PRIu64 " of %" PRIu64 " failed in %.2f s", p->path, failed,
           n, seconds() - began);
    if (failed)
        shrink(p, first);
    printf("%s\n", (failed > 0) == is_fixed ? "  <-- WRONG" : "");
    fflush(stdout);
    return (failed > 0) != is_fixed;
}

static bool read_program(struct program *p)
{
    FILE *f = fopen(p->path, "rb");
    if (!f)
        return false;
    size_t n;
    do {
        n = fread(akt_buf_reserve(&p->text, 4096), 1, 4096, f);
        p->text.len += n;
    } while (n > 0);
    fclose(f);
    return true;
}

/* Options with a value; false: none of them. */
static bool take_option(const char *name, const char *value)
{
    uint64_t n = strtoull(value, NULL, 10);
    if (strcmp(name, "--strategy") == 0)
        plan.explore =
            strcmp(value, "pct") == 0 ? AKT_EXPLORE_PCT : AKT_EXPLORE_RANDOM;
    else if (strcmp(name, "--depth") == 0)
        plan.depth = (uint32_t)n;
    else if (strcmp(name, "--late") == 0)
        plan.late_ms = (uint32_t)n;
    else if (strcmp(name, "--runs") == 0)
        runs = n;
    else if (strcmp(name, "--from") == 0)
        from_seed = n;
    else
        return false;
    return true;
}

int main(int argc, char **argv)
{
    bool ok = true;
    int null = open("/dev/null", O_WRONLY);
    if (!getenv("EXPLORE_STDERR"))
        dup2(null, STDERR_FILENO);
    for (int i = 1; i < argc; i++) {
        struct program p = {.path = argv[i]};
        if (strcmp(argv[i], "--first") == 0) {
            first_only = true;
        } else if (i + 1 < argc && take_option(argv[i], argv[i + 1])) {
            i++;
        } else {
            bool good = read_program(&p) && explore(&p);
            ok = ok && good;
            akt_buf_fini(&p.text);
        }
    }
    return ok ? 0 : 1;
}
