/* SPDX-License-Identifier: MIT
 *
 * cli/test.h: `aktvm test`: which files hold tests, running them on several
 * threads, and telling what came of them.
 *
 * Invariants
 *   X1  What is told does not depend on which thread was faster: tests are
 *       told in the order of files and of lines, and of the seeds with which
 *       a test fails the first one is told.
 *
 * Threads: cli_tests_run starts its own; all else is [start].
 */
#ifndef AKT_CLI_TEST_H
#define AKT_CLI_TEST_H

#include <stdio.h>

#include "cli/command.h"
#include "lua/trial.h"

#define CLI_TEST_PATHS 64 /* of one command line */

struct cli_test_options {
    const char *paths[CLI_TEST_PATHS];
    int paths_len;
    const char *filter;      /* part of a name, or a whole one; NULL: all */
    const char *junit;       /* a file to write; NULL: none */
    const char *coverage;    /* likewise */
    struct akt_cover *cover; /* NULL: none */
    uint64_t seed;
    uint32_t runs; /* seeds for each test */
    struct akt_sim_plan plan;
    bool has_seed, has_runs, has_strategy; /* given, so that no test has its
                                            * own */
    uint32_t workers;
    uint64_t max_turns; /* of one run; 0: the default */
    uint32_t max_ms;    /* likewise */
    enum akt_log_level log_level;
    bool real, verbose, no_shrink;
};

/* What came of making a failing schedule smaller. */
struct cli_shrunk {
    bool done;                /* what is told is the smaller run */
    bool unsteady;            /* with the same seed it did not fail again */
    uint32_t before, runs;    /* switches of the run that failed; tries */
    struct akt_switches left; /* its switches */
};

struct cli_test_file {
    char *path;
    char *text;
    size_t len;
    struct akt_trial_result found; /* the names of its tests */
};

struct cli_test {
    struct cli_test_file *file;
    char *name;    /* NULL: the file itself, which could not be run */
    bool explored; /* t.explore */
    uint64_t seed; /* the first one */
    uint32_t runs;
    struct akt_sim_plan plan;
    uint32_t next;    /* run; under the lock of the run, as what follows */
    uint32_t running; /* runs in progress */
    uint32_t failed;  /* the first run that failed; UINT32_MAX: none */
    uint64_t wall_us; /* of all runs */
    uint64_t turns;
    struct akt_trial_result result; /* of the failed run */
    struct cli_shrunk shrunk;
};

struct cli_tests {
    struct cli_test_file *files;
    size_t files_len;
    struct cli_test *list;
    size_t len, cap;
    size_t passed, failed;
    bool unfinished; /* lua/trial.h, of some result */
};

/* Adds the files below path; false: it cannot be read, and was said. */
bool cli_tests_find(struct cli_tests *t, const char *path);
/* Fills t->list and runs it. */
void cli_tests_run(struct cli_tests *t, const struct cli_test_options *o);
void cli_tests_fini(struct cli_tests *t);

/* cli/test_shrink.c: [any] the trial has failed with this result. If it fails
 * in the same way with fewer switches, that becomes the result. */
void cli_test_shrink(const struct akt_trial *trial,
                     struct akt_trial_result *result, struct cli_shrunk *out);

/* cli/test_tell.c */
void cli_test_tell(const struct cli_test *test,
                   const struct cli_test_options *o, FILE *out);
/* False: it could not be written, errno says why. */
bool cli_tests_junit(const struct cli_tests *t, const char *path);
bool cli_tests_coverage(struct cli_tests *t, const struct cli_test_options *o);

#endif
