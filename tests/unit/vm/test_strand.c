/* SPDX-License-Identifier: MIT
 *
 * Several handlers and tasks of one actor (vm/strand.h).
 */
#include "tests/unit/vm/play.h"
#include "vm/strand.h"

/* A worker's message: its number, how long it waits, and what it does then. */
struct job {
    char tag[4];
    int n;
    int ms;
    enum akt_c_result then;
    int tasks; /* started before it waits; each waits one ms more */
};

static akt_pid worker;
static struct akt_reentrant set_to;

/* The number of a strand's wait is in its message. */
static enum akt_c_result wait_for(struct akt_isolate *iso,
                                  struct akt_actor *self, uint64_t ms)
{
    struct akt_pending *p = akt_pending_open(
        iso, self, AKT_P_CALL, akt_node_now(iso->node) + ms * PLAY_MS);
    akt_await(self, p);
    self->current->trace = p->id;
    return AKT_C_WAIT;
}

static void start_tasks(struct akt_isolate *iso, struct akt_actor *self,
                        const struct job *job)
{
    for (int i = 1; i <= job->tasks; i++) {
        struct job task = {"tsk", 10 * job->n + i, job->ms + i, AKT_C_DONE, 0};
        struct akt_msg *m = akt_msg_new(AKT_MSG_TASK, sizeof task);
        memcpy(m->body, &task, sizeof task);
        ck_assert(akt_strand_add_task(iso, self, m));
    }
}

static enum akt_c_result run(struct akt_isolate *iso, struct akt_actor *self,
                             struct akt_msg *m)
{
    struct job job;
    memcpy(&job, m->body, sizeof job);
    if (strcmp(job.tag, "set") == 0)
        akt_strand_set_policy(self, &set_to);
    else
        play_note("%d<", job.n);
    start_tasks(iso, self, &job);
    return job.ms ? wait_for(iso, self, (uint64_t)job.ms) : job.then;
}

static enum akt_c_result go_on(struct akt_isolate *iso, struct akt_actor *self)
{
    struct job job;
    struct akt_pending *p = akt_pending_find(iso, self->current->trace);
    memcpy(&job, self->current->body, sizeof job);
    ck_assert(p && p->done);
    ck_assert(akt_strand_is_task(self) == (job.tag[0] == 't'));
    akt_pending_close(iso, p);
    if (job.then == AKT_C_FAIL)
        play_note("%d!", job.n);
    else
        play_note("%d>", job.n);
    return job.then;
}

static void hook(struct akt_isolate *iso, struct akt_actor *self,
                 enum akt_turn_kind kind, struct akt_reason *reason)
{
    (void)iso, (void)self, (void)reason;
    play_note(kind == AKT_TURN_TERMINATE ? "terminate" : "restart");
}

static const struct akt_c_behaviour behaviour = {
    .message = run, .resume = go_on, .task = run, .hook = hook};

#define KIND(mode, most, list)                                           \
    {                                                                    \
        .name = "worker", .host = &akt_c_host,                           \
        .hooks = AKT_HOOK_TERMINATE | AKT_HOOK_PRE_RESTART,              \
        .mailbox = {AKT_MAILBOX_MAX, AKT_MAILBOX_MAX_KB, AKT_FULL_WAIT}, \
        .supervise = AKT_SUPERVISE_DEFAULT,                              \
        .data = (void *)(uintptr_t)&behaviour, .reentrant = {            \
            mode,                                                        \
            most,                                                        \
            list                                                         \
        }                                                                \
    }

static struct akt_tags *aaa_and_b(void)
{
    static _Alignas(struct akt_tags) char space[32];
    struct akt_tags *tags = (struct akt_tags *)(void *)space;
    uint16_t len = 3;
    memcpy(tags->bytes, &len, 2);
    memcpy(tags->bytes + 2, "aaa", 3);
    len = 1;
    memcpy(tags->bytes + 5, &len, 2);
    memcpy(tags->bytes + 7, "b", 1);
    tags->size = 8;
    return tags;
}

static struct akt_kind none = KIND(AKT_RE_NONE, 0, NULL);
static struct akt_kind all = KIND(AKT_RE_ALL, 0, NULL);
static struct akt_kind two = KIND(AKT_RE_ALL, 2, NULL);
static struct akt_kind listed = KIND(AKT_RE_TAGS, 0, NULL);

static void start(struct akt_isolate *iso, struct akt_actor *self,
                  const struct akt_kind *kind, enum akt_restart restart)
{
    struct akt_msg *args = akt_msg_new(AKT_MSG_START, 0);
    struct akt_spec *spec = akt_spec_new();
    spec->restart = restart;
    struct akt_spawn req = {.kind = kind, .args = args, .spec = spec};
    args->sender = self->self;
    ck_assert_int_eq(akt_spawn(iso, self, &req, &worker), AKT_OK);
}

static void give(struct akt_isolate *iso, struct akt_actor *self,
                 struct job job)
{
    struct akt_msg *m = akt_msg_new(AKT_MSG_USER, sizeof job);
    memcpy(m->body, &job, sizeof job);
    m->sender = self->self;
    m->target = worker;
    akt_post(iso->node, iso, m);
}

/* ---- which messages start ---- */

static const struct akt_kind *of_kind;

