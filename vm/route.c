/* SPDX-License-Identifier: MIT */
#include "vm/route.h"

#include <assert.h>
#include <sched.h>
#include <string.h>

#include "vm/base/alloc.h"
#include "vm/tape.h"
#include "vm/life.h"
#include "vm/node.h"
#include "vm/send.h"

#define LOOK_AT_ALL 16 /* smallest mailbox of so many; of more: of two */
#define HASH_TRIES 64  /* to find one that is alive, for the same key */

struct list {
    uint32_t len;
    akt_pid pids[];
};

struct akt_route {
    struct akt_route_config config;
    uint64_t seed;
    struct list *_Atomic list; /* never NULL */
    /* written by all senders */
    _Alignas(64) _Atomic uint64_t ticket;
};

static struct list *new_list(const akt_pid *pids, uint32_t len)
{
    struct list *l = akt_alloc(sizeof *l + len * sizeof *pids);
    l->len = len;
    if (len)
        memcpy(l->pids, pids, len * sizeof *pids);
    return l;
}

static void free_list(struct list *l)
{
    akt_free(l, sizeof *l + l->len * sizeof *l->pids);
}

struct akt_route *akt_route_create(const struct akt_route_config *config,
                                   uint64_t seed)
{
    struct akt_route *r = akt_calloc(sizeof *r);
    r->config = *config;
    r->seed = seed;
    atomic_init(&r->list, new_list(NULL, 0));
    return r;
}

void akt_route_destroy(struct akt_route *r)
{
    if (!r)
        return;
    free_list(atomic_load_explicit(&r->list, memory_order_relaxed));
    akt_free(r, sizeof *r);
}

static struct akt_route *route_of(const struct akt_actor *a)
{
    /* seq_cst: like the list, it is looked at behind akt_route_enter */
    return atomic_load_explicit(&a->route, memory_order_seq_cst);
}

const struct akt_route_config *akt_route_of(const struct akt_actor *a)
{
    const struct akt_route *r = route_of(a);
    return r ? &r->config : NULL;
}

/* ---- choosing ---- */

/* The finalizer of splitmix64: of numbers in a row it makes random ones. */
static uint64_t mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

/* Uniform in [0, n) for a random x. */
static uint32_t below(uint64_t x, uint32_t n)
{
    return (uint32_t)((x >> 32) * n >> 32);
}

/* Jump consistent hash (Lamping, Veach): as even as can be, no memory, and
 * from n to n + 1 moves only the keys that the new one gets. */
static uint32_t jump(uint64_t key, uint32_t n)
{
    int64_t b = -1, j = 0;
    while (j < (int64_t)n) {
        b = j;
        key = key * 2862933555777941757u + 1;
        j = (int64_t)((double)(b + 1) *
                      ((double)(1ll << 31) / (double)((key >> 33) + 1)));
    }
    return (uint32_t)b;
}

/* Whether it takes messages now, or wakes for them: else one that is passivated
 * would never get another. One that starts again keeps what it gets, but others
 * are quicker. */
static bool is_up(const struct akt_actor *a)
{
    /* relaxed: a figure */
    switch (
        (enum akt_state)atomic_load_explicit(&a->shown, memory_order_relaxed)) {
    case AKT_A_NEW:
    case AKT_A_INIT:
    case AKT_A_POST:
    case AKT_A_RUNNING:
    case AKT_A_AWAY:
        return true;
    default:
        return false;
    }
}

/* What it has before it: a handler that waits is work, too. */
static uint32_t backlog(const struct akt_actor *a)
{
    /* relaxed: a figure */
    bool waits = atomic_load_explicit(&a->activity, memory_order_relaxed);
    return akt_actor_queued(a) + waits;
}

struct choice {
    struct akt_node *node;
    const struct list *list;
};

static struct akt_actor *alive(const struct choice *c, uint32_t i)
{
    return akt_actor_find(c->node->actors, c->list->pids[i]);
}

/* The first from `start` on that is up; else one that is alive; else len. */
static uint32_t next_up(const struct choice *c, uint32_t start)
{
    uint32_t n = c->list->len, found = n;
    for (uint32_t k = 0, i = start; k < n; k++, i = i + 1 == n ? 0 : i + 1) {
        const struct akt_actor *a = alive(c, i);
        if (a && is_up(a))
            return i;
        if (a && found == n)
            found = i;
    }
    return found;
}

static uint32_t less_loaded(const struct choice *c, uint32_t i, uint32_t j)
{
    uint32_t n = c->list->len;
    const struct akt_actor *a = i < n ? alive(c, i) : NULL;
    const struct akt_actor *b = j < n ? alive(c, j) : NULL;
    if (!a || !b)
        return a ? i : j;
    if (is_up(a) != is_up(b))
        return is_up(a) ? i : j;
    return backlog(b) < backlog(a) ? j : i;
}

/* Of equal ones the first from `start` on, so that they take turns. */
static uint32_t smallest(const struct choice *c, uint64_t ticket, uint64_t x)
{
    uint32_t n = c->list->len;
    if (n > LOOK_AT_ALL) {
        uint32_t i = less_loaded(c, below(x, n), below(mix(x), n));
        return next_up(c, i);
    }
    uint32_t best = n, i = (uint32_t)(ticket % n);
    for (uint32_t k = 0; k < n; k++, i = i + 1 == n ? 0 : i + 1)
        best = less_loaded(c, best, i);
    return best < n && alive(c, best) ? best : n;
}

