/* SPDX-License-Identifier: MIT */
#include "vm/outside.h"

#include <string.h>

#include "vm/base/alloc.h"
#include "vm/send.h"

/* An id is bit 62, a serial number and the index of its slot. Ids of pendings
 * have bit 63 set. */
#define ID_BIT (1ull << 62)
#define INDEX_BITS 10
#define SERIAL_MASK ((ID_BIT >> INDEX_BITS) - 1)

_Static_assert(AKT_OUTSIDE_MAX <= 1u << INDEX_BITS, "an index fits an id");

struct slot {
    uint64_t id; /* 0: free */
    uint64_t deadline_ns;
    uint32_t node; /* index, of whom is asked */
    akt_outside_done done;
    void *ctx;
    uint32_t next_free; /* index + 1 */
};

/* All under the lock, which is held while slots change and never while `done`
 * is called. */
struct akt_outside {
    pthread_mutex_t lock;
    struct slot *slots; /* NULL until the first ask */
    uint32_t free, open;
    uint64_t serial;
    bool closed;
};

struct akt_outside *akt_outside_create(void)
{
    struct akt_outside *o = akt_calloc(sizeof *o);
    pthread_mutex_init(&o->lock, NULL);
    return o;
}

void akt_outside_destroy(struct akt_outside *o)
{
    akt_free(o->slots, AKT_OUTSIDE_MAX * sizeof *o->slots);
    pthread_mutex_destroy(&o->lock);
    akt_free(o, sizeof *o);
}

static void make_slots(struct akt_outside *o)
{
    o->slots = akt_calloc(AKT_OUTSIDE_MAX * sizeof *o->slots);
    for (uint32_t i = 0; i < AKT_OUTSIDE_MAX; i++)
        o->slots[i].next_free = i + 1 < AKT_OUTSIDE_MAX ? i + 2 : 0;
    o->free = 1;
}

/* Under the lock: the id of a new slot, or 0 and why. */
static uint64_t open_slot(struct akt_outside *o, const struct slot *s,
                          enum akt_code *why)
{
    if (!o->slots)
        make_slots(o);
    *why = o->closed ? AKT_SHUTDOWN : AKT_LIMIT;
    if (o->closed || !o->free)
        return 0;
    uint32_t index = o->free - 1;
    o->free = o->slots[index].next_free;
    o->open++;
    o->slots[index] = *s;
    o->slots[index].id =
        ID_BIT | (++o->serial & SERIAL_MASK) << INDEX_BITS | index;
    return o->slots[index].id;
}

/* Under the lock: its slot is free, *out is what it was. */
static void close_slot(struct akt_outside *o, struct slot *s, struct slot *out)
{
    *out = *s;
    s->id = 0;
    s->next_free = o->free;
    o->free = (uint32_t)(s - o->slots) + 1;
    o->open--;
}

void akt_outside_ask(struct akt_node *node, struct akt_msg *m,
                     const struct akt_outside_ask *ask)
{
    struct akt_outside *o = node->outside_asks;
    uint64_t ms = ask->timeout_ms ? ask->timeout_ms : AKT_OUTSIDE_MS;
    struct slot s = {.deadline_ns = akt_node_now(node) + ms * 1000000,
                     .node = akt_pid_node(m->target),
                     .done = ask->done,
                     .ctx = ask->ctx};
    enum akt_code why;
    pthread_mutex_lock(&o->lock);
    uint64_t id = open_slot(o, &s, &why);
    pthread_mutex_unlock(&o->lock);
    if (!id) {
        akt_msg_free(m);
        ask->done(ask->ctx, why, NULL);
        return;
    }
    m->sender = AKT_PID_NONE;
    m->ask = id;
    m->deadline_ns = s.deadline_ns;
    akt_post(node, NULL, m);
}

bool akt_outside_is_reply(const struct akt_msg *m)
{
    return akt_pid_is_none(m->target) && m->ask >> 62 == 1;
}

bool akt_outside_reply(struct akt_node *node, struct akt_msg *m)
{
    struct akt_outside *o = node->outside_asks;
    struct slot found = {0};
    pthread_mutex_lock(&o->lock);
    struct slot *s =
        o->slots ? &o->slots[m->ask & ((1u << INDEX_BITS) - 1)] : NULL;
    /* another node cannot answer for it */
    if (s && s->id == m->ask && s->node == akt_pid_node(m->sender))
        close_slot(o, s, &found);
    pthread_mutex_unlock(&o->lock);
    if (found.id)
        found.done(found.ctx, (enum akt_code)m->code, m);
    return found.id != 0;
}

