/* SPDX-License-Identifier: MIT */
#include "vm/pending.h"

#include <string.h>

#include "vm/base/alloc.h"
#include "vm/health.h"
#include "vm/life.h"
#include "vm/metrics.h"
#include "vm/node.h"
#include "vm/passivate.h"
#include "vm/send.h"
#include "vm/strand.h"
#include "vm/timer.h"

#define CHUNK 64u
#define CHUNKS_KEPT 64u /* of an isolate where none is open */
#define ID_BIT (1ull << 63)
#define INDEX_BITS 24

void akt_pendings_init(struct akt_pendings *ps)
{
    memset(ps, 0, sizeof *ps);
}

void akt_pendings_fini(struct akt_pendings *ps)
{
    for (uint32_t i = 0; i < ps->chunks_len; i++)
        akt_free(ps->chunks[i], CHUNK * sizeof **ps->chunks);
    akt_free(ps->chunks, ps->chunks_len * sizeof *ps->chunks);
    akt_heap_fini(&ps->heap);
    akt_pendings_init(ps);
}

static struct akt_pending *at(struct akt_pendings *ps, uint32_t index)
{
    return &ps->chunks[index / CHUNK][index % CHUNK];
}

static void add_chunk(struct akt_pendings *ps)
{
    uint32_t n = ps->chunks_len;
    ps->chunks = akt_resize(ps->chunks, n * sizeof *ps->chunks,
                            (n + 1) * sizeof *ps->chunks);
    ps->chunks[n] = akt_calloc(CHUNK * sizeof **ps->chunks);
    ps->chunks_len++;
    for (uint32_t i = CHUNK; i-- > 0;) {
        struct akt_pending *p = &ps->chunks[n][i];
        p->index = n * CHUNK + i;
        p->next_free = ps->free;
        ps->free = p->index + 1;
    }
}

static void arm(struct akt_pendings *ps, struct akt_pending *p,
                uint64_t deadline_ns)
{
    akt_heap_push(&ps->heap, &p->node, deadline_ns);
    ps->quiet += p->quiet;
}

static void disarm(struct akt_pendings *ps, struct akt_pending *p)
{
    akt_heap_remove(&ps->heap, &p->node);
    ps->quiet -= p->quiet;
}

struct akt_pending *akt_pending_open(struct akt_isolate *iso,
                                     struct akt_actor *a,
                                     enum akt_pending_type type,
                                     uint64_t deadline_ns)
{
    struct akt_pendings *ps = &iso->pendings;
    if (!ps->free)
        add_chunk(ps);
    struct akt_pending *p = at(ps, ps->free - 1);
    ps->free = p->next_free;
    ps->open++;
    p->actor = a;
    p->prev = NULL;
    p->next = a->pendings;
    if (p->next)
        p->next->prev = p;
    a->pendings = p;
    p->id = ID_BIT | (++ps->serial << INDEX_BITS) | p->index;
    p->target = AKT_PID_NONE;
    p->strand = NULL;
    p->msg = NULL;
    p->period_ns = 0;
    p->type = (uint8_t)type;
    p->code = AKT_OK;
    p->done = p->awaited = p->queued = p->inherited = p->paused = false;
    p->asks = p->passes = false;
    /* a timer is the actor's, not the hook's that starts it; and who is being
     * stopped must come to its end */
    p->quiet = a->aside >= AKT_ASIDE_IDLE && a->goal == AKT_GOAL_NONE &&
               type != AKT_P_TIMER;
    if (deadline_ns)
        arm(ps, p, deadline_ns);
    return p;
}

struct akt_pending *akt_pending_open_quiet(struct akt_isolate *iso,
                                           struct akt_actor *a,
                                           enum akt_pending_type type,
                                           uint64_t deadline_ns)
{
    struct akt_pending *p = akt_pending_open(iso, a, type, 0);
    p->quiet = true;
    if (deadline_ns)
        arm(&iso->pendings, p, deadline_ns);
    return p;
}

struct akt_pending *akt_pending_find(struct akt_isolate *iso, uint64_t id)
{
    uint32_t index = (uint32_t)id & ((1u << INDEX_BITS) - 1);
    if (!id || index / CHUNK >= iso->pendings.chunks_len)
        return NULL;
    struct akt_pending *p = at(&iso->pendings, index);
    return id && p->id == id ? p : NULL; /* a free one has the id 0 */
}

struct akt_pending *akt_pending_next(struct akt_isolate *iso, uint32_t *from)
{
    struct akt_pendings *ps = &iso->pendings;
    for (; *from / CHUNK < ps->chunks_len; ++*from)
        if (at(ps, *from)->id)
            return at(ps, (*from)++);
    return NULL;
}

/* Nothing is open: what a crowd of timers took is given back. Ids go on. */
static void trim(struct akt_pendings *ps)
{
    uint64_t serial = ps->serial;
    akt_pendings_fini(ps);
    ps->serial = serial;
}

void akt_pending_close(struct akt_isolate *iso, struct akt_pending *p)
{
    struct akt_pendings *ps = &iso->pendings;
    if (akt_heap_has(&p->node))
        disarm(ps, p);
    if (p->prev)
        p->prev->next = p->next;
    else
        p->actor->pendings = p->next;
    if (p->next)
        p->next->prev = p->prev;
    akt_msg_free(p->msg);
    p->msg = NULL;
    if (p->type == AKT_P_TIMER)
        akt_timer_free(p->timer);
    p->id = 0;
    p->next_free = ps->free;
    ps->free = p->index + 1;
    if (--ps->open == 0 && ps->chunks_len > CHUNKS_KEPT)
        trim(ps);
}