/* A key stays with its routee while that one lives, also when it is about to
 * start again; and finds the same other one when it does not. */
static uint32_t hashed(const struct choice *c, uint64_t hash)
{
    for (int i = 0; i < HASH_TRIES; i++, hash = mix(hash)) {
        uint32_t at = jump(hash, c->list->len);
        if (alive(c, at))
            return at;
    }
    return next_up(c, 0);
}

static uint32_t choose(const struct choice *c, struct akt_route *r,
                       uint64_t hash)
{
    if (r->config.strategy == AKT_ROUTE_CONSISTENT_HASH)
        return hashed(c, mix(hash));
    /* relaxed: a number that nobody else gets, nothing hangs on it */
    uint64_t ticket =
        atomic_fetch_add_explicit(&r->ticket, 1, memory_order_relaxed);
    uint64_t x = mix(r->seed + ticket);
    if (r->config.strategy == AKT_ROUTE_ROUND_ROBIN)
        return next_up(c, (uint32_t)(ticket % c->list->len));
    if (r->config.strategy == AKT_ROUTE_SMALLEST_MAILBOX)
        return smallest(c, ticket, x);
    return next_up(c, below(x, c->list->len));
}

static bool picked(struct akt_actor *router, const struct choice *c, uint32_t i,
                   akt_pid *to)
{
    if (i < c->list->len) {
        *to = c->list->pids[i];
        return true;
    }
    *to = akt_actor_pid(router);
    return !is_up(router) ||
           atomic_load_explicit(&router->shown, memory_order_relaxed) !=
               AKT_A_RUNNING;
}

static bool pick(struct akt_node *node, struct akt_actor *router, uint64_t hash,
                 akt_pid *to)
{
    struct akt_route *r = route_of(router);
    /* seq_cst: see akt_route_enter */
    struct choice c = {node,
                       atomic_load_explicit(&r->list, memory_order_seq_cst)};
    uint32_t i = c.list->len ? choose(&c, r, hash) : 0;
    return picked(router, &c, i, to);
}

bool akt_route_pick(struct akt_node *node, struct akt_actor *router,
                    uint64_t hash, akt_pid *to)
{
    struct akt_tape *tape = akt_tape; /* how it was found is not on the tape */
    akt_tape = NULL;
    bool ok = pick(node, router, hash, to);
    akt_tape = tape;
    to->bits = akt_input(to->bits);
    return !akt_input_rare(!ok);
}

static uint32_t read_list(struct akt_node *node, const struct akt_actor *router,
                          uint32_t *cursor, akt_pid *pids, uint32_t max)
{
    struct choice c = {node, atomic_load_explicit(&route_of(router)->list,
                                                  memory_order_seq_cst)};
    uint32_t n = 0;
    for (; *cursor < c.list->len && n < max; ++*cursor)
        if (alive(&c, *cursor))
            pids[n++] = c.list->pids[*cursor];
    return n;
}

uint32_t akt_route_list(struct akt_node *node, const struct akt_actor *router,
                        uint32_t *cursor, akt_pid *pids, uint32_t max)
{
    struct akt_tape *tape = akt_tape; /* as above */
    akt_tape = NULL;
    uint32_t n = read_list(node, router, cursor, pids, max);
    akt_tape = tape;
    n = (uint32_t)akt_input(n);
    for (uint32_t i = 0; i < n && i < max; i++)
        pids[i].bits = akt_input(pids[i].bits);
    *cursor = (uint32_t)akt_input(*cursor);
    return n < max ? n : max;
}

/* ---- the router's side ---- */

/* All that were inside when this was called have left. */
static void wait_for_readers(struct akt_node *node)
{
    for (uint32_t i = 0; i < node->workers_len; i++) {
        _Atomic uint32_t *reading = &node->workers[i].reading;
        /* seq_cst: see akt_route_enter */
        uint32_t seen = atomic_load_explicit(reading, memory_order_seq_cst);
        while (seen & 1 &&
               atomic_load_explicit(reading, memory_order_acquire) == seen)
            sched_yield();
    }
}

void akt_route_set(struct akt_node *node, struct akt_actor *router,
                   const akt_pid *pids, uint32_t len)
{
    struct akt_route *r = route_of(router);
    /* seq_cst: see akt_route_enter */
    struct list *old = atomic_exchange_explicit(&r->list, new_list(pids, len),
                                                memory_order_seq_cst);
    wait_for_readers(node);
    free_list(old);
}

void akt_route_end(struct akt_node *node, struct akt_actor *router)
{
    struct akt_route *r =
        atomic_exchange_explicit(&router->route, NULL, memory_order_seq_cst);
    wait_for_readers(node);
    akt_route_destroy(r);
}

bool akt_route_retire(struct akt_isolate *iso, struct akt_actor *router,
                      akt_pid child)
{
    struct akt_actor *c = router->youngest;
    while (c && !akt_pid_eq(akt_actor_pid(c), child))
        c = c->older;
    if (!c)
        return false;
    if (c->child_state == AKT_C_PARKED) { /* it handles nothing any more */
        akt_supervise_stop_child(iso, router, c, akt_reason_of(AKT_SHUTDOWN));
        return true;
    }
    struct akt_msg *m =
        akt_msg_with_reason(AKT_MSG_STOP, akt_reason_of(AKT_SHUTDOWN));
    m->flags |= AKT_MSG_LAST;
    m->sender = router->self;
    m->target = child;
    akt_post(iso->node, iso, m);
    return true;
}
