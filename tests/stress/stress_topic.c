/* SPDX-License-Identifier: MIT
 *
 * Topics on real threads: actors join, leave, publish, end and spawn others at
 * random (vm/topic.h). No list may hold an actor that has ended (J1), every
 * copy that was posted is handled or a dead letter, and what one publisher
 * sends on one topic comes in order (J2).
 */
#include <string.h>

#include "tests/stress/stress.h"
#include "vm/base/alloc.h"
#include "vm/base/random.h"
#include "vm/cactor.h"
#include "vm/node.h"
#include "vm/send.h"
#include "vm/spawn.h"
#include "vm/topic.h"

#define ACTORS 64
#define TOPICS 5
#define MS 1000000ull

struct letter {
    uint32_t from, number, topic, generation;
};

struct state {
    uint32_t me, my_generation;
    uint32_t generation[TOPICS][ACTORS];
    uint32_t sent[TOPICS];
    uint32_t seen[TOPICS][ACTORS];
};

static uint32_t turns_left_at_start;
static _Atomic uint32_t turns_left, made;
static _Atomic uint64_t posted, handled, dead;
static _Atomic uint64_t pids[ACTORS];
static _Thread_local struct akt_random rng;
static _Thread_local bool seeded;

static uint32_t below(uint32_t n)
{
    static _Atomic uint64_t seeds;
    if (!seeded)
        akt_random_seed(&rng, atomic_fetch_add(&seeds, 1));
    seeded = true;
    return (uint32_t)akt_random_below(&rng, n);
}

static struct akt_topic_name topic(uint32_t i)
{
    static const char names[] = "abcde";
    return (struct akt_topic_name){i % 2 ? AKT_SPACE_TOPIC : AKT_SPACE_GROUP,
                                   names + i, 1};
}

static bool fits(void *ctx, const struct akt_actor *a)
{
    (void)ctx, (void)a;
    return true;
}

static struct akt_msg *note(void *ctx)
{
    (void)ctx;
    struct akt_msg *m = akt_msg_new_ack(AKT_MSG_USER, 24);
    memset(m->body, 0, 24);
    return m;
}

static void publish(struct akt_isolate *iso, struct state *s)
{
    uint32_t t = below(TOPICS);
    struct letter l = {s->me, ++s->sent[t], t, s->my_generation};
    struct akt_publish p = {.name = topic(t),
                            .body = (const char *)&l,
                            .size = sizeof l,
                            .fits = fits,
                            .note = note};
    while (akt_publish_some(iso, &p))
        ;
    atomic_fetch_add(&posted, p.delivered);
}

static akt_pid anybody(void)
{
    return (akt_pid){atomic_load(&pids[below(ACTORS)])};
}

static const struct akt_kind kind;

static void spawn(struct akt_isolate *iso, struct akt_actor *self, uint32_t i)
{
    struct akt_spec *spec = akt_spec_new();
    spec->own_isolate = below(4) == 0;
    struct akt_spawn req = {.kind = &kind,
                            .args = akt_msg_new(AKT_MSG_START, sizeof i),
                            .spec = spec,
                            .detached = true};
    akt_pid pid;
    memcpy(req.args->body, &i, sizeof i);
    if (akt_spawn(iso, self, &req, &pid) == AKT_OK)
        atomic_store(&pids[i], pid.bits);
}

static void poke(struct akt_isolate *iso)
{
    struct akt_msg *m = akt_msg_new(AKT_MSG_USER, 0);
    m->target = anybody();
    akt_post(iso->node, iso, m);
}

static enum akt_c_result act(struct akt_isolate *iso, struct akt_actor *self)
{
    struct state *s = self->host_data;
    struct akt_topic_name name = topic(below(TOPICS));
    bool is_new;
    switch (below(8)) {
    case 0:
    case 1:
    case 2:
        (void)akt_topic_join(iso->node, &name, anybody(), &is_new);
        break;
    case 3:
        akt_topic_leave(iso->node, &name, anybody());
        break;
    case 4:
        spawn(iso, self, s->me); /* takes its place, with a new state */
        poke(iso);
        return AKT_C_EXIT;
    default:
        publish(iso, s);
    }
    poke(iso);
    return AKT_C_DONE;
}

