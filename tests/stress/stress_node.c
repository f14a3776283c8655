/* SPDX-License-Identifier: MIT
 *
 * A node on real threads: actors spawn, send, ask, sleep, link, monitor, kill,
 * stop and crash at random, a bounded number of times. The node must end by
 * itself, in time, and then
 *
 *   - every message was handled or is a dead letter, once; both only if it was
 *     in progress when its actor fell;
 *   - every ask was answered, or its asker fell.
 */
#include <inttypes.h>
#include <string.h>

#include "tests/stress/stress.h"
#include "vm/base/alloc.h"
#include "vm/base/random.h"
#include "vm/cactor.h"
#include "vm/names.h"
#include "vm/node.h"
#include "vm/send.h"
#include "vm/spawn.h"

#define ACTORS 4096
#define MS 1000000ull

struct letter {
    uint32_t id;
    uint32_t hops;
};

struct state {
    bool asks, sleeps;
    uint64_t wait_id;
};

static uint32_t max_letters;
static _Atomic uint32_t letters, actors_made;
static _Atomic uint64_t pids[ACTORS];
static _Atomic uint8_t *handled, *dead;
static _Atomic uint32_t asks, answers, dropped, downs;
static _Thread_local struct akt_random rng;
static _Thread_local bool seeded;
static _Atomic uint64_t threads_seen;
static uint64_t round_now;

static uint32_t below(uint32_t n)
{
    if (!seeded) {
        akt_random_seed(&rng,
                        round_now * 100 + atomic_fetch_add(&threads_seen, 1));
        seeded = true;
    }
    return (uint32_t)akt_random_below(&rng, n);
}

static akt_pid anybody(void)
{
    uint32_t n = atomic_load(&actors_made);
    return (akt_pid){atomic_load(&pids[below(n < ACTORS ? n : ACTORS)])};
}

static struct akt_msg *letter(akt_pid from, akt_pid to, uint32_t hops)
{
    struct letter l = {atomic_fetch_add(&letters, 1), hops};
    if (l.id >= max_letters)
        return NULL;
    struct akt_msg *m = akt_msg_new(AKT_MSG_USER, sizeof l);
    memcpy(m->body, &l, sizeof l);
    m->sender = from;
    m->target = to;
    return m;
}

static void on_dead_letter(struct akt_node *node, const struct akt_msg *m,
                           enum akt_code why)
{
    (void)node;
    struct letter l;
    if (m->type != AKT_MSG_USER || m->size != sizeof l)
        return;
    memcpy(&l, m->body, sizeof l);
    STRESS_CHECK(atomic_fetch_add(&dead[l.id], 1) == 0);
    if (atomic_load(&handled[l.id]))
        STRESS_CHECK(why == AKT_CRASHED || why == AKT_STOPPED);
}

/* ---- actors ---- */

static const struct akt_kind kinds[];

static void spawn(struct akt_isolate *iso, struct akt_actor *self)
{
    uint32_t i = atomic_fetch_add(&actors_made, 1);
    struct akt_spec *spec = akt_spec_new();
    bool detached = below(10) == 0;
    /* `/user` escalates what fails too often, which would end the program */
    spec->restart = detached ? AKT_TEMPORARY : (enum akt_restart)below(3);
    spec->own_isolate = below(20) == 0;
    struct akt_spawn req = {.kind = &kinds[below(2)],
                            .args = akt_msg_new(AKT_MSG_START, 0),
                            .spec = spec,
                            .detached = detached,
                            .link = below(10) == 0,
                            .monitor = below(10) == 0};
    akt_pid pid = AKT_PID_NONE;
    enum akt_code code = akt_spawn(iso, self, &req, &pid);
    STRESS_CHECK(code == AKT_OK || code == AKT_DENIED);
    if (code == AKT_OK)
        atomic_store(&pids[i % ACTORS], pid.bits);
}

static struct akt_pending *wait(struct akt_isolate *iso, struct akt_actor *self,
                                uint64_t deadline_ns)
{
    struct state *s = self->host_data;
    struct akt_pending *p =
        akt_pending_open(iso, self, AKT_P_CALL, deadline_ns);
    p->awaited = true;
    s->wait_id = p->id;
    return p;
}