/* Closes one that is due; false: there is none, and *next is the deadline of
 * the next one. */
static bool take_due(struct akt_outside *o, uint64_t now_ns, struct slot *out,
                     uint64_t *next)
{
    bool found = false;
    *next = 0;
    pthread_mutex_lock(&o->lock);
    for (uint32_t i = 0; o->open && i < AKT_OUTSIDE_MAX && !found; i++) {
        struct slot *s = &o->slots[i];
        if (!s->id)
            continue;
        found = s->deadline_ns <= now_ns;
        if (found)
            close_slot(o, s, out);
        else if (!*next || s->deadline_ns < *next)
            *next = s->deadline_ns;
    }
    pthread_mutex_unlock(&o->lock);
    return found;
}

uint64_t akt_outside_expire(struct akt_node *node, uint64_t now_ns)
{
    struct slot due;
    uint64_t next;
    while (take_due(node->outside_asks, now_ns, &due, &next))
        due.done(due.ctx, AKT_TIMEOUT, NULL);
    return next;
}

static bool take_of_node(struct akt_outside *o, uint32_t index,
                         struct slot *out)
{
    bool found = false;
    pthread_mutex_lock(&o->lock);
    for (uint32_t i = 0; o->open && i < AKT_OUTSIDE_MAX && !found; i++) {
        found = o->slots[i].id && o->slots[i].node == index;
        if (found)
            close_slot(o, &o->slots[i], out);
    }
    pthread_mutex_unlock(&o->lock);
    return found;
}

void akt_outside_gone(struct akt_node *node, uint32_t index)
{
    struct slot s;
    while (take_of_node(node->outside_asks, index, &s))
        s.done(s.ctx, AKT_NOCONNECTION, NULL);
}

void akt_outside_close(struct akt_node *node)
{
    struct akt_outside *o = node->outside_asks;
    struct slot due;
    uint64_t next;
    pthread_mutex_lock(&o->lock);
    o->closed = true;
    pthread_mutex_unlock(&o->lock);
    while (take_due(o, UINT64_MAX, &due, &next))
        due.done(due.ctx, AKT_SHUTDOWN, NULL);
}

/* ---- what scripts can do to actors ---- */

/* AKT_OK: there is such an actor and it may be touched. */
static enum akt_code admit(struct akt_node *node, akt_pid pid)
{
    if (akt_pid_eq(pid, node->root) || akt_pid_eq(pid, node->system))
        return AKT_DENIED;
    return akt_actor_find(node->actors, pid) ? AKT_OK : AKT_NOPROC;
}

static enum akt_code tell(struct akt_node *node, akt_pid pid, struct akt_msg *m)
{
    enum akt_code code = admit(node, pid);
    m->target = pid;
    if (code != AKT_OK)
        akt_msg_free(m);
    else if (akt_pid_eq(pid, node->user))
        akt_msg_free(m), akt_node_exit(node, 1);
    else
        akt_post(node, NULL, m);
    return code;
}

enum akt_code akt_outside_stop(struct akt_node *node, akt_pid pid,
                               struct akt_reason *reason)
{
    return tell(node, pid, akt_msg_with_reason(AKT_MSG_STOP, reason));
}

enum akt_code akt_outside_kill(struct akt_node *node, akt_pid pid)
{
    return tell(node, pid, akt_msg_new(AKT_MSG_KILL, 0));
}

enum akt_code akt_outside_reinstate(struct akt_node *node, akt_pid pid)
{
    if (akt_pid_eq(pid, node->user) || akt_pid_eq(pid, node->main))
        return AKT_DENIED;
    return tell(node, pid, akt_msg_new(AKT_MSG_REINSTATE, 0));
}

enum akt_code akt_outside_restart(struct akt_node *node, akt_pid pid)
{
    if (akt_pid_eq(pid, node->user) || akt_pid_eq(pid, node->main))
        return AKT_DENIED;
    return tell(node, pid, akt_msg_new(AKT_MSG_RESTART_ASKED, 0));
}