static int three_jobs(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    if (n)
        return -1;
    start(iso, self, of_kind, AKT_TEMPORARY);
    give(iso, self, (struct job){"xyz", 1, 30, AKT_C_DONE, 0});
    give(iso, self, (struct job){"xyz", 2, 20, AKT_C_DONE, 0});
    give(iso, self, (struct job){"aaa", 3, 5, AKT_C_DONE, 0});
    give(iso, self, (struct job){"b", 4, 15, AKT_C_DONE, 0});
    return 1000;
}

START_TEST(one_at_a_time)
{
    of_kind = &none;
    play_expect(three_jobs, "1< 1> 2< 2> 3< 3> 4< 4> terminate");
}
END_TEST

START_TEST(all_at_once)
{
    of_kind = &all;
    play_expect(three_jobs, "1< 2< 3< 4< 3> 4> 2> 1> terminate");
}
END_TEST

START_TEST(two_at_once)
{
    of_kind = &two;
    play_expect(three_jobs, "1< 2< 2> 3< 3> 4< 1> 4> terminate");
}
END_TEST

START_TEST(listed_ones)
{
    listed.reentrant.tags = aaa_and_b();
    of_kind = &listed;
    play_expect(three_jobs, "1< 3< 4< 3> 4> 1> 2< 2> terminate");
}
END_TEST

/* ---- switching ---- */

static int switched(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    if (n)
        return -1;
    set_to = (struct akt_reentrant){AKT_RE_ALL, 10, NULL};
    start(iso, self, &none, AKT_TEMPORARY);
    give(iso, self, (struct job){"set", 1, 10, AKT_C_DONE, 0});
    give(iso, self, (struct job){"xyz", 2, 20, AKT_C_DONE, 0});
    give(iso, self, (struct job){"xyz", 3, 10, AKT_C_DONE, 0});
    return 1000;
}

START_TEST(in_progress_keep_their_mode)
{
    play_expect(switched, "1> 2< 3< 3> 2> terminate");
}
END_TEST

/* ---- ends ---- */

static int one_fails(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    if (n)
        return -1;
    start(iso, self, &all, AKT_PERMANENT);
    give(iso, self, (struct job){"xyz", 1, 30, AKT_C_DONE, 0});
    give(iso, self, (struct job){"xyz", 2, 10, AKT_C_FAIL, 0});
    return 1000;
}

START_TEST(a_crash_drops_the_others)
{
    play_expect(one_fails, "1< 2< 2! restart terminate");
}
END_TEST

static int stopped(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    switch (n) {
    case 0:
        start(iso, self, &all, AKT_TEMPORARY);
        give(iso, self, (struct job){"xyz", 1, 30, AKT_C_DONE, 0});
        give(iso, self, (struct job){"xyz", 2, 10, AKT_C_DONE, 0});
        return 5;
    case 1:
        akt_stop(iso, self->self, worker, akt_reason_of(AKT_NORMAL));
        give(iso, self, (struct job){"xyz", 3, 10, AKT_C_DONE, 0});
        return 1000;
    default:
        return -1;
    }
}

START_TEST(a_stop_waits_for_all)
{
    play_expect(stopped, "1< 2< 2> 1> terminate");
}
END_TEST

static int stopped_tasks(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    switch (n) {
    case 0:
        start(iso, self, &none, AKT_TEMPORARY);
        give(iso, self, (struct job){"xyz", 1, 10, AKT_C_DONE, 1});
        give(iso, self, (struct job){"xyz", 2, 20, AKT_C_DONE, 1});
        return 15; /* 11 has ended; 2 waits */
    case 1:
        akt_stop(iso, self->self, worker, akt_reason_of(AKT_NORMAL));
        return 1000;
    default:
        return -1;
    }
}

START_TEST(a_stop_drops_tasks)
{
    play_expect(stopped_tasks, "1< 11< 1> 2< 21< 11> 2> terminate");
}
END_TEST

static int killed(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    switch (n) {
    case 0:
        start(iso, self, &all, AKT_TEMPORARY);
        give(iso, self, (struct job){"xyz", 1, 50, AKT_C_DONE, 1});
        give(iso, self, (struct job){"xyz", 2, 50, AKT_C_DONE, 0});
        return 5;
    case 1:
        akt_kill(iso, self->self, worker);
        return 1000;
    default:
        return -1;
    }
}

START_TEST(a_kill_drops_all)
{
    for (uint64_t seed = 1; seed <= PLAY_SEEDS; seed++) {
        struct play_outcome out = play(killed, seed);
        ck_assert_uint_eq(out.stats.tasks_dropped, 1);
        ck_assert(!strstr(play_log, ">"));
    }
}
END_TEST

/* ---- the program ends in the middle: all is freed ---- */

static int cut_off(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    if (n)
        return -1;
    start(iso, self, &all, AKT_TEMPORARY);
    give(iso, self, (struct job){"xyz", 1, 60000, AKT_C_DONE, 3});
    give(iso, self, (struct job){"xyz", 2, 60000, AKT_C_DONE, 0});
    return 5;
}

START_TEST(nothing_is_left)
{
    for (uint64_t seed = 1; seed <= PLAY_SEEDS; seed++)
        play(cut_off, seed);
}
END_TEST

CHECK_MAIN("strand", one_at_a_time, all_at_once, two_at_once, listed_ones,
           in_progress_keep_their_mode, a_crash_drops_the_others,
           a_stop_waits_for_all, a_stop_drops_tasks, a_kill_drops_all,
           nothing_is_left)
