/* SPDX-License-Identifier: MIT
 *
 * cli/test_run.c: the threads that run trials.
 *
 * They take runs in order, under one lock: the next seed of the first test
 * that needs one. When a seed has failed, later ones of its test are not
 * begun; earlier ones are all under way or done, so the first failure is the
 * same whatever the timing. The main thread watches for a run that has come
 * to its limits and cannot be ended, because it sits in a C function.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/test.h"
#include "vm/base/alloc.h"

#define OVERDUE_MS 60000 /* over its limit, until the program gives up */
#define BLOCKED_MS 60000 /* in which a simulated test used no processor */
#define THREADS_MAX 256
#define EXPLORE_REAL 10 /* runs of a t.explore with --real */

struct slot {
    struct run *run;
    /* under the lock */
    pthread_t thread;
    const struct cli_test_file *file; /* NULL: idle */
    const char *name;
    uint64_t seed, since_ns;
    uint64_t since_cpu_ns, cpu_ns; /* of its thread: then, and at last look */
    uint64_t moved_ns;             /* when it was seen to use some */
};

struct run {
    struct cli_tests *tests;
    const struct cli_test_options *o;
    pthread_mutex_t lock;
    pthread_cond_t changed; /* a thread has ended */
    struct slot slots[THREADS_MAX];
    uint32_t slots_len, busy;
    void (*work)(struct slot *s);
    size_t next; /* file or test */
    size_t told;
};

