/* SPDX-License-Identifier: MIT */
#include "vm/actor.h"

#include <assert.h>
#include <pthread.h>
#include <string.h>

#include "vm/base/alloc.h"
#include "vm/tape.h"
#include "vm/priorities.h"

/* A freed slot rests until this many others are free, so that a pid printed
 * a moment ago does not name another actor's slot; over that first in, first
 * out. */
#define REST 4096

/* While a slot is free its generation is kept where the next user needs it:
 * in `processed`, the slot number in `last_restart_ns`. */

struct akt_actor_table *akt_actor_table_create(uint32_t max_actors)
{
    struct akt_actor_table *t = akt_calloc(sizeof *t);
    pthread_mutex_init(&t->lock, NULL);
    t->max = max_actors < AKT_PID_SLOT_MAX ? max_actors : AKT_PID_SLOT_MAX;
    t->used = 1; /* slot 0 stays empty: serial numbers begin at 1 */
    return t;
}

/* Records begin where a line of the cache does, if their size allows; the
 * block they are in is noted in front of them. */
#define LINE 64u
#define SLAB_BYTES (AKT_SLAB * sizeof(struct akt_actor) + LINE)

static struct akt_actor *new_slab(void)
{
    char *block = akt_calloc(SLAB_BYTES);
    uintptr_t past = (uintptr_t)block % LINE;
    char *slab = block + (LINE - past);
    memcpy(slab - sizeof block, &block, sizeof block);
    return (struct akt_actor *)(void *)slab;
}

static void free_slab(struct akt_actor *slab)
{
    char *block;
    if (!slab)
        return;
    memcpy(&block, (char *)slab - sizeof block, sizeof block);
    akt_free(block, SLAB_BYTES);
}

void akt_actor_table_destroy(struct akt_actor_table *t)
{
    for (uint32_t i = 0; i < AKT_SLABS; i++)
        free_slab(atomic_load_explicit(&t->slabs[i], memory_order_relaxed));
    akt_free(t->free, t->free_cap * sizeof *t->free);
    pthread_mutex_destroy(&t->lock);
    akt_free(t, sizeof *t);
}

static struct akt_actor *record(struct akt_actor_table *t, uint32_t slot)
{
    /* acquire: pairs with the release in fresh_slot, the slab is zeroed */
    struct akt_actor *slab =
        atomic_load_explicit(&t->slabs[slot / AKT_SLAB], memory_order_acquire);
    return slab ? &slab[slot % AKT_SLAB] : NULL;
}

/* The same of a slot that has been handed out. */
static struct akt_actor *record_of(struct akt_actor_table *t, uint32_t slot)
{
    /* relaxed: the slot came by way of the lock, and the slab before it */
    return &atomic_load_explicit(&t->slabs[slot / AKT_SLAB],
                                 memory_order_relaxed)[slot % AKT_SLAB];
}

static void need_slab(struct akt_actor_table *t, uint32_t slot)
{
    if (record(t, slot))
        return;
    struct akt_actor *slab = new_slab();
    /* release: pairs with the acquire in record */
    atomic_store_explicit(&t->slabs[slot / AKT_SLAB], slab,
                          memory_order_release);
}

static uint32_t fresh_slot(struct akt_actor_table *t)
{
    uint32_t slot = t->used++;
    need_slab(t, slot);
    return slot;
}

static uint32_t reused_slot(struct akt_actor_table *t)
{
    uint32_t slot = t->free[t->free_head];
    t->free_head = (t->free_head + 1) % t->free_cap;
    t->free_len--;
    return slot;
}

static bool take_slot(struct akt_actor_table *t, uint32_t *slot)
{
    bool ok = true;
    pthread_mutex_lock(&t->lock);
    /* relaxed: all who change the count hold the lock */
    if (atomic_load_explicit(&t->count, memory_order_relaxed) >= t->max)
        ok = false;
    else if (t->free_len > REST)
        *slot = reused_slot(t);
    else if (t->used <= AKT_PID_SLOT_MAX)
        *slot = fresh_slot(t);
    else if (t->free_len)
        *slot = reused_slot(t);
    else
        ok = false;
    if (ok)
        atomic_fetch_add_explicit(&t->count, 1, memory_order_relaxed);
    pthread_mutex_unlock(&t->lock);
    return ok;
}