void akt_pending_close_all(struct akt_isolate *iso, struct akt_actor *a)
{
    while (a->pendings)
        akt_pending_close(iso, a->pendings);
}

void akt_pending_close_type(struct akt_isolate *iso, struct akt_actor *a,
                            enum akt_pending_type type)
{
    struct akt_pending *p = a->pendings;
    while (p) {
        struct akt_pending *next = p->next;
        if (p->type == type)
            akt_pending_close(iso, p);
        p = next;
    }
}

void akt_pending_answer(struct akt_isolate *iso, struct akt_pending *p,
                        struct akt_msg *m, enum akt_code code)
{
    struct akt_actor *a = p->actor;
    p->msg = m;
    p->code = (uint8_t)code;
    p->done = true;
    if (akt_heap_has(&p->node))
        disarm(&iso->pendings, p);
    if (!p->awaited)
        return;
    p->awaited = false;
    if (p->strand && p->strand->aside) {
        akt_strand_woken(iso, p);
        return;
    }
    a->todo |= AKT_DO_RESUME;
    akt_isolate_ready(iso, a);
}

/* The body of a tick is the template's. */
static void send_tick(struct akt_isolate *iso, struct akt_pending *p)
{
    struct akt_msg *m = akt_msg_new(AKT_MSG_USER, p->msg->size);
    memcpy(m->body, p->msg->body, m->size);
    m->target = p->msg->target;
    m->trace = p->msg->trace; /* none if it comes again and again */
    m->sent_tick = atomic_load_explicit(&iso->node->tick, memory_order_relaxed);
    akt_metrics_stamp(iso->worker, m);
    bool to_self = akt_pid_eq(m->target, p->actor->self);
    if (to_self) {
        m->flags |= AKT_MSG_TICK;
        m->timer = p->id;
        p->queued = true;
        akt_mailbox_append(iso, p->actor, m);
        return;
    }
    /* nobody waits for room here; a router passes it on, and a contract was
     * looked at when the timer was made */
    m->flags |= AKT_MSG_LOOKED;
    enum akt_full full = AKT_FULL_WAIT;
    if (akt_send(iso, m, &full) == AKT_OVERLOADED && full != AKT_FULL_DROP_NEW)
        akt_bounce(iso->node, iso, m, AKT_OVERLOADED);
}

static void fire_schedule(struct akt_isolate *iso, struct akt_pending *p)
{
    bool over;
    if (akt_timer_look(iso, p, &over) && !p->queued)
        send_tick(iso, p);
    if (!over)
        return;
    p->period_ns = 0; /* ends when its last tick has been taken */
    if (!p->queued)
        akt_pending_close(iso, p);
}

static void fire_timer(struct akt_isolate *iso, struct akt_pending *p,
                       uint64_t now_ns)
{
    uint64_t due_ns = p->node.key;
    disarm(&iso->pendings, p);
    if (p->timer && p->timer->schedule) {
        fire_schedule(iso, p);
        return;
    }
    if (!p->queued)
        send_tick(iso, p);
    if (p->period_ns) {
        /* fixed rate; ticks that were missed merge into this one */
        uint64_t missed = (now_ns - due_ns) / p->period_ns;
        arm(&iso->pendings, p, due_ns + (missed + 1) * p->period_ns);
    } else if (!p->queued) {
        akt_pending_close(iso, p);
    }
}

static void fire(struct akt_isolate *iso, struct akt_pending *p,
                 uint64_t now_ns)
{
    struct akt_actor *a = p->actor;
    enum akt_pending_type type = p->type;
    if (type == AKT_P_TIMER) {
        fire_timer(iso, p, now_ns);
    } else if (type == AKT_P_CALL) {
        akt_pending_answer(iso, p, NULL, AKT_TIMEOUT);
    } else {
        akt_pending_close(iso, p);
        if (type == AKT_P_PASSIVATE)
            akt_passivate_due(iso, a);
        else if (type == AKT_P_HEALTH)
            akt_health_due(iso, a);
        else
            akt_life_due(iso, a, type);
    }
}

void akt_pending_fire(struct akt_isolate *iso, uint64_t now_ns)
{
    struct akt_heap_node *n;
    while ((n = akt_heap_first(&iso->pendings.heap)) && n->key <= now_ns)
        fire(iso, (struct akt_pending *)(void *)n, now_ns);
}

bool akt_pending_tick_taken(struct akt_isolate *iso, uint64_t id)
{
    struct akt_pending *p = akt_pending_find(iso, id);
    if (!p)
        return false;
    p->queued = false;
    if (p->paused)
        return false; /* T1: it is not over */
    if (!p->period_ns)
        akt_pending_close(iso, p);
    return true;
}

uint64_t akt_pending_nearest(const struct akt_isolate *iso)
{
    const struct akt_heap_node *n = akt_heap_first(&iso->pendings.heap);
    return n ? n->key : 0;
}

bool akt_pending_keeps(const struct akt_isolate *iso)
{
    return iso->pendings.heap.len > iso->pendings.quiet;
}
