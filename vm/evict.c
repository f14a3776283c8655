/* SPDX-License-Identifier: MIT */
#include "vm/evict.h"

#include <string.h>

#include "vm/base/alloc.h"
#include "vm/cactor.h"
#include "vm/outside.h"
#include "vm/send.h"

#define CHUNK 2048u        /* slots a turn: some 20 us */
#define AT_ONCE (1u << 20) /* victims of one look at most */

struct akt_evictor {
    pthread_mutex_t lock; /* of what follows */
    struct akt_evict policy;
    akt_pid pid;
};

struct victim {
    uint64_t key; /* the smallest leave */
    akt_pid pid;
};

/* A look that is under way; the actor's. A heap, largest key first. */
struct look {
    uint32_t slot; /* 0: none is */
    uint32_t want, len;
    struct victim *victims;
    enum akt_evict_by by;
};

struct akt_evictor *akt_evictor_create(void)
{
    struct akt_evictor *e = akt_calloc(sizeof *e);
    pthread_mutex_init(&e->lock, NULL);
    return e;
}

void akt_evictor_destroy(struct akt_evictor *e)
{
    pthread_mutex_destroy(&e->lock);
    akt_free(e, sizeof *e);
}

/* ---- whom ---- */

static void sift_down(struct look *k, uint32_t i)
{
    struct victim v = k->victims[i];
    for (;;) {
        uint32_t child = 2 * i + 1;
        if (child >= k->len)
            break;
        if (child + 1 < k->len &&
            k->victims[child + 1].key > k->victims[child].key)
            child++;
        if (k->victims[child].key <= v.key)
            break;
        k->victims[i] = k->victims[child];
        i = child;
    }
    k->victims[i] = v;
}

static void sift_up(struct look *k, uint32_t i)
{
    struct victim v = k->victims[i];
    for (; i > 0 && k->victims[(i - 1) / 2].key < v.key; i = (i - 1) / 2)
        k->victims[i] = k->victims[(i - 1) / 2];
    k->victims[i] = v;
}

static void offer(struct look *k, struct victim v)
{
    if (k->len < k->want) {
        k->victims[k->len++] = v;
        sift_up(k, k->len - 1);
    } else if (v.key < k->victims[0].key) {
        k->victims[0] = v;
        sift_down(k, 0);
    }
}

/* relaxed, all of these: figures, and the actor decides itself */
static void consider(struct look *k, struct akt_actor *a)
{
    akt_pid pid = akt_actor_pid(a);
    uint32_t idle_ms = atomic_load_explicit(&a->idle_ms, memory_order_relaxed);
    bool may =
        !akt_pid_is_none(pid) && idle_ms &&
        atomic_load_explicit(&a->shown, memory_order_relaxed) ==
            AKT_A_RUNNING &&
        atomic_load_explicit(&a->activity, memory_order_relaxed) == AKT_IDLE;
    if (!may)
        return;
    uint64_t key = idle_ms;
    if (k->by == AKT_EVICT_MRU)
        key = UINT32_MAX - idle_ms;
    else if (k->by == AKT_EVICT_LFU)
        key = atomic_load_explicit(&a->processed, memory_order_relaxed);
    offer(k, (struct victim){key, pid});
}

/* ---- how many ---- */

static uint32_t too_many(struct akt_node *node, const struct akt_evict *p)
{
    uint64_t away = atomic_load_explicit(&node->away, memory_order_relaxed);
    uint64_t all = akt_actor_count(node->actors);
    uint64_t live = all > away ? all - away : 0, n = 0;
    uint64_t share = (uint64_t)((double)live * p->share) + 1;
    if (p->max_actors && live > p->max_actors)
        n = live - p->max_actors > share ? live - p->max_actors : share;
    if (p->max_bytes && akt_node_memory(node) > (int64_t)p->max_bytes &&
        n < share)
        n = share;
    return n < AT_ONCE ? (uint32_t)n : AT_ONCE;
}

/* ---- the actor ---- */

static void again(struct akt_isolate *iso, struct akt_actor *self)
{
    struct akt_msg *m = akt_msg_new(AKT_MSG_USER, 0);
    m->target = self->self;
    akt_post(iso->node, iso, m);
}