static enum akt_c_result ask(struct akt_isolate *iso, struct akt_actor *self,
                             uint32_t hops)
{
    struct state *s = self->host_data;
    akt_pid to = anybody();
    if (akt_pid_eq(to, self->self))
        return AKT_C_DONE;
    struct akt_msg *m = letter(self->self, to, hops);
    if (!m)
        return AKT_C_DONE;
    /* two that ask each other would wait for ever */
    m->ask = wait(iso, self, akt_node_now(iso->node) + 50 * MS)->id;
    s->asks = true;
    atomic_fetch_add(&asks, 1);
    akt_post(iso->node, iso, m);
    return AKT_C_WAIT;
}

static enum akt_c_result act(struct akt_isolate *iso, struct akt_actor *self,
                             uint32_t hops)
{
    struct state *s = self->host_data;
    struct akt_msg *m;
    for (uint32_t n = hops ? below(4) : 0; n; n--) {
        m = letter(self->self, anybody(), hops - 1);
        enum akt_full full = AKT_FULL_WAIT;
        if (m && akt_send(iso, m, &full) == AKT_OVERLOADED)
            STRESS_CHECK(full == AKT_FULL_DROP_NEW);
    }
    switch (below(40)) {
    case 0:
        akt_kill(iso, self->self, anybody());
        break;
    case 1:
        akt_stop(iso, self->self, anybody(), akt_reason_of(AKT_STOPPED));
        break;
    case 2:
    case 3:
    case 4:
        spawn(iso, self);
        break;
    case 5:
        (void)akt_link(iso, self, anybody());
        break;
    case 6:
        akt_monitor(iso, self, anybody(), false);
        break;
    case 7:
        return AKT_C_FAIL;
    case 8:
        return AKT_C_EXIT;
    case 9:
        return AKT_C_YIELD;
    case 10:
    case 11:
        s->sleeps = true;
        wait(iso, self, akt_node_now(iso->node) + below(3) * MS + 1);
        return AKT_C_WAIT;
    case 12:
    case 13:
    case 14:
        return ask(iso, self, hops);
    default:
        break;
    }
    return AKT_C_DONE;
}

static enum akt_c_result answered(struct akt_isolate *iso,
                                  struct akt_actor *self,
                                  enum akt_c_result result)
{
    struct akt_msg *m = self->current;
    if (result == AKT_C_DONE && m && m->ask)
        akt_reply(iso, self->self, m, akt_msg_new(AKT_MSG_REPLY, 0));
    return result;
}

static enum akt_c_result on_init(struct akt_isolate *iso,
                                 struct akt_actor *self, struct akt_msg *args)
{
    (void)iso, (void)args;
    STRESS_CHECK(self->host_data == NULL);
    self->host_data = akt_calloc(sizeof(struct state));
    return AKT_C_DONE;
}

static enum akt_c_result on_message(struct akt_isolate *iso,
                                    struct akt_actor *self, struct akt_msg *m)
{
    struct letter l;
    STRESS_CHECK(akt_pid_eq(m->target, self->self));
    if (m->type == AKT_MSG_DOWN)
        atomic_fetch_add(&downs, 1);
    if (m->type != AKT_MSG_USER)
        return AKT_C_DONE;
    memcpy(&l, m->body, sizeof l);
    STRESS_CHECK(atomic_fetch_add(&handled[l.id], 1) == 0);
    STRESS_CHECK(atomic_load(&dead[l.id]) == 0);
    return answered(iso, self, act(iso, self, l.hops));
}

static enum akt_c_result on_resume(struct akt_isolate *iso,
                                   struct akt_actor *self)
{
    struct state *s = self->host_data;
    struct akt_pending *p = akt_pending_find(iso, s->wait_id);
    if (p) {
        STRESS_CHECK(p->done);
        akt_pending_close(iso, p);
    }
    if (s->asks)
        atomic_fetch_add(&answers, 1);
    s->asks = s->sleeps = false;
    return answered(iso, self, AKT_C_DONE);
}

static void on_forget(struct akt_isolate *iso, struct akt_actor *self,
                      bool final)
{
    (void)iso, (void) final;
    struct state *s = self->host_data;
    if (s && s->asks)
        atomic_fetch_add(&dropped, 1);
    akt_free(s, sizeof *s);
    self->host_data = NULL;
}

static const struct akt_c_behaviour behaviour = {.init = on_init,
                                                 .message = on_message,
                                                 .resume = on_resume,
                                                 .forget = on_forget};
#define SUPERVISE                                           \
    {                                                       \
        AKT_ONE_FOR_ONE, AKT_EXHAUSTED_STOP, 20, 1000, 1, 5 \
    }
