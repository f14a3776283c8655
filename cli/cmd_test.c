/* SPDX-License-Identifier: MIT
 *
 * cli/cmd_test.c: `aktvm test`: its options, and what it ends with.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/test.h"
#include "lua/cover.h"
#include "vm/base/alloc.h"
#include "vm/job.h"
#include "vm/sched.h"

static int complain(const char *fmt, const char *what)
{
    fputs("aktvm test: ", stderr);
    fprintf(stderr, fmt, what);
    fputs("\ntry 'aktvm test --help'\n", stderr);
    return CLI_USAGE;
}

static bool set_number(const char *value, uint64_t min, uint64_t max,
                       uint64_t *out)
{
    char *end;
    errno = 0;
    *out = strtoull(value, &end, 10);
    return !errno && value[0] >= '0' && value[0] <= '9' && !*end &&
           *out >= min && *out <= max;
}

static bool set_small(const char *value, uint64_t max, uint32_t *out)
{
    uint64_t n;
    if (!set_number(value, 1, max, &n))
        return false;
    *out = (uint32_t)n;
    return true;
}

static bool set_timeout(const char *value, uint32_t *ms)
{
    uint64_t n;
    if (!cli_seconds(value, &n) || n > 1000000000)
        return false;
    *ms = (uint32_t)n;
    return true;
}

/* Which runs. As set_option. */
static int set_runs(struct cli_test_options *o, const char *name,
                    const char *value)
{
    if (strcmp(name, "--seed") == 0) {
        o->has_seed = true;
        return set_number(value, 0, UINT64_MAX, &o->seed) ? 1 : -1;
    }
    if (strcmp(name, "--runs") == 0) {
        o->has_runs = true;
        return set_small(value, AKT_TRIAL_RUNS_MAX, &o->runs) ? 1 : -1;
    }
    o->has_strategy = o->has_strategy || strcmp(name, "--strategy") == 0;
    return cli_plan_option(&o->plan, name, value);
}

/* 1: taken, 0: there is none of this name, -1: its value is wrong. */
static int set_option(struct cli_test_options *o, const char *name,
                      const char *value)
{
    bool ok = true;
    int taken = set_runs(o, name, value);
    if (taken)
        return taken;
    if (strcmp(name, "--workers") == 0)
        ok = set_small(value, AKT_WORKERS_MAX, &o->workers);
    else if (strcmp(name, "--turns") == 0)
        ok = set_number(value, 1, UINT64_MAX, &o->max_turns);
    else if (strcmp(name, "--timeout") == 0)
        ok = set_timeout(value, &o->max_ms);
    else if (strcmp(name, "--log-level") == 0)
        ok = akt_log_level_find(value, &o->log_level);
    else if (strcmp(name, "--filter") == 0)
        o->filter = value;
    else if (strcmp(name, "--coverage") == 0)
        ok = *(o->coverage = value) != 0;
    else if (strcmp(name, "--junit") == 0)
        ok = *(o->junit = value) != 0;
    else
        return 0;
    return ok ? 1 : -1;
}

static bool set_switch(struct cli_test_options *o, const char *name)
{
    if (strcmp(name, "--real") == 0)
        o->real = true;
    else if (strcmp(name, "--no-shrink") == 0)
        o->no_shrink = true;
    else if (strcmp(name, "--verbose") == 0 || strcmp(name, "-v") == 0)
        o->verbose = true;
    else
        return false;
    return true;
}

/* `--name value` or `--name=value`. */
static int take_option(struct cli_test_options *o, int *i, int argc,
                       char **argv)
{
    char name[32];
    const char *arg = argv[*i];
    size_t n = strcspn(arg, "=");
    if (set_switch(o, arg))
        return CLI_OK;
    snprintf(name, sizeof name, "%.*s", (int)n, arg);
    const char *value = arg[n]          ? arg + n + 1
                        : *i + 1 < argc ? argv[*i + 1]
                                        : "";
    int taken = set_option(o, name, value);
    if (taken == 0)
        return complain("unknown option %s", arg);
    if (taken < 0 || (!arg[n] && *i + 1 == argc))
        return complain("the value of %s is wrong or missing", name);
    *i += !arg[n];
    return CLI_OK;
}

