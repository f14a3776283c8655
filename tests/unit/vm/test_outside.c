/* SPDX-License-Identifier: MIT
 *
 * Asks, starts and ends from a thread that runs no actors (vm/outside.h).
 */
#include <pthread.h>
#include <semaphore.h>
#include <string.h>

#include "tests/unit/check_main.h"
#include "vm/cactor.h"
#include "vm/outside.h"
#include "vm/send.h"

/* ---- an actor that answers with what it got, plus one; 0: never ---- */

static enum akt_c_result echo(struct akt_isolate *iso, struct akt_actor *self,
                              struct akt_msg *m)
{
    uint64_t n;
    memcpy(&n, m->body, sizeof n);
    if (!n) {
        m->ask = 0;
        return AKT_C_DONE;
    }
    struct akt_msg *reply = akt_msg_new(AKT_MSG_REPLY, sizeof n);
    n++;
    memcpy(reply->body, &n, sizeof n);
    akt_reply(iso, self->self, m, reply);
    return AKT_C_DONE;
}

static const struct akt_c_behaviour behaviour = {.message = echo};
static const struct akt_kind kind = {
    "echo",
    &akt_c_host,
    false,
    0,
    {4, 1, AKT_FULL_WAIT}, /* bounds are for scripts */
    AKT_SUPERVISE_DEFAULT,
    (void *)(uintptr_t)&behaviour};

/* ---- asking and waiting ---- */

struct answer {
    sem_t came;
    enum akt_code code;
    uint64_t n;
    int times;
};

static void on_done(void *ctx, enum akt_code code, struct akt_msg *reply)
{
    struct answer *a = ctx;
    a->code = code;
    a->times++;
    if (code == AKT_OK)
        memcpy(&a->n, reply->body, sizeof a->n);
    akt_msg_free(reply);
    sem_post(&a->came);
}

static struct answer *answer_new(void)
{
    struct answer *a = calloc(1, sizeof *a);
    sem_init(&a->came, 0, 0);
    return a;
}

static void ask(struct akt_node *node, akt_pid pid, uint64_t n,
                struct answer *a)
{
    struct akt_msg *m = akt_msg_new(AKT_MSG_USER, sizeof n);
    memcpy(m->body, &n, sizeof n);
    m->target = pid;
    akt_outside_ask(node, m, &(struct akt_outside_ask){60000, on_done, a});
}

static void wait_for(struct answer *a, enum akt_code code)
{
    sem_wait(&a->came);
    ck_assert_int_eq(a->code, code);
    ck_assert_int_eq(a->times, 1);
}

static uint64_t asked(struct akt_node *node, akt_pid pid, uint64_t n)
{
    struct answer *a = answer_new();
    ask(node, pid, n, a);
    wait_for(a, AKT_OK);
    uint64_t got = a->n;
    free(a);
    return got;
}

/* ---- a node with a thread beside it ---- */

struct beside {
    struct akt_node *node;
    akt_pid main;
    void (*run)(struct beside *b);
};

static void *beside_main(void *arg)
{
    struct beside *b = arg;
    b->run(b);
    akt_node_exit(b->node, 0);
    akt_node_release(b->node);
    akt_msg_pool_release();
    return NULL;
}

static void with_node(void (*run)(struct beside *b))
{
    struct akt_config config = {.workers = 2};
    struct beside b = {.node = akt_node_create(&config), .run = run};
    pthread_t thread;
    b.main = akt_node_main(b.node, &kind, NULL, akt_msg_new(AKT_MSG_START, 0));
    akt_node_hold(b.node);
    pthread_create(&thread, NULL, beside_main, &b);
    ck_assert_int_eq(akt_node_run(b.node), 0);
    pthread_join(thread, NULL);
    akt_node_destroy(b.node);
}

/* ---- tests ---- */

static void many(struct beside *b)
{
    for (uint64_t n = 1; n <= 20000; n++)
        ck_assert_uint_eq(asked(b->node, b->main, n), n + 1);
}

START_TEST(an_ask_is_answered)
{
    with_node(many);
}
END_TEST

static void *ask_beside(void *arg)
{
    many(arg);
    akt_msg_pool_release();
    return NULL;
}

static void from_four(struct beside *b)
{
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, ask_beside, b);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
}

START_TEST(many_threads_ask)
{
    with_node(from_four);
}
END_TEST

static void nobody_there(struct beside *b)
{
    struct answer *a = answer_new();
    ask(b->node, akt_pid_make(AKT_PID_NODE_SELF, 999, 7), 1, a);
    wait_for(a, AKT_NOPROC);
    free(a);
}

START_TEST(a_dead_pid_is_said)
{
    with_node(nobody_there);
}
END_TEST

static void guardian_refuses(struct beside *b)
{
    struct answer *a = answer_new();
    ask(b->node, b->node->system, 1, a);
    wait_for(a, AKT_UNKNOWN_MESSAGE);
    free(a);
}

START_TEST(an_error_comes_with_its_code)
{
    with_node(guardian_refuses);
}
END_TEST