/* In a replay: the pid it was, whoever has had the slot. */
static struct akt_actor *alloc_replayed(struct akt_actor_table *t, akt_pid *pid)
{
    pid->bits = akt_tape_value(akt_tape, 0);
    uint32_t slot = akt_pid_slot(*pid);
    if (slot == 0 || akt_pid_node(*pid) != AKT_PID_NODE_SELF)
        return NULL;
    if (t->used <= slot)
        t->used = slot + 1;
    need_slab(t, slot);
    struct akt_actor *a = record_of(t, slot);
    if (!akt_pid_is_none(akt_actor_pid(a))) {
        akt_tape_fail(akt_tape, "a pid is given that is in use");
        return NULL;
    }
    /* relaxed: there is one thread */
    atomic_store_explicit(&a->processed, 0, memory_order_relaxed);
    atomic_fetch_add_explicit(&t->count, 1, memory_order_relaxed);
    return a;
}

struct akt_actor *akt_actor_alloc(struct akt_actor_table *t, akt_pid *pid)
{
    uint32_t slot;
    if (akt_tape && akt_tape->replays)
        return alloc_replayed(t, pid);
    if (!take_slot(t, &slot)) {
        akt_input(0);
        return NULL;
    }
    struct akt_actor *a = record_of(t, slot);
    /* relaxed: the slot came by way of the lock */
    uint32_t generation =
        (uint32_t)atomic_load_explicit(&a->processed, memory_order_relaxed);
    atomic_store_explicit(&a->processed, 0, memory_order_relaxed);
    *pid = akt_pid_make(AKT_PID_NODE_SELF, slot, generation);
    akt_input(pid->bits);
    return a;
}

static void push_free(struct akt_actor_table *t, uint32_t slot)
{
    if (t->free_len == t->free_cap) {
        uint32_t cap = t->free_cap ? t->free_cap * 2 : 1024;
        uint32_t *ring = akt_alloc(cap * sizeof *ring);
        for (uint32_t i = 0; i < t->free_len; i++)
            ring[i] = t->free[(t->free_head + i) % t->free_cap];
        akt_free(t->free, t->free_cap * sizeof *t->free);
        t->free = ring;
        t->free_cap = cap;
        t->free_head = 0;
    }
    t->free[(t->free_head + t->free_len++) % t->free_cap] = slot;
}

void akt_actor_free(struct akt_actor_table *t, struct akt_actor *a, akt_pid pid)
{
    uint32_t generation = akt_pid_generation(pid);
    /* the atomics read by any thread keep their place; the rest is zeroed */
    assert(akt_actor_pid(a).bits == 0);
    size_t from = offsetof(struct akt_actor, next_ready);
    memset((char *)a + from, 0, offsetof(struct akt_actor, subscribed) - from);
    /* relaxed: nobody reaches the record by a valid pid now */
    atomic_store_explicit(&a->load_here, 0, memory_order_relaxed);
    atomic_store_explicit(&a->edge, 0, memory_order_relaxed);
    atomic_store_explicit(&a->cpu_us, 0, memory_order_relaxed);
    atomic_store_explicit(&a->full_noted, false, memory_order_relaxed);
    atomic_store_explicit(&a->restarts, 0, memory_order_relaxed);
    atomic_store_explicit(&a->activity, AKT_IDLE, memory_order_relaxed);
    atomic_store_explicit(&a->joined, false, memory_order_relaxed);
    atomic_store_explicit(&a->idle_ms, 0, memory_order_relaxed);
    atomic_store_explicit(&a->health, 0, memory_order_relaxed);
    atomic_store_explicit(&a->traced, false, memory_order_relaxed);
    atomic_store_explicit(&a->subscribed, false, memory_order_relaxed);
    atomic_store_explicit(&a->held_back, false, memory_order_relaxed);
    atomic_store_explicit(&a->processed, generation + 1, memory_order_relaxed);
    pthread_mutex_lock(&t->lock);
    atomic_fetch_sub_explicit(&t->count, 1, memory_order_relaxed);
    if (generation < AKT_PID_GENERATION_MAX) /* else the slot is retired */
        push_free(t, akt_pid_slot(pid));
    pthread_mutex_unlock(&t->lock);
}

bool akt_actor_was(const struct akt_actor *a, akt_pid pid)
{
    if (!a || !akt_pid_is_none(akt_actor_pid(a)))
        return false;
    /* until its parent frees the slot, and from then on */
    return akt_pid_eq(a->self, pid) ||
           atomic_load_explicit(&a->processed, memory_order_relaxed) ==
               akt_pid_generation(pid) + 1;
}

