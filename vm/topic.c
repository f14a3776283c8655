/* SPDX-License-Identifier: MIT */
#include "vm/topic.h"

#include <pthread.h>
#include <string.h>

#include "vm/base/alloc.h"
#include "vm/tape.h"
#include "vm/base/hash.h"
#include "vm/metrics.h"
#include "vm/send.h"
#include "vm/trace.h"

#define NO_SLOT UINT32_MAX
#define CHAINS 32 /* isolates that are posted to at the same time */
#define BIG 4096  /* see vm/send.c */

struct slot {
    akt_pid pid;     /* none: free, and then */
    uint32_t lagged; /* ... the next free one; or copies it has missed */
};

struct topic {
    struct topic *next; /* of the same bucket */
    uint64_t hash;
    uint64_t id; /* never used again; its remainder is the shard */
    struct akt_topic_name name;
    struct slot *slots;
    uint32_t cap, used, free;
    struct akt_map by_pid; /* pid -> struct member */
    struct akt_topic_stats stats;
};

/* One actor in one list; on the list of all that the actor is in. */
struct member {
    struct topic *topic;
    uint32_t slot;
    struct member *next, *prev;
};

struct shard {
    pthread_mutex_t lock;
    struct topic **buckets;
    uint32_t cap, len; /* cap: a power of two */
    uint64_t ids;
    struct akt_map actors; /* pid -> struct member: the first of its list */
};

struct akt_topics {
    struct shard shards[AKT_TOPIC_SHARDS];
};

/* ---- shards and topics; all that takes a shard: under its lock ---- */

static uint64_t hash_of(const struct akt_topic_name *name)
{
    uint64_t h = akt_hash(AKT_HASH_INIT, name->name, name->len);
    h = (h ^ (uint64_t)name->space) * 0x9e3779b97f4a7c15u;
    return h ^ (h >> 32);
}

static struct shard *shard_of(struct akt_node *node, uint64_t hash)
{
    return &node->topics->shards[hash % AKT_TOPIC_SHARDS];
}

static struct shard *lock_shard(struct akt_node *node, uint64_t hash)
{
    struct shard *s = shard_of(node, hash);
    pthread_mutex_lock(&s->lock);
    akt_input_ticket();
    return s;
}

/* Where the pointer to the topic is, or would be. */
static struct topic **find(struct shard *s, const struct akt_topic_name *name,
                           uint64_t hash)
{
    struct topic **at = &s->buckets[(hash / AKT_TOPIC_SHARDS) & (s->cap - 1)];
    while (*at && ((*at)->hash != hash || (*at)->name.space != name->space ||
                   (*at)->name.len != name->len ||
                   memcmp((*at)->name.name, name->name, name->len) != 0))
        at = &(*at)->next;
    return at;
}

static void grow_buckets(struct shard *s)
{
    uint32_t cap = s->cap * 2;
    struct topic **buckets = akt_calloc(cap * sizeof(struct topic *));
    for (uint32_t i = 0; i < s->cap; i++) {
        struct topic *t = s->buckets[i];
        while (t) {
            struct topic *next = t->next;
            uint32_t to = (t->hash / AKT_TOPIC_SHARDS) & (cap - 1);
            t->next = buckets[to];
            buckets[to] = t;
            t = next;
        }
    }
    akt_free(s->buckets, s->cap * sizeof(struct topic *));
    s->buckets = buckets;
    s->cap = cap;
}

static struct topic *make(struct akt_node *node, struct shard *s,
                          const struct akt_topic_name *name, uint64_t hash)
{
    if (s->len >= s->cap)
        grow_buckets(s);
    struct topic *t = akt_calloc(sizeof *t);
    char *copy = akt_alloc(name->len + 1);
    memcpy(copy, name->name, name->len);
    copy[name->len] = 0;
    t->name = (struct akt_topic_name){name->space, copy, name->len};
    t->hash = hash;
    t->id = ++s->ids * AKT_TOPIC_SHARDS + (uint64_t)(s - node->topics->shards);
    t->free = NO_SLOT;
    *find(s, name, hash) = t;
    s->len++;
    return t;
}

static void free_topic(struct topic *t)
{
    akt_map_fini(&t->by_pid);
    akt_free(t->slots, t->cap * sizeof *t->slots);
    akt_free((char *)(uintptr_t)t->name.name, t->name.len + 1);
    akt_free(t, sizeof *t);
}

static uint32_t take_slot(struct topic *t)
{
    uint32_t i = t->free;
    if (i != NO_SLOT) {
        t->free = t->slots[i].lagged;
        return i;
    }
    if (t->used == t->cap) {
        uint32_t cap = t->cap ? t->cap * 2 : 4;
        t->slots = akt_resize(t->slots, t->cap * sizeof *t->slots,
                              cap * sizeof *t->slots);
        t->cap = cap;
    }
    return t->used++;
}