static void too_late(struct beside *b)
{
    struct answer *a = answer_new();
    ask(b->node, b->main, 0, a);
    uint64_t now = akt_node_now(b->node);
    uint64_t next = akt_outside_expire(b->node, now);
    ck_assert_uint_gt(next, now);
    ck_assert_uint_eq(akt_outside_expire(b->node, next), 0);
    wait_for(a, AKT_TIMEOUT);
    ck_assert_uint_eq(akt_outside_expire(b->node, next), 0);
    free(a);
}

START_TEST(a_deadline_passes)
{
    with_node(too_late);
}
END_TEST

static struct answer *unanswered[AKT_OUTSIDE_MAX];

static void fill(struct beside *b)
{
    for (uint32_t i = 0; i < AKT_OUTSIDE_MAX; i++)
        ask(b->node, b->main, 0, unanswered[i] = answer_new());
    struct answer *a = answer_new();
    ask(b->node, b->main, 1, a);
    wait_for(a, AKT_LIMIT);
    free(a);
}

START_TEST(too_many_are_refused_and_the_end_answers_all)
{
    with_node(fill);
    for (uint32_t i = 0; i < AKT_OUTSIDE_MAX; i++) {
        /* when main ends before it has come to the message: noproc */
        sem_wait(&unanswered[i]->came);
        ck_assert_int_eq(unanswered[i]->times, 1);
        ck_assert(unanswered[i]->code == AKT_SHUTDOWN ||
                  unanswered[i]->code == AKT_NOPROC);
        free(unanswered[i]);
    }
}
END_TEST

START_TEST(a_node_that_never_ran_answers_when_it_is_destroyed)
{
    struct akt_node *node = akt_node_create(&(struct akt_config){.workers = 1});
    akt_pid pid =
        akt_node_main(node, &kind, NULL, akt_msg_new(AKT_MSG_START, 0));
    struct answer *a = answer_new();
    ask(node, pid, 1, a);
    akt_node_destroy(node);
    wait_for(a, AKT_SHUTDOWN);
    free(a);
}
END_TEST

static akt_pid start(struct beside *b, const char *name, enum akt_code want)
{
    struct akt_spawn req = {.kind = &kind,
                            .args = akt_msg_new(AKT_MSG_START, 0),
                            .spec = akt_spec_new(),
                            .name = name};
    akt_pid pid = AKT_PID_NONE;
    ck_assert_int_eq(akt_outside_spawn(b->node, &req, &pid), want);
    return pid;
}

/* It is told to, and does not answer; a moment later it is gone. */
static void until_gone(struct beside *b, akt_pid pid)
{
    struct answer *a = answer_new();
    while (akt_outside_kill(b->node, pid) != AKT_NOPROC)
        ;
    ask(b->node, pid, 1, a);
    wait_for(a, AKT_NOPROC);
    free(a);
}

static void starts_and_ends(struct beside *b)
{
    akt_pid one = start(b, "one", AKT_OK);
    start(b, "one", AKT_NAME_TAKEN);
    akt_pid two = start(b, NULL, AKT_OK);
    ck_assert_uint_eq(asked(b->node, one, 4), 5);
    ck_assert_uint_eq(asked(b->node, two, 6), 7);
    ck_assert_int_eq(akt_outside_stop(b->node, one, akt_reason_of(AKT_NORMAL)),
                     AKT_OK);
    until_gone(b, one);
    ck_assert_int_eq(akt_outside_kill(b->node, two), AKT_OK);
    until_gone(b, two);
    start(b, "one", AKT_OK); /* the name is free again */
    ck_assert_int_eq(akt_outside_kill(b->node, b->node->system), AKT_DENIED);
    ck_assert_int_eq(akt_outside_restart(b->node, b->main), AKT_DENIED);
    akt_node_exit(b->node, 0);
    start(b, NULL, AKT_DENIED);
}

START_TEST(actors_are_started_and_ended)
{
    with_node(starts_and_ends);
}
END_TEST

/* An actor of `/system` and an open ask do not keep the program alive. */
static void leave(struct beside *b)
{
    start(b, NULL, AKT_OK);
    ask(b->node, b->main, 0, unanswered[0] = answer_new());
}

static void *leave_main(void *arg)
{
    struct beside *b = arg;
    leave(b);
    akt_node_release(b->node);
    akt_msg_pool_release();
    return NULL;
}

START_TEST(the_program_ends_by_itself)
{
    struct akt_config config = {.workers = 2};
    struct beside b = {.node = akt_node_create(&config)};
    pthread_t thread;
    b.main = akt_node_main(b.node, &kind, NULL, akt_msg_new(AKT_MSG_START, 0));
    akt_node_hold(b.node);
    pthread_create(&thread, NULL, leave_main, &b);
    ck_assert_int_eq(akt_node_run(b.node), 0);
    pthread_join(thread, NULL);
    wait_for(unanswered[0], AKT_SHUTDOWN);
    free(unanswered[0]);
    akt_node_destroy(b.node);
}
END_TEST

CHECK_MAIN("outside", an_ask_is_answered, many_threads_ask, a_dead_pid_is_said,
           an_error_comes_with_its_code, a_deadline_passes,
           too_many_are_refused_and_the_end_answers_all,
           a_node_that_never_ran_answers_when_it_is_destroyed,
           actors_are_started_and_ended, the_program_ends_by_itself)
