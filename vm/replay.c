/* SPDX-License-Identifier: MIT */
#include "vm/replay.h"

#include "vm/base/alloc.h"
#include "vm/message.h"
#include "vm/node.h"
#include "vm/pending.h"
#include "vm/send.h"

#define OUTSIDE_WORDS 5 /* vm/tape.c: put_outside */

/* ---- blocks ---- */

/* Adds what has been pushed to what waits to be asked for. */
static void collect(struct akt_isolate *iso)
{
    struct akt_msg *m = akt_inbox_take(&iso->inbox);
    struct akt_msg **end = &iso->tape->waiting;
    while (m && *end)
        end = &(*end)->next;
    if (m)
        *end = m;
}

/* The first one of who pushed it; from outside: of this type, for this pid. */
static struct akt_msg *take_waiting(struct akt_tape *t, uint32_t pusher,
                                    const uint32_t *words)
{
    struct akt_msg **at = &t->waiting;
    for (; *at; at = &(*at)->next) {
        struct akt_msg *m = *at;
        bool same = m->stamp == pusher;
        if (same && pusher == AKT_TAPE_OUTSIDE)
            same = m->type == (words[0] & 0xff) &&
                   m->target.bits == (words[1] | (uint64_t)words[2] << 32);
        if (!same)
            continue;
        *at = m->next;
        return m;
    }
    return NULL;
}

/* A block that a signal, an operator or the end of the program has sent. */
static struct akt_msg *make_outside(const uint32_t *words)
{
    enum akt_msg_type type = (enum akt_msg_type)(words[0] & 0xff);
    struct akt_msg *m = NULL;
    if (type == AKT_MSG_STOP)
        m = akt_msg_with_reason(type, akt_reason_of(AKT_SHUTDOWN));
    else if (type == AKT_MSG_KILL || type == AKT_MSG_RESTART_ASKED ||
             type == AKT_MSG_REINSTATE || type == AKT_MSG_PASSIVATE)
        m = akt_msg_new(type, 0);
    if (!m)
        return NULL;
    m->target.bits = words[1] | (uint64_t)words[2] << 32;
    m->ask = words[3] | (uint64_t)words[4] << 32;
    return m;
}

/* Moves the blocks of the ARRIVE at t->at from `waiting` to `arrived`, all or
 * none. *next: the word behind them. */
static bool take_arrivals(struct akt_tape *t, uint32_t **next)
{
    uint32_t n = AKT_WORD_N(*t->at), *at = t->at + 1;
    struct akt_msg **end = &t->arrived;
    while (n && at < t->end) {
        uint32_t pusher = *at++;
        bool outside = pusher == AKT_TAPE_OUTSIDE;
        if (outside && t->end - at < OUTSIDE_WORDS)
            break;
        struct akt_msg *m = take_waiting(t, pusher, at);
        if (!m && outside)
            m = make_outside(at);
        if (!m)
            break;
        at += outside ? OUTSIDE_WORDS : 0;
        *end = m;
        end = &m->next;
        n--;
    }
    *end = NULL;
    if (n == 0) {
        *next = at;
        return true;
    }
    *end = t->waiting; /* in front: of each pusher they were the first */
    t->waiting = t->arrived;
    t->arrived = NULL;
    return false;
}

struct akt_msg *akt_replay_take(struct akt_isolate *iso)
{
    struct akt_msg *list = iso->tape->arrived;
    iso->tape->arrived = NULL;
    for (struct akt_msg *m = list; m; m = m->next)
        m->stamp = 0;
    return list;
}

/* ---- what the next event needs ---- */

/* The first ticket of the event whose words begin at `at`. */
static bool find_ticket(const struct akt_tape *t, const uint32_t *at,
                        uint32_t *ticket)
{
    while (at < t->end) {
        switch (AKT_WORD_KIND(*at)) {
        case AKT_W_VALUE:
            at += 3;
            break;
        case AKT_W_RARE:
        case AKT_W_PREEMPT:
            at++;
            break;
        case AKT_W_TICKET:
            *ticket = AKT_WORD_N(*at);
            return true;
        default:
            return false;
        }
    }
    return false;
}

/* The words of the event itself, at t->at. */
static uint32_t *behind(const struct akt_tape *t)
{
    return AKT_WORD_KIND(*t->at) == AKT_W_FIRE ? t->at + 3 : t->at + 1;
}

enum readiness { READY, LATER, ENDED };