static struct member *member_of(const struct topic *t, akt_pid pid)
{
    uint64_t value = 0;
    akt_map_get(&t->by_pid, pid.bits, &value);
    return (struct member *)(uintptr_t)value;
}

static void add(struct shard *s, struct topic *t, akt_pid pid)
{
    struct member *m = akt_calloc(sizeof *m);
    uint64_t first = 0;
    akt_map_get(&s->actors, pid.bits, &first);
    m->topic = t;
    m->slot = take_slot(t);
    m->next = (struct member *)(uintptr_t)first;
    if (m->next)
        m->next->prev = m;
    t->slots[m->slot] = (struct slot){pid, 0};
    akt_map_put(&t->by_pid, pid.bits, (uintptr_t)m);
    akt_map_put(&s->actors, pid.bits, (uintptr_t)m);
    t->stats.members++;
}

/* The last one to leave takes the topic along. */
static void drop(struct shard *s, struct member *m, akt_pid pid)
{
    struct topic *t = m->topic;
    if (m->next)
        m->next->prev = m->prev;
    if (m->prev)
        m->prev->next = m->next;
    else if (m->next)
        akt_map_put(&s->actors, pid.bits, (uintptr_t)m->next);
    else
        akt_map_remove(&s->actors, pid.bits);
    akt_map_remove(&t->by_pid, pid.bits);
    t->slots[m->slot] = (struct slot){AKT_PID_NONE, t->free};
    t->free = m->slot;
    akt_free(m, sizeof *m);
    if (--t->stats.members > 0)
        return;
    *find(s, &t->name, t->hash) = t->next;
    s->len--;
    free_topic(t);
}

struct akt_topics *akt_topics_create(void)
{
    struct akt_topics *ts = akt_calloc(sizeof *ts);
    for (int i = 0; i < AKT_TOPIC_SHARDS; i++) {
        struct shard *s = &ts->shards[i];
        pthread_mutex_init(&s->lock, NULL);
        s->cap = 4;
        s->buckets = akt_calloc(s->cap * sizeof(struct topic *));
    }
    return ts;
}

static void free_shard(struct shard *s)
{
    uint32_t cursor = 0;
    struct akt_map_entry *e;
    while ((e = akt_map_next(&s->actors, &cursor))) {
        struct member *m = (struct member *)(uintptr_t)e->value;
        while (m) {
            struct member *next = m->next;
            akt_free(m, sizeof *m);
            m = next;
        }
    }
    for (uint32_t i = 0; i < s->cap; i++) {
        while (s->buckets[i]) {
            struct topic *t = s->buckets[i];
            s->buckets[i] = t->next;
            free_topic(t);
        }
    }
    akt_free(s->buckets, s->cap * sizeof(struct topic *));
    akt_map_fini(&s->actors);
    pthread_mutex_destroy(&s->lock);
}

void akt_topics_destroy(struct akt_topics *ts)
{
    for (int i = 0; i < AKT_TOPIC_SHARDS; i++)
        free_shard(&ts->shards[i]);
    akt_free(ts, sizeof *ts);
}

/* ---- joining and leaving ---- */

/* Under the lock, so that an end that sees `joined` finds the entry. */
static bool mark_joined(struct akt_node *node, akt_pid pid)
{
    struct akt_actor *a = akt_actor_slot(node->actors, pid);
    if (!a)
        return false;
    /* seq_cst, both: J1, with akt_life_begin_ending and leave_some */
    atomic_store_explicit(&a->joined, true, memory_order_seq_cst);
    return atomic_load_explicit(&a->pid, memory_order_seq_cst) == pid.bits;
}

enum akt_code akt_topic_join(struct akt_node *node,
                             const struct akt_topic_name *name, akt_pid pid,
                             bool *is_new)
{
    uint64_t hash = hash_of(name);
    struct shard *s = lock_shard(node, hash);
    bool alive = mark_joined(node, pid);
    if (alive) {
        struct topic *t = *find(s, name, hash);
        if (!t)
            t = make(node, s, name, hash);
        *is_new = !member_of(t, pid);
        if (*is_new)
            add(s, t, pid);
    }
    pthread_mutex_unlock(&s->lock);
    return alive ? AKT_OK : AKT_NOPROC;
}

bool akt_topic_leave(struct akt_node *node, const struct akt_topic_name *name,
                     akt_pid pid)
{
    uint64_t hash = hash_of(name);
    struct shard *s = lock_shard(node, hash);
    const struct topic *t = *find(s, name, hash);
    struct member *m = t ? member_of(t, pid) : NULL;
    if (m)
        drop(s, m, pid);
    pthread_mutex_unlock(&s->lock);
    return m != NULL;
}