static uint64_t now_ns(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static uint64_t cpu_ns(const struct slot *s)
{
    clockid_t clock;
    struct timespec ts = {0};
    if (pthread_getcpuclockid(s->thread, &clock) == 0)
        clock_gettime(clock, &ts);
    return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static struct akt_trial trial_of(const struct run *r,
                                 const struct cli_test_file *file)
{
    struct akt_trial trial = {
        .path = file->path,
        .text = file->text,
        .len = file->len,
        .seed = r->o->seed,
        .max_turns = r->o->max_turns,
        .max_ms = r->o->max_ms,
        .log_level = r->o->log_level,
    };
    return trial;
}

/* Under the lock. */
static void begin(struct slot *s, const struct cli_test_file *file,
                  const struct akt_trial *trial)
{
    s->file = file;
    s->name = trial->test;
    s->seed = trial->seed;
    s->since_ns = s->moved_ns = now_ns();
    s->since_cpu_ns = s->cpu_ns = cpu_ns(s);
}

/* ---- the names of the tests ---- */

/* How often, and with what: as the command line says, else as the test does. */
static void plan_runs(struct cli_test *test, const struct akt_trial_wish *wish,
                      const struct cli_test_options *o)
{
    uint32_t runs = wish->runs ? wish->runs : 1;
    if (o->real && runs > EXPLORE_REAL)
        runs = EXPLORE_REAL;
    test->explored = wish->runs > 0;
    test->runs = o->has_runs ? o->runs : runs;
    test->seed = wish->has_seed && !o->has_seed ? wish->seed : o->seed;
    test->plan = wish->plan;
    test->plan.replay = o->plan.replay;
    if (o->has_strategy) {
        test->plan.explore = o->plan.explore;
        test->plan.depth = 0;
    }
    if (o->plan.depth)
        test->plan.depth = o->plan.depth;
    if (o->plan.late_ms)
        test->plan.late_ms = o->plan.late_ms;
}

static struct cli_test *add_test(struct cli_tests *t,
                                 struct cli_test_file *file, const char *name)
{
    if (t->len == t->cap) {
        size_t cap = t->cap ? t->cap * 2 : 64;
        t->list = akt_resize(t->list, t->cap * sizeof *t->list,
                             cap * sizeof *t->list);
        t->cap = cap;
    }
    struct cli_test *test = &t->list[t->len++];
    *test = (struct cli_test){.file = file,
                              .name = name ? akt_strdup(name) : NULL,
                              .failed = UINT32_MAX};
    return test;
}

static void list_files(struct slot *s)
{
    struct run *r = s->run;
    while (r->next < r->tests->files_len) {
        struct cli_test_file *file = &r->tests->files[r->next++];
        struct akt_trial trial = trial_of(r, file);
        begin(s, file, &trial);
        pthread_mutex_unlock(&r->lock);
        akt_trial_run(&trial, &file->found);
        pthread_mutex_lock(&r->lock);
        s->file = NULL;
    }
}

static void take_names(struct cli_tests *t, struct cli_test_file *file,
                       const struct cli_test_options *o)
{
    struct akt_trial_result *found = &file->found;
    if (!found->passed) { /* the file is its only test */
        struct cli_test *test = add_test(t, file, NULL);
        test->runs = o->runs;
        test->seed = o->seed;
        test->failed = 0;
        test->result = *found;
        return;
    }
    const char *end = found->names.data + found->names.len;
    const char *wishes = found->wishes.data;
    for (const char *p = found->names.data; p < end; p += strlen(p) + 1) {
        struct akt_trial_wish wish;
        memcpy(&wish, wishes, sizeof wish);
        wishes += sizeof wish;
        plan_runs(add_test(t, file, p), &wish, o);
    }
    akt_trial_result_fini(found);
}

/* A filter is a part of names, unless some test has just this one. What could
 * not be run is kept whatever its name. */
static void filter(struct cli_tests *t, const char *part)
{
    size_t kept = 0;
    bool exact = false;
    for (size_t i = 0; part && i < t->len; i++)
        exact |= t->list[i].name && strcmp(t->list[i].name, part) == 0;
    for (size_t i = 0; part && i < t->len; i++) {
        struct cli_test *test = &t->list[i];
        if (!test->name || (exact ? strcmp(test->name, part) == 0
                                  : strstr(test->name, part) != NULL))
            t->list[kept++] = *test;
        else
            akt_strfree(test->name);
    }
    if (part)
        t->len = kept;
}

/* ---- runs ---- */

static bool is_over(const struct cli_test *test)
{
    return test->next >= test->runs || test->next > test->failed;
}

/* Under the lock: tells those that are done, in order. */
static void tell(struct run *r)
{
    struct cli_tests *t = r->tests;
    for (; r->told < t->len; r->told++) {
        struct cli_test *test = &t->list[r->told];
        bool failed = test->failed != UINT32_MAX;
        if ((test->name && !is_over(test)) || test->running)
            return;
        t->failed += failed;
        t->passed += !failed;
        cli_test_tell(test, r->o, stdout);
    }
}

/* Under the lock: one run is done; takes what result holds. */
static void finish(struct cli_test *test, uint32_t number,
                   struct akt_trial_result *result)
{
    test->running--;
    test->turns += result->turns;
    if (result->passed || number >= test->failed) {
        akt_trial_result_fini(result);
        return;
    }
    if (test->failed != UINT32_MAX)
        akt_trial_result_fini(&test->result);
    test->failed = number;
    test->result = *result;
}

static struct akt_trial
trial_number(const struct run *r, const struct cli_test *test, uint32_t number)
{
    struct akt_trial trial = trial_of(r, test->file);
    trial.test = test->name;
    trial.seed = test->seed + number;
    trial.plan = test->plan;
    trial.real = r->o->real;
    trial.workers = trial.real ? r->o->workers : 1;
    return trial;
}

/* Under the lock, when all runs of a test are over: makes the failure smaller.
 * Once, by the thread that had the last run. */
static void shrink(struct slot *s, struct cli_test *test)
{
    struct run *r = s->run;
    if (test->failed == UINT32_MAX || test->running || r->o->no_shrink ||
        r->o->real || test->plan.replay)
        return;
    struct akt_trial trial = trial_number(r, test, test->failed);
    test->running++; /* it is not told yet */
    begin(s, test->file, &trial);
    pthread_mutex_unlock(&r->lock);
    cli_test_shrink(&trial, &test->result, &test->shrunk);
    pthread_mutex_lock(&r->lock);
    s->file = NULL;
    test->running--;
}

static void run_one(struct slot *s, struct cli_test *test)
{
    struct run *r = s->run;
    struct akt_marks marks = {0};
    struct akt_trial_result result;
    uint32_t number = test->next++;
    struct akt_trial trial = trial_number(r, test, number);
    test->running++;
    trial.cover = r->o->cover;
    trial.plan.marks = test->plan.replay ? &marks : NULL;
    begin(s, test->file, &trial);
    uint64_t since_ns = s->since_ns;
    pthread_mutex_unlock(&r->lock);
    akt_trial_run(&trial, &result);
    uint64_t us = (now_ns() - since_ns) / 1000;
    pthread_mutex_lock(&r->lock);
    s->file = NULL;
    test->wall_us += us;
    r->tests->unfinished |= result.unfinished;
    finish(test, number, &result);
    if (is_over(test))
        shrink(s, test);
    tell(r);
}

static void run_tests(struct slot *s)
{
    struct run *r = s->run;
    while (r->next < r->tests->len) {
        struct cli_test *test = &r->tests->list[r->next];
        if (!test->name || is_over(test))
            r->next++;
        else
            run_one(s, test);
    }
    tell(r);
}

/* ---- a bug in aktvm ---- */

static struct run *watched; /* by the handler below */

static void put(const char *text)
{
    if (write(STDERR_FILENO, text, strlen(text)) < 0)
        return;
}

/* The process is about to die: which tests ran is said first. No lock can be
 * taken here; names are never freed while their test runs. */
static void on_fatal(int number)
{
    signal(number, SIG_DFL);
    for (uint32_t i = 0; watched && i < watched->slots_len; i++) {
        const struct cli_test_file *file = watched->slots[i].file;
        const char *name = watched->slots[i].name;
        if (!file)
            continue;
        put("aktvm test: bug in aktvm, or in a C module, while this ran: ");
        put(file->path);
        put(name ? ": " : "");
        put(name ? name : "");
        put("\n");
    }
    raise(number);
}

/* Sanitizers have handlers of their own. */
static void catch_fatal(struct run *r)
{
    static const int numbers[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    struct sigaction old, action = {.sa_handler = on_fatal};
    watched = r;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (sigaction(numbers[i], NULL, &old) == 0 && old.sa_handler == SIG_DFL)
            sigaction(numbers[i], &action, NULL);
}

/* ---- threads ---- */

static void *slot_main(void *arg)
{
    struct slot *s = arg;
    struct run *r = s->run;
    pthread_mutex_lock(&r->lock);
    s->thread = pthread_self(); /* under the lock, for the watcher */
    r->work(s);
    r->busy--;
    pthread_cond_signal(&r->changed);
    pthread_mutex_unlock(&r->lock);
    return NULL;
}

/* Nothing can end it: the program does. */
static void give_up(const struct slot *s)
{
    printf("FAIL %s: %s\n"
           "  --> it does not come back from a C function; seed %llu\n"
           "aktvm test: given up\n",
           s->file->path, s->name ? s->name : "(the file itself)",
           (unsigned long long)s->seed);
    fflush(stdout);
    _exit(CLI_FAILED);
}

/* A simulated test never sleeps: it is over its limit of processor time, or
 * sits in a C function that waits. */
static bool hangs(struct slot *s, const struct cli_test_options *o)
{
    uint64_t limit_ms = o->max_ms ? o->max_ms : AKT_TRIAL_MS;
    uint64_t now = now_ns(), cpu = cpu_ns(s);
    if (o->real)
        return (now - s->since_ns) / 1000000 > limit_ms + OVERDUE_MS;
    if (cpu != s->cpu_ns)
        s->moved_ns = now;
    s->cpu_ns = cpu;
    return (cpu - s->since_cpu_ns) / 1000000 > limit_ms + OVERDUE_MS ||
           (now - s->moved_ns) / 1000000 > BLOCKED_MS;
}

/* Under the lock. */
static void watch(struct run *r)
{
    for (uint32_t i = 0; i < r->slots_len; i++)
        if (r->slots[i].file && hangs(&r->slots[i], r->o))
            give_up(&r->slots[i]);
}

static void in_threads(struct run *r, void (*work)(struct slot *s))
{
    r->work = work;
    r->next = 0;
    r->busy = r->slots_len;
    pthread_t threads[THREADS_MAX];
    for (uint32_t i = 0; i < r->slots_len; i++) {
        r->slots[i].run = r;
        pthread_create(&threads[i], NULL, slot_main, &r->slots[i]);
    }
    pthread_mutex_lock(&r->lock);
    while (r->busy) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec++;
        pthread_cond_timedwait(&r->changed, &r->lock, &until);
        watch(r);
    }
    pthread_mutex_unlock(&r->lock);
    for (uint32_t i = 0; i < r->slots_len; i++)
        pthread_join(threads[i], NULL);
}

void cli_tests_run(struct cli_tests *t, const struct cli_test_options *o)
{
    struct run *r = akt_calloc(sizeof *r);
    r->tests = t;
    r->o = o;
    r->slots_len = o->workers < THREADS_MAX ? o->workers : THREADS_MAX;
    pthread_mutex_init(&r->lock, NULL);
    pthread_cond_init(&r->changed, NULL);
    catch_fatal(r);
    in_threads(r, list_files);
    for (size_t i = 0; i < t->files_len; i++)
        take_names(t, &t->files[i], o);
    filter(t, o->filter);
    if (o->real) /* one node at a time: it has all the cores */
        r->slots_len = 1;
    in_threads(r, run_tests);
    watched = NULL;
    pthread_cond_destroy(&r->changed);
    pthread_mutex_destroy(&r->lock);
    akt_free(r, sizeof *r);
}