static enum akt_c_result on_init(struct akt_isolate *iso,
                                 struct akt_actor *self, struct akt_msg *args)
{
    struct state *s = akt_calloc(sizeof *s);
    (void)iso;
    memcpy(&s->me, args->body, sizeof s->me);
    s->my_generation = 1 + atomic_fetch_add(&made, 1);
    self->host_data = s;
    return AKT_C_DONE;
}

static void on_letter(struct state *s, const struct akt_msg *m)
{
    struct letter l;
    memcpy(&l, m->body, sizeof l);
    uint32_t *seen = &s->seen[l.topic][l.from];
    uint32_t *generation = &s->generation[l.topic][l.from];
    /* a successor of the publisher begins with 1 again */
    STRESS_CHECK(l.number > *seen || l.generation != *generation);
    *seen = l.number;
    *generation = l.generation;
    atomic_fetch_add(&handled, 1);
}

static enum akt_c_result on_message(struct akt_isolate *iso,
                                    struct akt_actor *self, struct akt_msg *m)
{
    if (m->type == AKT_MSG_USER && m->size == sizeof(struct letter))
        on_letter(self->host_data, m);
    if (m->type != AKT_MSG_USER || m->size)
        return AKT_C_DONE;
    if (atomic_fetch_sub(&turns_left, 1) > turns_left_at_start)
        return AKT_C_EXIT; /* below 0: it is over */
    return act(iso, self);
}

static void on_forget(struct akt_isolate *iso, struct akt_actor *self,
                      bool final)
{
    (void)iso, (void) final;
    akt_free(self->host_data, sizeof(struct state));
    self->host_data = NULL;
}

static const struct akt_c_behaviour behaviour = {
    .init = on_init, .message = on_message, .forget = on_forget};
static const struct akt_kind kind = {"member",
                                     &akt_c_host,
                                     false,
                                     AKT_HOOK_INIT,
                                     {20, 1 << 10, AKT_FULL_DROP_NEW},
                                     AKT_SUPERVISE_DEFAULT,
                                     (void *)(uintptr_t)&behaviour};

static void on_dead_letter(struct akt_node *node, const struct akt_msg *m,
                           enum akt_code why)
{
    (void)node, (void)why;
    if (m->type == AKT_MSG_USER && m->size == sizeof(struct letter))
        atomic_fetch_add(&dead, 1);
}

/* ---- main ---- */

static enum akt_c_result main_init(struct akt_isolate *iso,
                                   struct akt_actor *self, struct akt_msg *args)
{
    (void)args;
    for (uint32_t i = 0; i < ACTORS; i++)
        spawn(iso, self, i);
    for (uint32_t i = 0; i < ACTORS; i++)
        poke(iso);
    return AKT_C_DONE;
}

static const struct akt_c_behaviour main_behaviour = {.init = main_init};
static const struct akt_kind main_kind = {"main",
                                          &akt_c_host,
                                          false,
                                          AKT_HOOK_INIT,
                                          {UINT32_MAX, 0, AKT_FULL_WAIT},
                                          AKT_SUPERVISE_DEFAULT,
                                          (void *)(uintptr_t)&main_behaviour};

/* Only the living may be in a list. */
static void check_lists(struct akt_node *node)
{
    for (uint32_t i = 0; i < TOPICS; i++) {
        struct akt_topic_name name = topic(i);
        struct akt_topic_stats stats;
        struct akt_topic_cursor at = {0};
        akt_pid alive[AKT_TOPIC_CHUNK];
        akt_topic_stats(node, &name, &stats);
        STRESS_CHECK(stats.members == 0);
        STRESS_CHECK(akt_topic_members(node, &name, &at, alive) == 0);
    }
}

int main(int argc, char **argv)
{
    turns_left_at_start = stress_amount(argc, argv, 100000);
    for (uint32_t round = 0; round < 3; round++) {
        struct akt_config config = {.workers = 1 + round};
        turns_left = turns_left_at_start;
        posted = handled = dead = 0;
        struct akt_node *node = akt_node_create(&config);
        node->on_dead_letter = on_dead_letter;
        akt_node_main(node, &main_kind, NULL, akt_msg_new(AKT_MSG_START, 0));
        STRESS_CHECK(akt_node_run(node) == 0);
        STRESS_CHECK(posted == handled + dead);
        check_lists(node);
        printf("%u workers: %llu copies, %llu dead\n", config.workers,
               (unsigned long long)posted, (unsigned long long)dead);
        akt_node_destroy(node);
    }
    return 0;
}