bool akt_topic_leave_some(struct akt_node *node, struct akt_actor *a,
                          uint32_t *left)
{
    /* seq_cst: see mark_joined */
    if (!atomic_load_explicit(&a->joined, memory_order_seq_cst))
        return true;
    for (uint64_t i = 0; i < AKT_TOPIC_SHARDS; i++) {
        struct shard *s = lock_shard(node, i);
        uint64_t first = 0;
        while (*left && akt_map_get(&s->actors, a->self.bits, &first)) {
            drop(s, (struct member *)(uintptr_t)first, a->self);
            --*left;
        }
        pthread_mutex_unlock(&s->lock);
        if (!*left)
            return false;
    }
    /* relaxed: nobody joins for it any more, and it is set only once more */
    atomic_store_explicit(&a->joined, false, memory_order_relaxed);
    return true;
}

void akt_topic_stats(struct akt_node *node, const struct akt_topic_name *name,
                     struct akt_topic_stats *out)
{
    uint64_t hash = hash_of(name);
    struct shard *s = lock_shard(node, hash);
    const struct topic *t = *find(s, name, hash);
    *out = t ? t->stats : (struct akt_topic_stats){0};
    pthread_mutex_unlock(&s->lock);
}

/* ---- reading a list ---- */

struct chunk {
    uint32_t len;
    uint32_t slots[AKT_TOPIC_CHUNK];
    akt_pid pids[AKT_TOPIC_CHUNK];
};

/* Whoever joins behind `end` was not there when this began; without it one
 * that makes new members of each message would never come to the end. */
static bool enter(const struct topic *t, struct akt_topic_cursor *at)
{
    if (!at->topic) {
        at->topic = t->id;
        at->end = t->used;
        return true;
    }
    return at->topic == t->id; /* else all have left, and others come */
}

static void read_chunk(struct topic *t, struct akt_topic_cursor *at,
                       struct chunk *c)
{
    for (; at->next < at->end && c->len < AKT_TOPIC_CHUNK; at->next++) {
        if (akt_pid_is_none(t->slots[at->next].pid))
            continue;
        c->slots[c->len] = at->next;
        c->pids[c->len++] = t->slots[at->next].pid;
    }
}

/* True: there may be more. */
static bool next_chunk(struct akt_node *node, const struct akt_topic_name *name,
                       struct akt_topic_cursor *at, bool publishes,
                       struct chunk *c)
{
    uint64_t hash = hash_of(name);
    struct shard *s = lock_shard(node, hash);
    struct topic *t = *find(s, name, hash);
    bool first = !at->topic;
    c->len = 0;
    bool more = t && enter(t, at);
    if (more) {
        read_chunk(t, at, c);
        more = at->next < at->end;
        if (publishes) { /* what misses one is taken off again */
            t->stats.published += first;
            t->stats.delivered += c->len;
        }
    }
    pthread_mutex_unlock(&s->lock);
    return more;
}

uint32_t akt_topic_members(struct akt_node *node,
                           const struct akt_topic_name *name,
                           struct akt_topic_cursor *at,
                           akt_pid pids[AKT_TOPIC_CHUNK])
{
    struct chunk c;
    bool more = true;
    uint32_t n = 0;
    while (more && n == 0) {
        more = next_chunk(node, name, at, false, &c);
        for (uint32_t i = 0; i < c.len; i++)
            if (akt_actor_find(node->actors, c.pids[i]))
                pids[n++] = c.pids[i];
    }
    return n;
}

/* ---- those who miss something ---- */

enum miss { MISS_GONE, MISS_REFUSED, MISS_LAGGED };

/* Counts it; true: it is the first one that this actor misses. */
static bool miss(struct akt_node *node, const struct akt_publish *p,
                 uint32_t slot, akt_pid pid, enum miss why)
{
    uint64_t hash = hash_of(&p->name);
    struct shard *s = lock_shard(node, hash);
    struct topic *t = *find(s, &p->name, hash);
    bool first = false;
    if (t && t->id == p->at.topic) {
        t->stats.delivered--;
        t->stats.refused += why == MISS_REFUSED;
        t->stats.lagged += why == MISS_LAGGED;
        bool there = akt_pid_eq(t->slots[slot].pid, pid);
        first = there && why == MISS_LAGGED && t->slots[slot].lagged++ == 0;
    }
    pthread_mutex_unlock(&s->lock);
    return first;
}