/* *ticket: what it waits for, if it has all its blocks. */
static enum readiness readiness(struct akt_isolate *iso, uint32_t *ticket)
{
    struct akt_tape *t = iso->tape;
    *ticket = UINT32_MAX;
    if (t->at >= t->end || AKT_WORD_KIND(*t->at) == AKT_W_END ||
        behind(t) > t->end)
        return ENDED;
    if (AKT_WORD_KIND(*t->at) == AKT_W_ARRIVE && !t->behind) {
        collect(iso);
        if (!take_arrivals(t, &t->behind))
            return LATER;
    }
    uint32_t first;
    if (!find_ticket(t, t->behind ? t->behind : behind(t), &first) ||
        first == akt_recording_ticket(t->rec))
        return READY;
    *ticket = first;
    return LATER;
}

/* ---- events ---- */

static void begin(struct akt_tape *t, uint32_t *next)
{
    t->at = next;
    t->rares = t->calls = 0;
    akt_tape = t;
}

/* The end of the program, which somebody outside has begun. */
static void note_exit(struct akt_node *node, const struct akt_msg *m)
{
    for (; m; m = m->next)
        if (m->type == AKT_MSG_STOP && akt_pid_eq(m->target, node->user))
            /* relaxed: there is one thread */
            atomic_store_explicit(&node->exiting, true, memory_order_relaxed);
}

static void arrive(struct akt_isolate *iso)
{
    struct akt_tape *t = iso->tape;
    uint32_t *next = t->behind;
    t->behind = NULL;
    note_exit(iso->node, t->arrived);
    begin(t, next);
    akt_isolate_drain(iso);
}

static void fire(struct akt_isolate *iso)
{
    struct akt_tape *t = iso->tape;
    uint64_t now_ns = t->at[1] | (uint64_t)t->at[2] << 32;
    if (now_ns > iso->node->world->now_ns)
        iso->node->world->now_ns = now_ns;
    begin(t, t->at + 3);
    akt_pending_fire(iso, now_ns);
}

static void step(struct akt_isolate *iso)
{
    struct akt_tape *t = iso->tape;
    akt_pid pid = akt_pid_make(AKT_PID_NODE_SELF, AKT_WORD_N(*t->at), 0);
    struct akt_actor *a = akt_actor_slot(iso->node->actors, pid);
    if (!a || atomic_load_explicit(&a->isolate, memory_order_relaxed) != iso) {
        akt_tape_fail(t, "an actor has its turn that is not there");
        return;
    }
    t->at++;
    akt_isolate_offer(iso, a);
    akt_isolate_visit(iso);
}

static void close_state(struct akt_isolate *iso)
{
    begin(iso->tape, iso->tape->at + 1);
    if (iso->host_data)
        iso->host->close(iso);
    iso->host_data = NULL;
}

static void run(struct akt_worker *w, struct akt_isolate *iso)
{
    struct akt_tape *t = iso->tape;
    iso->worker = w;
    switch (AKT_WORD_KIND(*t->at)) {
    case AKT_W_ARRIVE:
        arrive(iso);
        break;
    case AKT_W_FIRE:
        fire(iso);
        break;
    case AKT_W_STEP:
        step(iso);
        break;
    case AKT_W_CLOSE:
        close_state(iso);
        break;
    default:
        akt_tape_fail(t, "it did less than what was recorded");
    }
    akt_tape = NULL;
}

/* ---- which isolate ---- */

/* The one that ran last for as long as it can, then the next one. With
 * nobody ready, who waits for the first ticket: tickets of two turns that ran
 * at the same time may be mixed. */
static struct akt_isolate *pick(struct akt_node *node)
{
    struct akt_isolate *first = NULL;
    uint32_t lowest = UINT32_MAX, ticket;
    for (uint32_t k = 0; k < node->isolates_len; k++) {
        uint32_t i = (node->world->replay_at + k) % node->isolates_len;
        struct akt_isolate *iso = node->isolates[i];
        if (readiness(iso, &ticket) == READY) {
            node->world->replay_at = i;
            return iso;
        }
        if (ticket < lowest) {
            lowest = ticket;
            first = iso;
        }
    }
    return first;
}

/* Nobody can go on: those that would wait for blocks that nobody sends. */
static void find_stuck(struct akt_node *node)
{
    for (uint32_t i = 0; i < node->isolates_len; i++) {
        struct akt_tape *t = node->isolates[i]->tape;
        if (t->at < t->end && AKT_WORD_KIND(*t->at) != AKT_W_END) {
            akt_tape_fail(t, "it waits for a message that nobody sends");
            return;
        }
    }
}

bool akt_replay_step(struct akt_worker *w)
{
    struct akt_node *node = w->node;
    for (;;) {
        struct akt_isolate *iso = pick(node);
        if (!iso) {
            find_stuck(node);
            return false;
        }
        bool is_step = AKT_WORD_KIND(*iso->tape->at) == AKT_W_STEP;
        run(w, iso);
        if (akt_recording_fault(node->recording))
            return false;
        if (is_step)
            return true;
    }
}