static const struct akt_kind kinds[] = {
    {"plain",
     &akt_c_host,
     false,
     AKT_HOOK_INIT,
     {1000000, 1 << 20, AKT_FULL_DROP_NEW},
     SUPERVISE,
     (void *)(uintptr_t)&behaviour},
    {"trap",
     &akt_c_host,
     false,
     AKT_HOOK_INIT | AKT_HOOK_EXIT,
     {50, 1 << 20, AKT_FULL_DROP_OLD},
     {AKT_ONE_FOR_ALL, AKT_EXHAUSTED_STOP, 20, 1000, 1, 5},
     (void *)(uintptr_t)&behaviour}};

/* main starts some, and sends the first letters as long as any are left. */
static enum akt_c_result next(struct akt_isolate *iso, struct akt_actor *self)
{
    struct state *s = self->host_data;
    struct akt_pending *p = akt_pending_find(iso, s->wait_id);
    if (p)
        akt_pending_close(iso, p);
    if (atomic_load(&letters) >= max_letters || iso->node->exiting)
        return AKT_C_DONE;
    for (int i = 0; i < 20; i++)
        spawn(iso, self);
    for (int i = 0; i < 400; i++) {
        struct akt_msg *m = letter(self->self, anybody(), below(10));
        if (m)
            akt_post(iso->node, iso, m);
    }
    wait(iso, self, akt_node_now(iso->node) + below(3) * MS + 1);
    return AKT_C_WAIT;
}

static enum akt_c_result main_init(struct akt_isolate *iso,
                                   struct akt_actor *self, struct akt_msg *args)
{
    on_init(iso, self, args);
    struct akt_msg *m = akt_msg_new(AKT_MSG_USER, 0);
    m->target = self->self;
    akt_post(iso->node, iso, m);
    return AKT_C_DONE;
}

static enum akt_c_result main_message(struct akt_isolate *iso,
                                      struct akt_actor *self, struct akt_msg *m)
{
    return m->type == AKT_MSG_USER ? next(iso, self) : AKT_C_DONE;
}

static const struct akt_c_behaviour main_behaviour = {.init = main_init,
                                                      .message = main_message,
                                                      .resume = next,
                                                      .forget = on_forget};
static const struct akt_kind main_kind = {"main",
                                          &akt_c_host,
                                          false,
                                          AKT_HOOK_INIT | AKT_HOOK_EXIT,
                                          {UINT32_MAX, 0, AKT_FULL_WAIT},
                                          SUPERVISE,
                                          (void *)(uintptr_t)&main_behaviour};

/* ---- rounds ---- */

static void check(struct akt_node *node, int code)
{
    if (code != 0)
        fprintf(stderr, "exit code %d, %u letters\n", code, letters);
    STRESS_CHECK(code == 0);
    STRESS_CHECK(akt_node_now(node) < node->exit_deadline_ns);
    for (uint32_t i = 0; i < max_letters; i++) {
        STRESS_CHECK(handled[i] || dead[i]);
        STRESS_CHECK(handled[i] <= 1 && dead[i] <= 1);
    }
    STRESS_CHECK(asks == answers + dropped);
    STRESS_CHECK(akt_actor_count(node->actors) <= 3);
}

static void round_of(uint32_t workers)
{
    struct akt_config config = {.workers = workers};
    struct akt_node_stats stats;
    handled = calloc(max_letters, 1);
    dead = calloc(max_letters, 1);
    letters = actors_made = asks = answers = dropped = downs = 0;
    memset((void *)pids, 0, sizeof pids);
    threads_seen = 0;
    seeded = false;
    struct akt_node *node = akt_node_create(&config);
    node->on_dead_letter = on_dead_letter;
    akt_node_main(node, &main_kind, NULL, akt_msg_new(AKT_MSG_START, 0));
    int code = akt_node_run(node);
    check(node, code);
    akt_node_stats(node, &stats);
    printf("%u workers: %u messages, %u actors, %u asks, %u downs, %" PRIu64
           " steals, %" PRIu64 " sleeps\n",
           workers, max_letters, actors_made, asks, downs, stats.steals,
           stats.sleeps);
    akt_node_destroy(node);
    free((void *)handled);
    free((void *)dead);
}

int main(int argc, char **argv)
{
    max_letters = stress_amount(argc, argv, 200000);
    for (round_now = 0; round_now < 8; round_now++)
        round_of(1 + (uint32_t)round_now % 4);
    return 0;
}