static void lag(struct akt_isolate *iso, struct akt_publish *p, uint32_t slot,
                akt_pid pid)
{
    if (!miss(iso->node, p, slot, pid, MISS_LAGGED))
        return;
    struct akt_msg *m = p->note(p->ctx);
    m->flags |= AKT_MSG_LAGGED | AKT_MSG_LOOKED;
    m->target = pid;
    m->sender = iso->current->self;
    m->deadline_ns = p->at.topic; /* free until it is let in */
    akt_send_wait(iso, m);
}

static void store64(char *to, uint64_t n)
{
    for (int i = 8; i-- > 0; n >>= 8)
        to[i] = (char)n;
}

bool akt_topic_fill_note(struct akt_node *node, struct akt_msg *m)
{
    uint64_t id = m->deadline_ns, first = 0, n = 0;
    struct shard *s = lock_shard(node, id);
    akt_map_get(&s->actors, m->target.bits, &first);
    const struct member *mine = (struct member *)(uintptr_t)first;
    while (mine && mine->topic->id != id)
        mine = mine->next;
    if (mine) {
        struct slot *slot = &mine->topic->slots[mine->slot];
        n = slot->lagged;
        slot->lagged = 0;
    }
    pthread_mutex_unlock(&s->lock);
    m->deadline_ns = 0;
    /* relaxed: the time, exact to a tick; it gets old from here on */
    m->sent_tick = atomic_load_explicit(&node->tick, memory_order_relaxed);
    store64(m->body + AKT_TOPIC_LAG_AT, n);
    if (!n)
        akt_msg_free(m);
    return n != 0;
}

/* ---- publishing ---- */

/* Blocks for other isolates, one chain for each, so that each of them is
 * pushed to and woken once. */
struct chain {
    struct akt_isolate *to;
    struct akt_msg *newest, *oldest;
};

static void flush(struct chain *c)
{
    if (c->to)
        akt_post_chain(c->to, c->newest, c->oldest);
    *c = (struct chain){0};
}

static void put(struct chain *chains, struct akt_isolate *to, struct akt_msg *m)
{
    struct chain *c = &chains[to->index % CHAINS];
    if (c->to && c->to != to)
        flush(c);
    m->next = c->newest;
    c->newest = m;
    if (!c->to)
        c->oldest = m;
    c->to = to;
}

static struct akt_msg *copy_for(struct akt_isolate *iso,
                                const struct akt_publish *p, akt_pid to)
{
    const struct akt_actor *self = iso->current;
    struct akt_msg *m = akt_msg_new(AKT_MSG_USER, p->size);
    memcpy(m->body, p->body, p->size);
    m->target = to;
    m->sender = self->self;
    m->trace = self->current ? self->current->trace : self->self.bits;
    /* relaxed: the time, exact to a tick */
    m->sent_tick = atomic_load_explicit(&iso->node->tick, memory_order_relaxed);
    akt_metrics_stamp(iso->worker, m);
    if (akt_is_traced(self))
        akt_trace_note(iso->node, self, AKT_TRACE_OUT, m);
    return m;
}

static bool has_memory(struct akt_node *node, const struct akt_publish *p)
{
    if (p->size >= BIG)
        akt_sched_measure_memory(node);
    /* relaxed: a reading of the memory in use */
    return !atomic_load_explicit(&node->pressure, memory_order_relaxed);
}

static bool publish_to(struct akt_isolate *iso, struct akt_publish *p,
                       const struct chunk *c, uint32_t i, struct chain *chains)
{
    struct akt_actor *a = akt_actor_find(iso->node->actors, c->pids[i]);
    if (!a || (akt_send_looks(a) && !p->fits(p->ctx, a))) {
        miss(iso->node, p, c->slots[i], c->pids[i],
             a ? MISS_REFUSED : MISS_GONE);
        return false;
    }
    if (!akt_send_is_let_in(a) || !has_memory(iso->node, p)) {
        lag(iso, p, c->slots[i], c->pids[i]);
        return false;
    }
    struct akt_isolate *to = akt_send_prepare(iso, a, p->size);
    struct akt_msg *m = copy_for(iso, p, c->pids[i]);
    if (to == iso)
        akt_send_here(iso, a, m);
    else
        put(chains, to, m);
    return true;
}

bool akt_publish_some(struct akt_isolate *iso, struct akt_publish *p)
{
    struct chain chains[CHAINS] = {0};
    struct chunk c;
    bool more = next_chunk(iso->node, &p->name, &p->at, true, &c);
    uint32_t n = 0;
    for (uint32_t i = 0; i < c.len; i++)
        n += publish_to(iso, p, &c, i, chains);
    for (int i = 0; i < CHAINS; i++)
        flush(&chains[i]);
    akt_count_by(&iso->worker->stats.sent, n);
    p->delivered += n;
    return more;
}