static int take_path(struct cli_test_options *o, const char *path)
{
    if (o->paths_len == CLI_TEST_PATHS)
        return complain("too many paths: %s", path);
    o->paths[o->paths_len++] = path;
    return CLI_OK;
}

/* What cannot be together. */
static int check_options(struct cli_test_options *o)
{
    bool planned = o->has_strategy || o->plan.depth || o->plan.late_ms;
    if (o->coverage && o->real)
        return complain("--coverage is for the simulated world%s", "");
    if (o->real && (planned || o->plan.replay))
        return complain("--%s is for the simulated world",
                        o->plan.replay    ? "switches"
                        : o->has_strategy ? "strategy"
                        : o->plan.depth   ? "depth"
                                          : "late");
    if (o->plan.replay && (o->has_strategy || o->plan.depth))
        return complain("--switches says who runs: no %s",
                        o->has_strategy ? "--strategy" : "--depth");
    if (o->plan.replay && o->runs > 1)
        return complain("--switches are of one run: no --runs%s", "");
    if (o->plan.replay)
        o->has_runs = true;
    return CLI_OK;
}

static int take_options(struct cli_test_options *o, int argc, char **argv)
{
    int code = CLI_OK;
    o->seed = 1;
    o->runs = 1;
    o->log_level = AKT_LOG_INFO;
    o->workers = (uint32_t)uv_available_parallelism();
    for (int i = 0; i < argc && code == CLI_OK; i++)
        code = argv[i][0] == '-' && argv[i][1] ? take_option(o, &i, argc, argv)
                                               : take_path(o, argv[i]);
    if (code == CLI_OK)
        code = check_options(o);
    if (code == CLI_OK && o->paths_len == 0)
        code = take_path(o, ".");
    return code;
}

static int find(struct cli_tests *t, const struct cli_test_options *o)
{
    for (int i = 0; i < o->paths_len; i++)
        if (!cli_tests_find(t, o->paths[i]))
            return CLI_USAGE;
    return CLI_OK;
}

/* What tests read from stdin is nothing, and a pipe that nobody reads is an
 * error in the test that writes to it. */
static void set_up(void)
{
    setenv("UV_THREADPOOL_SIZE", AKT_JOB_THREADS, 0);
    signal(SIGPIPE, SIG_IGN);
    if (!freopen("/dev/null", "r", stdin))
        clearerr(stdin);
    akt_log_set_format(AKT_LOG_TEXT, false);
}

static int cannot_write(const char *path)
{
    fprintf(stderr, "aktvm test: cannot write %s: %s\n", path, strerror(errno));
    return CLI_USAGE;
}

static int conclude(struct cli_tests *t, const struct cli_test_options *o)
{
    if (t->len == 0)
        fprintf(stderr, "aktvm test: no tests found in %s%s\n", o->paths[0],
                o->filter ? " that match the filter" : "");
    if (o->junit && !cli_tests_junit(t, o->junit))
        return cannot_write(o->junit);
    if (o->coverage && !cli_tests_coverage(t, o))
        return cannot_write(o->coverage);
    printf("%zu passed, %zu failed\n", t->passed, t->failed);
    if (fflush(stdout) != 0)
        return CLI_FAILED;
    return t->failed || t->len == 0 ? CLI_FAILED : CLI_OK;
}

int cli_cmd_test(const struct cli_command *self, int argc, char **argv)
{
    struct cli_test_options o = {0};
    struct cli_tests t = {0};
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            printf("usage: aktvm %s %s\n\n%s\n\n%s", self->name, self->args,
                   self->summary, self->help);
            return CLI_OK;
        }
    }
    int code = take_options(&o, argc, argv);
    if (code != CLI_OK)
        return code;
    set_up();
    code = find(&t, &o);
    if (code == CLI_OK) {
        o.cover = o.coverage ? akt_cover_create() : NULL;
        cli_tests_run(&t, &o);
        code = conclude(&t, &o);
        akt_cover_destroy(o.cover);
    }
    if (t.unfinished)
        _exit(code);
    cli_tests_fini(&t);
    return code;
}