static void end_look(struct akt_isolate *iso, struct look *k)
{
    for (uint32_t i = 0; i < k->len; i++) {
        struct akt_msg *m = akt_msg_new(AKT_MSG_PASSIVATE, 0);
        m->target = k->victims[i].pid;
        akt_post(iso->node, iso, m);
    }
    akt_free(k->victims, k->want * sizeof *k->victims);
    memset(k, 0, sizeof *k);
}

/* True: there is more to look at. */
static bool look_on(struct akt_isolate *iso, struct look *k)
{
    struct akt_actor_table *actors = iso->node->actors;
    uint32_t slots = akt_actor_slots(actors);
    for (uint32_t n = 0; n < CHUNK && k->slot < slots; n++, k->slot++) {
        struct akt_actor *a =
            akt_actor_slot(actors, akt_pid_make(AKT_PID_NODE_SELF, k->slot, 0));
        if (a)
            consider(k, a);
    }
    if (k->slot < slots)
        return true;
    end_look(iso, k);
    return false;
}

static void begin_look(struct akt_isolate *iso, struct look *k,
                       const struct akt_evict *p)
{
    k->want = too_many(iso->node, p);
    if (!k->want)
        return;
    k->slot = 1;
    k->by = p->by;
    k->victims = akt_alloc(k->want * sizeof *k->victims);
}

/* One timer at a time: a new policy comes with a message of its own. */
static void look_later(struct akt_isolate *iso, struct akt_actor *self,
                       const struct akt_evict *p)
{
    akt_pending_close_type(iso, self, AKT_P_TIMER);
    if (!p->max_actors && !p->max_bytes)
        return;
    struct akt_pending *timer = akt_pending_open_quiet(
        iso, self, AKT_P_TIMER,
        akt_node_now(iso->node) + p->every_ms * 1000000ull);
    timer->msg = akt_msg_new(AKT_MSG_USER, 0);
    timer->msg->target = self->self;
}

static enum akt_c_result on_message(struct akt_isolate *iso,
                                    struct akt_actor *self, struct akt_msg *m)
{
    struct akt_evictor *e = iso->node->evictor;
    struct look *k = self->host_data;
    if (m->type != AKT_MSG_USER)
        return AKT_C_DONE;
    pthread_mutex_lock(&e->lock);
    struct akt_evict policy = e->policy;
    pthread_mutex_unlock(&e->lock);
    if (!k)
        k = self->host_data = akt_calloc(sizeof *k);
    if (!k->slot)
        begin_look(iso, k, &policy);
    if (k->slot && look_on(iso, k))
        again(iso, self);
    else
        look_later(iso, self, &policy);
    return AKT_C_DONE;
}

static void on_forget(struct akt_isolate *iso, struct akt_actor *self,
                      bool final)
{
    struct look *k = self->host_data;
    (void)iso, (void) final;
    if (!k)
        return;
    akt_free(k->victims, k->want * sizeof *k->victims);
    akt_free(k, sizeof *k);
    self->host_data = NULL;
}

static const struct akt_c_behaviour behaviour = {.message = on_message,
                                                 .forget = on_forget};
static const struct akt_kind kind = {
    .name = "evictor",
    .host = &akt_c_host,
    .mailbox = {UINT32_MAX, 0, AKT_FULL_WAIT},
    .supervise = AKT_SUPERVISE_DEFAULT,
    .data = (void *)(uintptr_t)&behaviour,
};

enum akt_code akt_evict_set(struct akt_node *node,
                            const struct akt_evict *policy)
{
    struct akt_evictor *e = node->evictor;
    enum akt_code code = AKT_OK;
    pthread_mutex_lock(&e->lock);
    e->policy = *policy;
    bool is_there = akt_actor_find(node->actors, e->pid) != NULL;
    bool wanted = policy->max_actors || policy->max_bytes;
    if (!is_there && wanted) {
        struct akt_spawn req = {.kind = &kind,
                                .args = akt_msg_new(AKT_MSG_START, 0)};
        code = akt_outside_spawn(node, &req, &e->pid);
    }
    akt_pid pid = e->pid;
    pthread_mutex_unlock(&e->lock);
    if (code == AKT_OK && (is_there || wanted)) {
        struct akt_msg *m = akt_msg_new(AKT_MSG_USER, 0);
        m->target = pid;
        akt_post(node, NULL, m);
    }
    return code;
}