uint32_t akt_actor_count(struct akt_actor_table *t)
{
    /* relaxed: a figure */
    return atomic_load_explicit(&t->count, memory_order_relaxed);
}

uint32_t akt_actor_slots(struct akt_actor_table *t)
{
    pthread_mutex_lock(&t->lock);
    uint32_t used = t->used;
    pthread_mutex_unlock(&t->lock);
    return used;
}

struct akt_actor_ext *akt_actor_ext(struct akt_actor *a)
{
    if (!a->ext)
        a->ext = akt_calloc(sizeof *a->ext);
    return a->ext;
}

const char *akt_class_name(const struct akt_actor *a)
{
    static const char *const names[] = {"normal", "high", "low", "deadline"};
    return names[a->class];
}

uint64_t akt_mailbox_pack(const struct akt_mailbox_policy *p)
{
    return (uint64_t)p->max << 32 | (uint64_t)(p->max_kb & 0x3fffffff) << 2 |
           p->full;
}

void akt_mailbox_unpack(uint64_t limit, struct akt_mailbox_policy *p)
{
    p->max = (uint32_t)(limit >> 32);
    p->max_kb = (uint32_t)(limit >> 2) & 0x3fffffff;
    p->full = (enum akt_full)(limit & 3);
}

const struct akt_supervise *akt_actor_supervise(const struct akt_actor *a)
{
    if (a->spec && a->spec->own_supervise)
        return &a->spec->supervise;
    return &akt_actor_kind(a)->supervise;
}

bool akt_mailbox_rules_same(const struct akt_mailbox_rules *a,
                            const struct akt_mailbox_rules *b)
{
    return akt_priorities_same(a->tags, b->tags) &&
           a->by_function == b->by_function && a->fair == b->fair &&
           a->ttl_ms == b->ttl_ms && a->signal == b->signal;
}

const struct akt_mailbox_rules *akt_actor_rules(const struct akt_actor *a)
{
    if (a->spec && a->spec->own_mailbox)
        return &a->spec->rules;
    return &akt_actor_kind(a)->rules;
}

const struct akt_passivate *akt_actor_passivate(const struct akt_actor *a)
{
    if (a->spec && a->spec->own_passivate)
        return &a->spec->passivate;
    return &akt_actor_kind(a)->passivate;
}

struct akt_args *akt_args_new(const char *bytes, uint32_t len)
{
    struct akt_args *args = akt_alloc(sizeof *args + len);
    args->len = len;
    if (len)
        memcpy(args->bytes, bytes, len);
    return args;
}

void akt_args_free(struct akt_args *args)
{
    if (args)
        akt_free(args, sizeof *args + args->len);
}

#define NEAR_MAX 7 /* bytes in the word itself */

struct akt_start_args akt_start_args_of(const char *bytes, uint32_t len)
{
    uint64_t word = 2 * len + 1;
    if (len > NEAR_MAX)
        return (struct akt_start_args){(uintptr_t)akt_args_new(bytes, len)};
    for (uint32_t i = 0; i < len; i++)
        word |= (uint64_t)(unsigned char)bytes[i] << (8 * (i + 1));
    return (struct akt_start_args){word};
}

const char *akt_start_args_bytes(struct akt_start_args args, char near[8],
                                 uint32_t *len)
{
    const struct akt_args *far = (struct akt_args *)(uintptr_t)args.word;
    *len = 0;
    if (args.word && !(args.word & 1)) {
        *len = far->len;
        return far->bytes;
    }
    *len = (uint32_t)(args.word & 0xff) / 2;
    for (uint32_t i = 0; i < *len; i++)
        near[i] = (char)(args.word >> (8 * (i + 1)));
    return near;
}

void akt_start_args_free(struct akt_start_args *args)
{
    if (!(args->word & 1))
        akt_args_free((struct akt_args *)(uintptr_t)args->word);
    args->word = 0;
}

struct akt_spec *akt_spec_new(void)
{
    struct akt_spec *s = akt_calloc(sizeof *s);
    s->shutdown_ms = AKT_SHUTDOWN_MS;
    s->init = (struct akt_init)AKT_INIT_DEFAULT;
    return s;
}
